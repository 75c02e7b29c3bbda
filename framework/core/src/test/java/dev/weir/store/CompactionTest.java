package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompactionTest {
  private static final FileLayout IN_ORDER = FileLayout.inOrder(40, 1_000_000, 10);
  private static final FileLayout SORTED = new FileLayout(40, 1_000_000, 10, "key");
  private static final TableDefinition DEFINITION =
      new TableDefinition(
          List.of(
              Column.required("number", ColumnType.LONG, "Which row."),
              Column.required("key", ColumnType.LONG, "What is looked for."),
              Column.required("text", ColumnType.STRING, "Something."),
              Column.optional("at", ColumnType.TIMESTAMP, "When.")),
          Map.of("delta.appendOnly", "true", "delta.checkpointInterval", "30"));

  private final Path folder;
  private final Home home;
  private final DeltaTable table;

  CompactionTest(@TempDir Path temporary) {
    // A name that is not the same as its URI.
    this.folder = temporary.resolve("a home, schön");
    this.home = Home.open(folder);
    this.table = home.table("t");
    table.create(DEFINITION);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static List<Object> row(long number) {
    // Spread over all numbers, below zero too.
    long key = number * 0x9E3779B97F4A7C15L;
    return List.of(number, key, "row " + number, Instant.ofEpochSecond(number));
  }

  private void append(long from, long upTo) {
    for (long number = from; number < upTo; number++) {
      table.append(List.of(row(number)));
    }
  }

  private List<Long> numbers() {
    return numbers(home.table("t").latest().rows());
  }

  private static List<Long> numbers(List<Row> rows) {
    return rows.stream().map(row -> row.number("number")).sorted().toList();
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  private int files() {
    return home.table("t").latest().files(List.of()).count();
  }

  @Test
  void smallFilesBecomeLargeOnesOfTheSameRowsInTheSameOrder() {
    append(0, 130);
    TableSnapshot before = table.latest();
    List<Row> rows = before.rows();

    int commits = table.compact(IN_ORDER, true, () -> false);

    TableSnapshot after = home.table("t").latest();
    assertThat(commits).isGreaterThanOrEqualTo(3);
    assertThat(files()).isBetween(3, 13);
    assertThat(after.rows()).containsExactlyInAnyOrderElementsOf(rows);
    // Whoever reads from the newest back finds what was committed last.
    Iterator<List<Row>> newest = after.newestFirst(List.of("number"), List.of());
    long last = Long.MAX_VALUE;
    while (newest.hasNext()) {
      List<Long> found = numbers(newest.next());
      assertThat(found.get(found.size() - 1)).isLessThan(last);
      last = found.get(0);
    }
    assertThat(numbers(after.newest(List.of("number"), List.of(), 5))).contains(129L, 125L);
    // What was open before still reads, and so does each version.
    assertThat(before.rows()).containsExactlyInAnyOrderElementsOf(rows);
    assertThat(numbers(table.at(70).rows())).isEqualTo(upTo(70));
    // Commit by commit: each row once, none in the commits that only move rows.
    List<Long> committed = new ArrayList<>();
    for (CommittedRows commit : table.rowsBetween(0, after.version(), List.of("number"))) {
      assertThat(commit.rows()).hasSizeLessThanOrEqualTo(1);
      committed.addAll(numbers(commit.rows()));
    }
    assertThat(committed).isEqualTo(upTo(130));
    assertThat(table.log().commits(130, after.version())).hasSize(commits);
    assertThat(table.log().commits(130, after.version()))
        .noneMatch(CommitEntry::dataChange)
        .allMatch(entry -> entry.transactionVersion(DeltaTable.COMPACTION).isPresent());
    // Of so few there is nothing to put together.
    assertThat(table.compact(IN_ORDER, true, () -> false)).isZero();
    append(130, 135);
    assertThat(numbers()).isEqualTo(upTo(135));
  }

  @Test
  void sortedFilesAreFoundByTheirValues() {
    for (int from = 0; from < 1200; from += 10) {
      table.append(LongStream.range(from, from + 10L).mapToObj(CompactionTest::row).toList());
      if (from % 100 == 90) {
        table.compact(SORTED, false, () -> false);
      }
    }
    table.compact(SORTED, false, () -> false);

    TableFiles files = home.table("t").latest().files(List.of("number", "key"));
    assertThat(numbers(files.rows())).isEqualTo(upTo(1200));
    TreeSet<Long> wanted = new TreeSet<>(List.of((long) row(7).get(1), (long) row(977).get(1)));
    assertThat(numbers(files.rows("key", wanted, Long.class))).containsExactly(7L, 977L);
    for (long key : wanted) {
      // Of 30 files or more no more than the overlapping ones.
      assertThat(
              files.list().stream()
                  .filter(file -> file.mayHold("key", new TreeSet<>(List.of(key)), Long.class)))
          .hasSizeLessThanOrEqualTo(FileLayout.DEPTH + 10);
    }
    for (DataFile file : files.list()) {
      if (!SORTED.small(file)) {
        assertThat(files.all(file)).extracting(row -> row.number("key")).isSorted();
      }
    }
  }

  @Test
  void twoAtOnceAndAWriterLoseAndDoubleNothing() throws Exception {
    append(0, 60);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<Integer>> compactions = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      compactions.add(
          threads.submit(
              () -> {
                int commits = 0;
                try (Home own = Home.open(folder)) {
                  for (int again = 0; again < 6; again++) {
                    commits += own.table("t").compact(IN_ORDER, true, () -> false);
                  }
                }
                return commits;
              }));
    }
    // As the writer of events does, with a number for each commit.
    for (long number = 60; number < 120; number++) {
      table.append(List.of(row(number)), Optional.of(new TransactionId("w", number)));
    }
    int commits = 0;
    for (Future<Integer> compaction : compactions) {
      commits += compaction.get();
    }
    threads.shutdown();
    assertThat(commits).isPositive();
    assertThat(numbers()).isEqualTo(upTo(120));
    table.compact(IN_ORDER, true, () -> false);
    assertThat(numbers()).isEqualTo(upTo(120));
    assertThat(files()).isLessThan(20);
  }

  @Test
  void anAppendThatExpectsTheTableAsItWasIsRefused() {
    append(0, 20);
    TableSnapshot expected = table.latest();
    table.compact(IN_ORDER, false, () -> false);
    assertThatThrownBy(() -> table.append(expected, List.of(row(20)), new TransactionId("u", 1)))
        .isInstanceOf(ConflictException.class);
    assertThat(numbers()).isEqualTo(upTo(20));
  }

  @Test
  void whatIsLeftOverIsDeletedWhenNobodyCanReadItAnyMore() throws Exception {
    append(0, 60);
    long pinned = table.latestVersion();
    table.compact(IN_ORDER, true, () -> false);
    Path orphan = Files.writeString(folder.resolve("t/0-orphan.parquet"), "never committed");
    Instant now = Instant.now();
    Instant later = now.plus(Duration.ofDays(2));

    assertThat(table.sweep(List.of(), now)).isZero();
    assertThat(table.sweep(List.of(pinned), later)).isZero();
    assertThat(numbers(table.at(pinned).rows())).isEqualTo(upTo(60));

    assertThat(table.sweep(List.of(), later)).isGreaterThanOrEqualTo(60);
    assertThat(numbers()).isEqualTo(upTo(60));
    assertThat(orphan).exists();
    assertThatThrownBy(() -> table.rowsBetween(0, 5, List.of("number")))
        .hasMessageStartingWith("Commit 1 is no longer in ")
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("log-expired"));
    assertThat(table.sweep(List.of(), now.plus(Duration.ofDays(8)))).isEqualTo(1);
    assertThat(orphan).doesNotExist();
    assertThat(numbers()).isEqualTo(upTo(60));
  }

  @Test
  void stoppedItLeavesTheTableAsItWas() {
    append(0, 30);
    int[] asked = {0};
    assertThat(table.compact(SORTED, true, () -> ++asked[0] > 4)).isZero();
    assertThat(asked[0]).isGreaterThan(4);
    assertThat(numbers()).isEqualTo(upTo(30));
    assertThat(table.latestVersion()).isEqualTo(30);
  }

  @Test
  void stoppedOnceAllIsReadItCommitsThat() {
    append(0, 30);
    int[] asked = {0};
    assertThat(table.compact(IN_ORDER, true, () -> ++asked[0] > 1)).isEqualTo(1);
    assertThat(files()).isLessThan(10);
    assertThat(numbers()).isEqualTo(upTo(30));
  }

  /** Ends its process right before a file is put in its place. */
  public static final class Killer implements Consumer<String> {
    @Override
    public void accept(String file) {
      if (file.endsWith(System.getProperty("weir.test.at"))) {
        Runtime.getRuntime().halt(137);
      }
    }
  }

  /** Compacts in a process of its own. */
  public static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      try (Home own = Home.open(Path.of(arguments[0]))) {
        own.table("t").compact(IN_ORDER, true, () -> false);
      }
    }
  }

  @Test
  void killedAtAnyStepItLosesNothing() throws Exception {
    append(0, 45);
    home.close();
    // Before its first commit, before its checkpoint, and then not at all.
    long first = table.latestVersion() + 1;
    assertThat(killed("%020d.json".formatted(first))).isEqualTo(137);
    assertThat(table.latestVersion()).isEqualTo(first - 1);
    assertThat(numbers()).isEqualTo(upTo(45));
    assertThat(files()).isEqualTo(45);

    assertThat(killed(".checkpoint.parquet")).isEqualTo(137);
    assertThat(numbers()).isEqualTo(upTo(45));
    assertThat(files()).isLessThan(10);
    append(45, 60);
    assertThat(killed("none")).isZero();
    assertThat(numbers()).isEqualTo(upTo(60));

    // What the first one wrote is named by no commit, and goes in the end.
    assertThat(table.sweep(List.of(), Instant.now().plus(Duration.ofDays(8)))).isPositive();
    assertThat(numbers()).isEqualTo(upTo(60));
    try (Stream<Path> left = Files.list(folder.resolve("t"))) {
      assertThat(left.filter(file -> file.toString().endsWith(".parquet"))).hasSize(files());
    }
  }

  private int killed(String at) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dweir.steps=" + Killer.class.getName(),
            "-Dweir.test.at=" + at,
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            folder.toString()));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
