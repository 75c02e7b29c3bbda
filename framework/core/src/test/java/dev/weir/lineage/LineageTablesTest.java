package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.artifact.ModelName;
import dev.weir.error.WeirException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.TableDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineageTablesTest {
  private final Path folder;
  private final Home home;
  private final Events events;

  LineageTablesTest(@TempDir Path folder) {
    this.folder = folder;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private void commit(List<List<Fact>> commits) {
    commits.forEach(facts -> events.table().append(Events.rows(facts)));
  }

  private static Map<LineageTable, List<String>> golden() {
    Map<LineageTable, List<String>> golden = new EnumMap<>(LineageTable.class);
    for (LineageTable table : LineageTable.values()) {
      golden.put(table, Golden.rows(table));
    }
    return golden;
  }

  private static Map<LineageTable, List<String>> made(
      LineageTables tables, LineageSnapshot snapshot) {
    Map<LineageTable, List<String>> made = new EnumMap<>(LineageTable.class);
    for (LineageTable table : LineageTable.values()) {
      made.put(table, Golden.text(tables.rows(table, snapshot, List.of())));
    }
    return made;
  }

  @Test
  void factsMakeTheGoldenRows() throws IOException {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    LineageSnapshot snapshot = tables.update();
    Map<LineageTable, List<String>> made = made(tables, snapshot);
    // What was made stands where a person can look at it, and copy it once it is found right.
    Path found = Files.createDirectories(Path.of("target/golden"));
    for (LineageTable table : LineageTable.values()) {
      Files.write(found.resolve(table.tableName() + ".jsonl"), made.get(table));
    }
    assertThat(made).isEqualTo(golden());
    assertThat(snapshot.eventsVersion()).isEqualTo(events.table().latestVersion());
    assertThat(tables.current()).contains(snapshot);
  }

  @Test
  void aTableOfAnOlderWeirIsMadeAnewWithTheColumnsOfNow() {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    tables.update();
    makeOlder(tables.table(LineageTable.MODELS));
    commit(List.of(List.of(new Fact.Heartbeat(Golden.commits().get(0).get(0).at(), "a", "r9"))));
    assertThat(made(tables, tables.update())).isEqualTo(golden());

    makeOlder(tables.table(LineageTable.MODELS));
    assertThat(made(tables, tables.rebuild())).isEqualTo(golden());
    assertThat(Published.of(home).model(ModelName.parse("credit.default"), 1))
        .get()
        .extracting(model -> model.written().content())
        .isEqualTo("c1");
  }

  private void makeOlder(DeltaTable models) {
    home.store().drop(models);
    TableDefinition now = LineageTable.MODELS.definition();
    models.create(
        new TableDefinition(
            now.columns().stream()
                .filter(column -> !column.name().equals("content_digest"))
                .toList(),
            now.properties()));
  }

  @Test
  void updatedCommitByCommitTheRowsAreTheSame() {
    LineageTables tables = LineageTables.of(events);
    tables.update();
    int upTo = 0;
    for (List<Fact> facts : Golden.commits()) {
      events.table().append(Events.rows(facts));
      if (upTo++ % 3 == 0) {
        LineageTables.of(events).update();
      }
    }
    LineageSnapshot snapshot = tables.update();
    assertThat(made(tables, snapshot)).isEqualTo(golden());
    assertThat(tables.update()).isEqualTo(snapshot);
  }

  @Test
  void aTableWithoutNewsGetsNoCommit() {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    LineageSnapshot before = tables.update();
    events
        .table()
        .append(
            Events.rows(
                List.of(new Fact.Heartbeat(Golden.commits().get(0).get(0).at(), "credit", "r5"))));
    LineageSnapshot after = tables.update();
    assertThat(after.eventsVersion()).isEqualTo(before.eventsVersion() + 1);
    assertThat(after.versions()).isEqualTo(before.versions());
  }

  @Test
  void anUpdateInterruptedBeforeAnyTableIsTakenUp() {
    List<List<Fact>> commits = Golden.commits();
    List<String> stops = new ArrayList<>();
    for (LineageTable table : LineageTable.values()) {
      stops.add(table.tableName());
    }
    stops.add("progress");
    int half = commits.size() / 2;
    commit(commits.subList(0, half));
    LineageTables.of(events).update();
    int next = half;
    for (String stop : stops) {
      if (next < commits.size()) {
        commit(commits.subList(next, next + 1));
        next++;
      }
      LineageTables interrupted =
          new LineageTables(
              events,
              table -> {
                if (table.equals(stop)) {
                  throw new IllegalStateException("stopped before " + stop);
                }
              });
      try {
        // A table without news is not committed to, and so not stopped at.
        interrupted.update();
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("stopped before " + stop);
      }
    }
    commit(commits.subList(next, commits.size()));
    LineageTables tables = LineageTables.of(events);
    assertThat(made(tables, tables.update())).isEqualTo(golden());
  }

  @Test
  void updatersAtOnceDoubleNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<List<Fact>> commits = Golden.commits();
    for (int from = 0; from < commits.size(); from += 5) {
      commit(commits.subList(from, Math.min(commits.size(), from + 5)));
      List<Future<LineageSnapshot>> updates = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        updates.add(threads.submit(() -> LineageTables.of(events).update()));
      }
      for (Future<LineageSnapshot> update : updates) {
        assertThat(update.get().eventsVersion()).isEqualTo(events.table().latestVersion());
      }
    }
    threads.shutdown();
    LineageTables tables = LineageTables.of(events);
    assertThat(made(tables, tables.update())).isEqualTo(golden());
  }

  @Test
  void updatersThatReadDifferentVersionsDoubleNothing() {
    List<List<Fact>> commits = Golden.commits();
    commit(commits.subList(0, 10));
    // The slow one has read ten commits when the fast one brings the tables up to all of them.
    Map<String, Boolean> overtaken = new ConcurrentHashMap<>();
    LineageTables fast = LineageTables.of(events);
    LineageTables slow =
        new LineageTables(
            events,
            table -> {
              synchronized (overtaken) {
                if (overtaken.putIfAbsent("once", true) == null) {
                  commit(commits.subList(10, commits.size()));
                  fast.update();
                }
              }
            });
    slow.update();
    assertThat(made(slow, slow.update())).isEqualTo(golden());
  }

  @Test
  void rebuiltTheRowsAreTheSame() {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    LineageSnapshot updated = tables.update();
    LineageSnapshot rebuilt = tables.rebuild();
    assertThat(made(tables, rebuilt)).isEqualTo(golden());
    assertThat(rebuilt.eventsVersion()).isGreaterThan(updated.eventsVersion());
    assertThat(tables.update()).isEqualTo(rebuilt);
    assertThat(LineageReader.open(events).runs(10).get(0).run()).isEqualTo("r9");
  }

  @Test
  void aRebuildInterruptedAnywhereLeavesWholeTables() {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    tables.update();
    for (String stop : List.of("runs", "edges", "checks", "progress")) {
      LineageTables interrupted =
          new LineageTables(
              events,
              table -> {
                if (table.equals(stop)) {
                  throw new IllegalStateException("stopped before " + stop);
                }
              });
      assertThatThrownBy(interrupted::rebuild).hasMessage("stopped before " + stop);
      assertThat(made(tables, tables.update())).isEqualTo(golden());
    }
    assertThat(made(tables, tables.rebuild())).isEqualTo(golden());
  }

  @Test
  void aTableThatWasDeletedIsMadeAgain() throws IOException {
    List<List<Fact>> commits = Golden.commits();
    commit(commits.subList(0, commits.size() - 1));
    LineageTables.of(events).update();
    delete(folder.resolve("lineage/metrics"));
    commit(commits.subList(commits.size() - 1, commits.size()));
    LineageTables tables = LineageTables.of(events);
    assertThat(made(tables, tables.update())).isEqualTo(golden());
  }

  @Test
  void aTableThatWasDeletedIsNamed() throws IOException {
    commit(Golden.commits());
    LineageTables.of(events).update();
    delete(folder.resolve("lineage/runs"));
    assertThatThrownBy(() -> LineageReader.open(events).runs(1))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("The table lineage.runs can't be read: There is no Delta table at")
        .satisfies(e -> assertThat(((WeirException) e).remedy()).endsWith("weir lineage rebuild."));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aTornTableIsNamedAndARebuildMendsIt() throws IOException {
    commit(Golden.commits());
    LineageTables tables = LineageTables.of(events);
    LineageSnapshot before = tables.update();
    Files.createFile(
        folder.resolve(
            "lineage/metrics/_delta_log/%020d.json"
                .formatted(before.version(LineageTable.METRICS) + 1)));
    commit(List.of(Golden.commits().get(0)));
    assertThatThrownBy(tables::update)
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("lineage/metrics/_delta_log")
        .hasMessageContaining("is empty");
    LineageTables again = LineageTables.of(events);
    assertThat(made(again, again.rebuild()).get(LineageTable.METRICS))
        .isEqualTo(Golden.rows(LineageTable.METRICS));
  }

  @Test
  void commitsGoneFromTheLogLeadToARebuild() throws IOException {
    commit(Golden.commits());
    try (Home other = Home.open(folder)) {
      // A checkpoint every hundred commits lets Delta drop what is older.
      Events longer = Events.open(other);
      while (longer.table().latestVersion() < 101) {
        longer.table().append(List.of());
      }
    }
    LineageTables tables = LineageTables.of(events);
    Path log = folder.resolve("lineage/events/_delta_log");
    assertThat(log.resolve("00000000000000000100.checkpoint.parquet")).exists();
    for (long version = 0; version < 50; version++) {
      Files.delete(log.resolve("%020d.json".formatted(version)));
    }
    assertThat(made(tables, tables.update())).isEqualTo(golden());
  }

  @Test
  void whatIsUnderWayIsLaidOver() {
    List<List<Fact>> commits = Golden.commits();
    // As it was before the last run, which was resumed, and before what was done and told outside
    // of
    // runs.
    int open = commits.size() - 17;
    commit(commits.subList(0, open - 2));
    LineageTables.of(events).update();
    commit(commits.subList(open - 2, open));

    LineageReader reader = LineageReader.open(events);

    assertThat(reader.runs(10))
        .extracting(RunView::run, RunView::state)
        .containsExactly(
            tuple("r5", RunState.RUNNING),
            tuple("r4", RunState.SUCCEEDED),
            tuple("r3", RunState.HALTED),
            tuple("r2", RunState.FAILED),
            tuple("r1", RunState.SUCCEEDED));
    assertThat(reader.runs(2)).hasSize(2);
    assertThat(reader.stages("r5"))
        .extracting(StageView::stage, StageView::state)
        .containsExactly(
            tuple("ingest", StageState.SUCCEEDED),
            tuple("validate", StageState.RUNNING),
            tuple("train", StageState.PENDING));
    assertThat(reader.stages("r2"))
        .extracting(StageView::attempt, StageView::state)
        .containsExactly(tuple(1, StageState.FAILED), tuple(2, StageState.FAILED));
    RunView failed = reader.run("r2").orElseThrow();
    assertThat(failed.error()).isNotNull();
    assertThat(failed.startedBy()).isEqualTo("ada");
    assertThat(reader.run("r9")).isEmpty();
    assertThat(Golden.text(reader.rows(LineageTable.METRICS, List.of(Filter.equal("run", "r5")))))
        .hasSize(1);
  }

  @Test
  void aRunThatWasResumedStandsAsItEndedLast() {
    commit(Golden.commits());
    for (int time = 0; time < 2; time++) {
      LineageReader reader = LineageReader.open(events);
      RunView run = reader.run("r9").orElseThrow();
      assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
      assertThat(reader.runs(1)).containsExactly(run);
      assertThat(reader.stages("r9"))
          .extracting(StageView::stage, StageView::attempt, StageView::state, StageView::reusedRun)
          .containsExactly(
              tuple("ingest", 0, StageState.REUSED, "r1"),
              tuple("validate", 1, StageState.FAILED, null),
              tuple("validate", 2, StageState.SUCCEEDED, null));
      assertThat(reader.lastRun("credit")).contains("r5");
      assertThat(reader.openRuns("credit")).containsExactly("r5");
      LineageTables.of(events).update();
    }
  }

  @Test
  void aHomeWithoutTablesIsReadFromItsEvents() {
    assertThat(LineageReader.open(events).runs(10)).isEmpty();
    commit(Golden.commits());
    LineageReader reader = LineageReader.open(events);
    assertThat(reader.runs(10)).hasSize(6);
    for (LineageTable table : LineageTable.values()) {
      assertThat(Golden.text(reader.rows(table, List.of()))).isEqualTo(Golden.rows(table));
    }
  }

  @Test
  void everyColumnHasAComment() {
    for (LineageTable table : LineageTable.values()) {
      assertThat(table.definition().columns())
          .allSatisfy(column -> assertThat(column.comment()).endsWith("."));
    }
  }

  @Test
  void aDamagedTableIsToBeMadeAnew() throws IOException {
    commit(Golden.commits());
    LineageTables.of(events).update();
    home.close();
    Path log = folder.resolve("lineage/stages/_delta_log");
    Path commit = log.resolve("00000000000000000001.json");
    Files.write(commit, Files.readAllLines(commit).subList(0, 2));
    commit(List.of(Golden.commits().get(0)));
    assertDamaged(
        () -> LineageTables.of(events).update(),
        "The table lineage.stages can't be read: The commit file ");
    assertThatThrownBy(() -> LineageReader.open(events).rows(LineageTable.STAGES, List.of()))
        .hasMessageContaining("00000000000000000001.json holds 1 of the 2 actions");

    // Without its newest commit the table looks whole, and as if it had been up to date.
    Files.delete(commit);
    Files.deleteIfExists(log.resolve("00000000000000000001.crc"));
    assertDamaged(
        () -> LineageTables.of(events).update(),
        "The table lineage.stages is at version 0, and lineage.progress knows version 1");
    LineageTables tables = LineageTables.of(events);
    assertThat(tables.rebuild().eventsVersion()).isEqualTo(events.table().latestVersion());
    assertThat(LineageReader.open(events).rows(LineageTable.STAGES, List.of())).isNotEmpty();
  }

  private static void assertDamaged(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .hasMessageStartingWith(message)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("lineage-damaged");
              assertThat(e.remedy()).endsWith("weir lineage rebuild.");
            });
  }

  @Test
  void eventsThatFellBehindTheTablesAreNotReadAsIfTheyWereAll() throws IOException {
    commit(Golden.commits());
    LineageTables.of(events).update();
    home.close();
    long last = events.table().latestVersion();
    Path log = folder.resolve("lineage/events/_delta_log");
    Files.delete(log.resolve("%020d.json".formatted(last)));
    Files.deleteIfExists(log.resolve("%020d.crc".formatted(last)));
    assertThatThrownBy(() -> LineageReader.open(events))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("lineage-ahead"))
        .hasMessageContaining("which is at version " + (last - 1));
  }
}
