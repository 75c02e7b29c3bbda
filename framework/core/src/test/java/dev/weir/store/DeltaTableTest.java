package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeltaTableTest {
  private static final TableDefinition ALL_TYPES =
      new TableDefinition(
          List.of(
              Column.required("id", ColumnType.LONG, "The key."),
              Column.optional("text", ColumnType.STRING, "A text."),
              Column.optional("count", ColumnType.INT, "A count."),
              Column.optional("share", ColumnType.DOUBLE, "A share."),
              Column.optional("good", ColumnType.BOOLEAN, "A verdict."),
              Column.optional("at", ColumnType.TIMESTAMP, "A moment."),
              Column.optional("bytes", ColumnType.BINARY, "Bytes.")),
          Map.of("delta.checkpointInterval", "5"));

  private static final TableDefinition NUMBERS =
      new TableDefinition(
          List.of(Column.required("n", ColumnType.LONG, "A number.")),
          Map.of("delta.checkpointInterval", "5"));

  private final Path folder;
  private final List<Store> stores = new CopyOnWriteArrayList<>();

  DeltaTableTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void close() {
    stores.forEach(Store::close);
  }

  /** A table as another process would open it. */
  private DeltaTable open(String name) {
    Store store = Store.local();
    stores.add(store);
    return store.table(folder.resolve(name));
  }

  private DeltaTable numbers() {
    DeltaTable table = open("a table");
    table.create(NUMBERS);
    return table;
  }

  private static List<List<Object>> rows(long... numbers) {
    return LongStream.of(numbers).mapToObj(n -> List.<Object>of(n)).toList();
  }

  private static List<Long> sorted(List<Row> rows) {
    return rows.stream().map(row -> row.number("n")).sorted().toList();
  }

  @Test
  void everyTypeComesBackAsItWasWritten() {
    DeltaTable table = open("types");
    assertThat(table.create(ALL_TYPES)).isTrue();
    assertThat(table.create(ALL_TYPES)).isFalse();
    Instant before1970 = Instant.parse("1969-12-31T23:59:59.123456Z");
    table.append(
        List.of(
            Arrays.asList(
                1L,
                "ü",
                2,
                0.5,
                true,
                Instant.parse("2026-01-02T03:04:05.000006Z"),
                new byte[] {1}),
            Arrays.asList(2L, null, null, null, null, before1970, null)));

    List<Row> found = table.latest().rows();

    assertThat(found).hasSize(2);
    assertThat(found.get(0).text("text")).isEqualTo("ü");
    assertThat(found.get(0).integer("count")).isEqualTo(2);
    assertThat(found.get(0).get("share")).isEqualTo(0.5);
    assertThat(found.get(0).get("good")).isEqualTo(true);
    assertThat(found.get(0).instant("at")).isEqualTo(Instant.parse("2026-01-02T03:04:05.000006Z"));
    assertThat((byte[]) found.get(0).get("bytes")).containsExactly(1);
    assertThat(found.get(1).values())
        .isEqualTo(Arrays.asList(2L, null, null, null, null, before1970, null));
  }

  @Test
  void aValueThatDoesNotFitItsColumnIsRefused() {
    DeltaTable table = numbers();
    assertThatThrownBy(() -> table.append(List.of(List.of("one"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Column n takes a Long, not the String one");
    assertThatThrownBy(() -> table.append(List.of(Arrays.asList((Object) null))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Column n has no value in [null]");
    assertThat(table.latestVersion()).isZero();
  }

  @Test
  void aTransactionIdIsTakenOnce() {
    DeltaTable table = numbers();
    DeltaTable other = open("a table");
    assertThat(table.append(rows(1), Optional.of(new TransactionId("key", 7)))).isEqualTo(1);
    for (long taken : new long[] {7, 6}) {
      assertThatThrownBy(() -> other.append(rows(2), Optional.of(new TransactionId("key", taken))))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("already committed key " + taken + " or later");
    }
    assertThat(other.append(List.of(), Optional.of(new TransactionId("key", 8)))).isEqualTo(2);
    assertThat(table.transactionVersion("key")).isEqualTo(OptionalLong.of(8));
    assertThat(table.transactionVersion("another")).isEmpty();
    assertThat(sorted(table.latest().rows())).containsExactly(1L);
  }

  @Test
  void ofManyThatTakeTheSameIdAtOnceOneWins() throws Exception {
    numbers();
    int writers = 4;
    for (long round = 0; round < 10; round++) {
      long id = round;
      CountDownLatch start = new CountDownLatch(1);
      ExecutorService threads = Executors.newFixedThreadPool(writers);
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        DeltaTable table = open("a table");
        results.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    table.append(rows(id), Optional.of(new TransactionId("key", id)));
                    return true;
                  } catch (ConflictException e) {
                    return false;
                  }
                }));
      }
      start.countDown();
      int winners = 0;
      for (Future<Boolean> result : results) {
        winners += result.get() ? 1 : 0;
      }
      threads.shutdown();
      assertThat(winners).isEqualTo(1);
    }
    assertThat(sorted(numbers().latest().rows()))
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void writersThatContendLoseNothing() throws Exception {
    numbers();
    int writers = 4;
    int each = 15;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<?>> results = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      long first = (long) writer * each;
      DeltaTable table = open("a table");
      results.add(
          threads.submit(
              () -> {
                for (long n = first; n < first + each; n++) {
                  table.append(rows(n));
                }
              }));
    }
    for (Future<?> result : results) {
      result.get();
    }
    threads.shutdown();
    assertThat(sorted(numbers().latest().rows()))
        .isEqualTo(LongStream.range(0, (long) writers * each).boxed().toList());
  }

  @Test
  void rowsAreReadByVersionByFilterAndByCommit() {
    DeltaTable table = numbers();
    for (long n = 1; n <= 12; n++) {
      table.append(rows(n));
    }
    assertThat(sorted(table.at(3).rows())).containsExactly(1L, 2L, 3L);
    TableSnapshot latest = table.latest();
    assertThat(sorted(latest.rows(List.of("n"), List.of(Filter.equal("n", 5L)))))
        .containsExactly(5L);
    assertThat(
            sorted(
                latest.rows(
                    List.of("n"), List.of(Filter.atLeast("n", 3L), Filter.atMost("n", 4L)))))
        .containsExactly(3L, 4L);
    assertThat(table.rowsBetween(10, 12, List.of("n")))
        .extracting(CommittedRows::version, commit -> sorted(commit.rows()))
        .containsExactly(tuple(11L, List.of(11L)), tuple(12L, List.of(12L)));
    assertThatThrownBy(() -> latest.rows(List.of("m"), List.of()))
        .isInstanceOf(WeirException.class)
        .hasMessageEndingWith("has no column m; did you mean 'n'?");
  }

  @Test
  void replacingIsOneCommitAndYieldsToAnother() {
    DeltaTable table = numbers();
    table.append(rows(1), Optional.of(new TransactionId("made", 1)));
    table.append(rows(2), Optional.of(new TransactionId("made", 2)));
    assertThatThrownBy(() -> table.replace(rows(9), new TransactionId("made", 2)))
        .isInstanceOf(ConflictException.class);
    assertThat(table.replace(rows(1, 2, 3), new TransactionId("made", 3))).isEqualTo(3);
    assertThat(sorted(table.latest().rows())).containsExactly(1L, 2L, 3L);
    assertThat(sorted(table.at(2).rows())).containsExactly(1L, 2L);
  }

  @Test
  void aCommitIsFoundAgainByItsTransaction() {
    DeltaTable table = numbers();
    for (long n = 1; n <= 7; n++) {
      table.append(rows(n), Optional.of(new TransactionId("key", n * 10)));
    }
    table.append(List.of(), Optional.of(new TransactionId("fence", 1)));
    assertThat(CommitLog.find(table, "key", 30)).isEqualTo(OptionalLong.of(3));
    assertThat(CommitLog.find(table, "key", 31)).isEmpty();
    List<CommitEntry> commits = table.log().commits(6, 8);
    assertThat(commits).extracting(CommitEntry::version).containsExactly(7L, 8L);
    assertThat(commits).extracting(CommitEntry::dataChange).containsExactly(true, false);
    assertThat(commits.get(1).transactionVersion("fence")).isEqualTo(OptionalLong.of(1));
    assertThat(commits.get(0).operation()).isEqualTo("WRITE");
    assertThatThrownBy(() -> table.log().commits(7, 9))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("Commit 9 is no longer in");
  }

  @Test
  void aCommitOfSparkIsFoundByItsMetadata() throws IOException {
    DeltaTable table = numbers();
    table.append(rows(1));
    Files.writeString(
        folder.resolve("a table/_delta_log/00000000000000000002.json"),
        """
        {"commitInfo":{"timestamp":1,"operation":"OPTIMIZE","operationParameters":{},"userMetadata":"run r1 stage s attempt 1","engineInfo":"Apache-Spark/4.1.0 Delta-Lake/4.4.0"}}
        {"txn":{"appId":"weir/credit/s/into","version":3,"lastUpdated":1}}
        {"add":{"path":"a%20b.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":false}}
        """);
    assertThat(table.log().findUserMetadata("run r1 stage s attempt 1")).hasValue(2);
    assertThat(table.log().findUserMetadata("run r2")).isEmpty();
    assertThat(CommitLog.find(table, "weir/credit/s/into", 3)).hasValue(2);
    CommitEntry entry = table.log().entry(2).orElseThrow();
    assertThat(entry.dataChange()).isFalse();
    assertThat(entry.operation()).isEqualTo("OPTIMIZE");
    assertThat(table.rowsBetween(1, 2, List.of("n")).get(0).rows()).isEmpty();
  }

  @Test
  void aFullDiskIsCalledThat() {
    WeirException error =
        StoreErrors.failed("append to x", new IOException("No space left on device"));
    assertThat(error.code()).isEqualTo("disk-full");
    assertThat(error)
        .hasMessage("Could not append to x: the disk is full (No space left on device).");
  }

  @Test
  void anAppendToATableAsItWasReadYieldsToAnyOther() {
    DeltaTable table = numbers();
    TableSnapshot read = table.latest();
    open("a table").append(rows(1), Optional.of(new TransactionId("made", 1)));
    assertThatThrownBy(() -> table.append(read, rows(2), new TransactionId("made", 2)))
        .isInstanceOf(ConflictException.class);
    assertThat(table.append(table.latest(), rows(2), new TransactionId("made", 2))).isEqualTo(2);
    assertThat(sorted(table.latest().rows())).containsExactly(1L, 2L);
  }

  @Test
  void anEmptyCommitFileIsNamedAndNotReadOver() throws Exception {
    DeltaTable table = numbers();
    table.append(rows(1));
    Path commit = folder.resolve("a table/_delta_log/00000000000000000002.json");
    Files.createFile(commit);
    DeltaTable reader = open("a table");
    assertThatThrownBy(reader::latest)
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("00000000000000000002.json is empty")
        .satisfies(
            e -> assertThat(((WeirException) e).remedy()).startsWith("Restore it from a backup."));
    assertThatThrownBy(() -> reader.append(rows(2))).hasMessageContaining("is empty");
  }

  @Test
  void aCommitFileThatBreaksOffIsNamed() throws Exception {
    DeltaTable table = numbers();
    table.append(rows(1));
    Path commit = folder.resolve("a table/_delta_log/00000000000000000001.json");
    String text = Files.readString(commit);
    Files.write(commit, text.substring(0, text.length() / 2).getBytes(StandardCharsets.UTF_8));
    DeltaTable reader = open("a table");
    assertThatThrownBy(() -> reader.latest().rows())
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("00000000000000000001.json breaks off in line")
        .satisfies(e -> assertThat(((WeirException) e).code()).isEqualTo("torn-commit"));
  }

  @Test
  void whatIsKeptOfATableGivesWayToWhatOthersDoToIt() throws Exception {
    DeltaTable table = numbers();
    table.append(rows(1));
    assertThat(table.latest().version()).isEqualTo(1);
    DeltaTable other = open("a table");
    other.append(rows(2));
    assertThat(sorted(table.latest().rows())).containsExactly(1L, 2L);
    String id = table.latest().tableId();
    other.store().drop(other);
    assertThat(table.find()).isEmpty();
    other.create(NUMBERS);
    other.append(rows(3));
    other.append(rows(4));
    assertThat(table.latest().version()).isEqualTo(2);
    assertThat(table.latest().tableId()).isNotEqualTo(id);
    assertThat(sorted(table.at(2).rows())).containsExactly(3L, 4L);
    Path newest = folder.resolve("a table/_delta_log/00000000000000000002.json");
    Files.write(newest, new byte[0]);
    assertThatThrownBy(table::latest).hasMessageContaining("00000000000000000002.json is empty");
    assertThatThrownBy(() -> table.at(2))
        .hasMessageContaining("00000000000000000002.json is empty");
    // What is wrong with a later version is nothing to an earlier one.
    assertThat(sorted(table.atNewest(1).rows())).containsExactly(3L);
  }

  @Test
  void aVersionThatWasTheNewestIsReadAsItWas() {
    DeltaTable table = numbers();
    table.append(rows(1));
    assertThat(sorted(table.atNewest(1).rows())).containsExactly(1L);
    open("a table").append(rows(2));
    assertThat(sorted(table.atNewest(1).rows())).containsExactly(1L);
    assertThat(table.atNewest(2).version()).isEqualTo(2);
    assertThatThrownBy(() -> table.atNewest(3)).hasMessageContaining("has no version 3");
  }

  @Test
  void aTableThatIsNotThereIsSaidToBeMissing() {
    DeltaTable table = open("none");
    assertThat(table.find()).isEmpty();
    assertThatThrownBy(table::latest)
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("There is no Delta table at file:");
    assertThat(CommitLog.find(table, "key", 1)).isEmpty();
  }
}
