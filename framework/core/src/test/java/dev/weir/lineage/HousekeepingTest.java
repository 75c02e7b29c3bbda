package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Home;
import dev.weir.store.Row;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A home in which many small runs have ended, each brought into the tables alone. */
final class HousekeepingTest {
  /** With what is said after it, enough commits for the events to be put in order. */
  private static final int RUNS = 45;

  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private final Path folder;
  private final Home home;
  private final Events events;

  HousekeepingTest(@TempDir Path folder) {
    this.folder = folder;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  private void runs(int runs, int signs) {
    for (int run = 0; run < runs; run++) {
      events.table().append(Events.rows(facts(run)));
      for (int sign = 0; sign < signs; sign++) {
        events.table().append(Events.rows(List.of(new Fact.Heartbeat(at(run), "p", "r" + run))));
      }
    }
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static Instant at(int run) {
    return AT.plusSeconds(run);
  }

  private static List<Fact> facts(int run) {
    String id = "r%03d".formatted(run);
    return List.of(
        new Fact.RunStarted(
            at(run),
            "p",
            id,
            run,
            "{}",
            Map.of("a", "1"),
            Map.of("user", "ada"),
            List.of("s"),
            Map.of(),
            Fact.Snapshot.NONE,
            Map.of(),
            Fact.Choice.ALL),
        new Fact.StageFinished(
            at(run),
            at(run),
            "p",
            id,
            "s",
            1,
            "T",
            StageState.SUCCEEDED,
            run == 0 ? List.of() : List.of(new Fact.Read("from", "dataset:d.x@" + (run - 1), "t")),
            List.of(new Fact.DatasetWritten("into", "dataset:d.x@" + run, "t", "p", 1, "d", "{}")),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null,
            null,
            null),
        new Fact.RunFinished(at(run), at(run), "p", id, RunState.SUCCEEDED, null));
  }

  private static Map<LineageTable, List<String>> rows(LineageReader reader) {
    Map<LineageTable, List<String>> rows = new EnumMap<>(LineageTable.class);
    for (LineageTable table : LineageTable.values()) {
      rows.put(table, Golden.text(reader.rows(table, List.of())));
    }
    return rows;
  }

  private int files(String path) {
    return home.table(path).latest().files(List.of()).count();
  }

  private static List<String> walk(LineageReader reader, int runs) {
    return Walk.of(
            reader,
            new Walk.Start("dataset:d.x@" + (runs - 1), null),
            Walk.Direction.UP,
            Integer.MAX_VALUE)
        .nodes()
        .stream()
        .map(Walk.Node::reference)
        .toList();
  }

  @Test
  void tidiedTablesSayTheSame() {
    runs(RUNS, 2);
    Map<LineageTable, List<String>> before = rows(LineageReader.open(events));
    List<Fact> facts = Events.all(events.table().latest());
    long version = events.table().latestVersion();
    List<CommittedFact> committed = events.between(0, version);
    RunWatch watch = RunWatch.of(events, "r044");
    assertThat(watch.news()).hasSize(3);

    assertThat(Housekeeping.tidy(events)).isPositive();

    assertThat(files(Events.PATH)).isLessThan(10);
    // Facts of one moment stand in no order.
    assertThat(Events.all(events.table().latest())).containsExactlyInAnyOrderElementsOf(facts);
    assertThat(rows(LineageReader.open(events))).isEqualTo(before);
    assertThat(walk(LineageReader.open(events), RUNS)).hasSize(RUNS);
    // Commit by commit, as who follows the events reads them: nothing twice.
    assertThat(events.between(0, version)).isEqualTo(committed);
    assertThat(events.between(version, events.table().latestVersion())).isEmpty();
    // And from the beginning again.
    LineageTables.of(events).rebuild();
    assertThat(rows(LineageReader.open(events))).isEqualTo(before);
  }

  @Test
  void whoKeepsTheTablesUpToDateHasThemTidiedInTheBackground() throws Exception {
    int few = 10;
    int all = few + 50;
    runs(few, 0);
    LineageTables tables = LineageTables.of(events);
    Map<LineageTable, List<String>> before = rows(LineageReader.open(events));
    tables.update();
    for (int more = few; more < all; more++) {
      events.table().append(Events.rows(facts(more)));
      tables.update();
    }
    // Once enough commits were made to each; what was pinned meanwhile still reads.
    for (int waited = 0; waited < 600 && !untidy(tables).isEmpty(); waited++) {
      Thread.sleep(50);
      LineageReader reader = LineageReader.open(events);
      assertThat(rows(reader).get(LineageTable.EDGES)).hasSize(all);
      // A try that an update came between is left for another time, as the next run is.
      events.table().append(List.of());
      tables.update();
    }
    assertThat(untidy(tables)).isEmpty();
    assertThat(files(LineageTable.REFERENCE_RUNS.path())).isLessThanOrEqualTo(40);
    assertThat(files(LineageTable.EDGES.path())).isLessThanOrEqualTo(40);
    assertThat(tables.progress().orElseThrow().tables().get("edges").tidied()).isPositive();
    assertThat(rows(LineageReader.open(events)).get(LineageTable.DATASETS))
        .containsAll(before.get(LineageTable.DATASETS))
        .hasSize(all);
    assertThat(walk(LineageReader.open(events), all)).hasSize(all);
  }

  @Test
  void aHomeOfWhichEveryProcessIsShortIsPutInOrderToo() {
    int runs = 60;
    for (int run = 0; run < runs; run++) {
      try (Home own = Home.open(folder)) {
        Events said = Events.open(own);
        said.table().append(Events.rows(facts(run)));
        LineageTables.of(said).update();
      }
    }
    for (LineageTable table : List.of(LineageTable.RUNS, LineageTable.STAGES, LineageTable.EDGES)) {
      assertThat(files(table.path())).as(table.tableName()).isLessThan(48);
      assertThat(LineageReader.open(events).rows(table, List.of())).hasSize(runs);
    }
  }

  private static List<String> untidy(LineageTables tables) {
    List<String> due = new ArrayList<>(Housekeeping.due(tables.progress().orElseThrow()));
    due.retainAll(List.of("edges", "reference_runs"));
    return due;
  }

  @Test
  void aRunUnderWayMissesNothing() {
    runs(RUNS, 2);
    Events other = Events.open(Home.open(folder));
    try (Lease lease = Lease.take(events, new LeaseRequest("live", "live"))) {
      Cancellation cancellation = Cancellation.of(events, lease, "live");
      CompletableFuture<Integer> tidied =
          CompletableFuture.supplyAsync(() -> Housekeeping.tidy(other));
      int said = 0;
      while (!tidied.isDone() || said < 30) {
        lease
            .log()
            .commit(List.of(new Fact.Heartbeat(AT.plusSeconds(1000 + said++), "live", "live")));
        assertThat(cancellation.heard()).isEmpty();
      }
      assertThat(tidied.join()).isPositive();
      Cancellation.ask(other, "live", "live", "enough");
      assertThat(cancellation.heard())
          .get()
          .extracting(Fact.CancelRequested::reason)
          .isEqualTo("enough");
      List<Fact> found = Events.ofRun(events.table().latest(), "live");
      assertThat(found.stream().filter(Fact.Heartbeat.class::isInstance)).hasSize(said);
      assertThat(files(Events.PATH)).isLessThan(said + 20);
    } finally {
      other.home().close();
    }
  }

  @Test
  void aHomeOfAnOlderWeirGetsTheTablesThatItLacks() {
    int runs = 5;
    runs(runs, 0);
    LineageTables tables = LineageTables.of(events);
    tables.update();
    Progress now = tables.progress().orElseThrow();
    Map<String, Progress.State> older = new java.util.TreeMap<>(now.tables());
    older.remove(LineageTable.REFERENCE_RUNS.tableName());
    home.store().drop(home.table(LineageTable.REFERENCE_RUNS.path()));
    events.table().append(List.of());
    long version = events.table().latestVersion();
    home.table(Progress.PATH)
        .append(
            List.of(new Progress(version, older, List.of()).row(AT)),
            Optional.of(new dev.weir.store.TransactionId(LineageTables.KEY, version)));

    assertThat(walk(LineageReader.open(events), runs)).hasSize(runs);
    List<Row> index =
        LineageReader.open(events).rows(LineageTable.REFERENCE_RUNS, new ArrayList<>());
    assertThat(index).hasSize(2 * runs - 1);
  }
}
