package dev.weir.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.session.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DatasetWriterTest {
  /** What {@link #held} waits for: rows run in this process. */
  private static volatile CountDownLatch release = new CountDownLatch(0);

  private static volatile CountDownLatch reached = new CountDownLatch(0);

  private final SparkSession spark = TestSpark.session().newSession();
  private final DatasetWriter writer = new DatasetWriter(spark);
  private final DatasetReader reader = new DatasetReader(spark);

  private final String table;

  DatasetWriterTest(@TempDir Path folder) {
    table = folder.resolve("credit/clean").toString();
  }

  private static WriteKey key(long token) {
    return WriteKey.of("credit", "validate", "into", token);
  }

  private static WriteOrigin origin(String run, int attempt) {
    return new WriteOrigin(run, "validate", attempt);
  }

  private Dataset<Row> numbers(long rows) {
    return spark.range(0, rows, 1, 2).selectExpr("id", "if(id % 3 = 0, null, id / 7) as part");
  }

  /** Rows whose first one waits until {@link #release} is counted down. */
  private Dataset<Row> held(long rows) {
    release = new CountDownLatch(1);
    reached = new CountDownLatch(1);
    UDF1<Long, Long> hold =
        id -> {
          reached.countDown();
          if (!release.await(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("nobody released the rows");
          }
          return id;
        };
    // One task, so that the other writer has a core.
    return numbers(rows)
        .coalesce(1)
        .withColumn("id", udf(hold, DataTypes.LongType).apply(col("id")));
  }

  private List<Long> commits() throws IOException {
    try (Stream<Path> log = Files.list(Path.of(table, "_delta_log"))) {
      return log.map(p -> p.getFileName().toString())
          .filter(n -> n.endsWith(".json"))
          .map(n -> Long.valueOf(n.replace(".json", "")))
          .sorted()
          .toList();
    }
  }

  private Row detail() {
    return spark.sql("describe detail delta.`" + table + "`").head();
  }

  @Test
  void makesTheTable() throws Exception {
    Written written = writer.write(numbers(100), table, key(1), origin("r1", 1));

    assertThat(written.version()).isZero();
    assertThat(written.rows()).isEqualTo(100);
    assertThat(written.adopted()).isFalse();
    assertThat(written.digest())
        .isEqualTo(ContentDigest.compute(numbers(100)).digest())
        .isEqualTo(ContentDigest.compute(reader.read(table, 0, written.tableId())).digest());
    assertThat(written.schema())
        .isEqualTo(spark.read().format("delta").load(table).schema().json());
    assertThat(commits()).containsExactly(0L);
    Row detail = detail();
    assertThat(detail.<String>getAs("id")).isEqualTo(written.tableId());
    assertThat(detail.getAs("properties").toString())
        .contains("delta.logRetentionDuration -> interval 3650 days")
        .contains("delta.deletedFileRetentionDuration -> interval 3650 days")
        .contains("delta.setTransactionRetentionDuration -> interval 30 days");
    String log = Files.readString(Path.of(table, "_delta_log", "00000000000000000000.json"));
    assertThat(log)
        .contains("\"appId\":\"weir/credit/validate/into\",\"version\":3")
        .contains("\\\"run\\\":\\\"r1\\\",\\\"stage\\\":\\\"validate\\\",\\\"attempt\\\":1");
  }

  @Test
  void replacesRowsAndSchema() {
    Written first = writer.write(numbers(10), table, key(1), origin("r1", 1));
    Dataset<Row> other = spark.sql("select 'a' as part, array(1, null) as extra, 2L as id");
    Written second = writer.write(other, table, key(2), origin("r2", 1));

    assertThat(second.version()).isEqualTo(1);
    assertThat(second.tableId()).isEqualTo(first.tableId());
    assertThat(second.digest())
        .isEqualTo(ContentDigest.compute(reader.read(table, 1, null)).digest());
    assertThat(reader.read(table, 1, first.tableId()).columns())
        .containsExactly("part", "extra", "id");
    assertThat(reader.read(table, 0, first.tableId()).count()).isEqualTo(10);
  }

  @Test
  void adoptsWhatTheSameKeyCommitted() throws Exception {
    Written first = writer.write(numbers(10), table, key(4), origin("r1", 1));
    writer.write(numbers(5), table, WriteKey.of("other", "stage", "into", 9), origin("o", 1));

    // As after a kill between the commit and the fact that names it: the next attempt has new rows.
    Written replay = writer.write(numbers(20), table, key(4), origin("r1", 2));

    assertThat(replay)
        .isEqualTo(new Written(0, first.tableId(), 10, first.digest(), first.schema(), true));
    assertThat(commits()).containsExactly(0L, 1L);
  }

  @Test
  void refusesAnOlderKey() throws Exception {
    writer.write(numbers(10), table, key(5), origin("r5", 1));

    assertThatThrownBy(() -> writer.write(numbers(20), table, key(4), origin("r4", 1)))
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo("fenced"))
        .hasMessage(
            "The table at %s refuses the write weir/credit/validate/into@9: version 0 of it is a newer write (number 11, run r5)."
                .formatted(table));
    assertThat(commits()).containsExactly(0L);
  }

  @Test
  void refusesTheSameKeyOfAnotherRun() {
    writer.write(numbers(10), table, key(5), origin("r5", 1));

    assertThatThrownBy(() -> writer.write(numbers(20), table, key(5), origin("r6", 1)))
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo("fenced"))
        .hasMessageContaining("is a write of another run with the same number (number 11, run r5)");
  }

  @Test
  void refusesAfterAFence() {
    writer.write(numbers(10), table, key(5), origin("r5", 1));
    // The fence of token 6: an empty commit.
    numbers(0)
        .write()
        .format("delta")
        .mode("append")
        .option("txnAppId", key(6).application())
        .option("txnVersion", 12)
        .save(table);

    assertThatThrownBy(() -> writer.write(numbers(20), table, key(5), origin("r5", 2)))
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo("fenced"))
        .hasMessageContaining("version 1 of it is a newer write (number 12)");
    assertThat(writer.write(numbers(20), table, key(6), origin("r6", 1)).version()).isEqualTo(2);
  }

  @Test
  void writesTheRowsThatItReplaces() {
    Written first = writer.write(numbers(10), table, key(1), origin("r1", 1));
    Dataset<Row> rows = reader.read(table, 0, first.tableId());
    Written second = writer.write(rows.filter("id < 4"), table, key(2), origin("r2", 1));

    assertThat(second.rows()).isEqualTo(4);
    assertThat(reader.read(table, 1, null).count()).isEqualTo(4);
  }

  @Test
  void writesNoRows() {
    List<Dataset<Row>> empty =
        List.of(
            numbers(0),
            numbers(10).filter("id < 0"),
            numbers(10).filter("false"),
            spark.createDataFrame(List.of(), numbers(1).schema()),
            numbers(10).groupBy("part").count().filter("count > 100"));
    String digest = ContentDigest.compute(numbers(0)).digest();
    for (int i = 0; i < empty.size(); i++) {
      Written written = writer.write(empty.get(i), table, key(i + 1), origin("r" + i, 1));
      assertThat(written.version()).isEqualTo(i);
      assertThat(written.rows()).isZero();
      if (i < 4) {
        assertThat(written.digest()).isEqualTo(digest);
      }
    }
  }

  @Test
  void observesWhatShufflesAndCachesWrite() {
    Dataset<Row> shuffled = numbers(1000).repartition(5, col("part")).groupBy("part").count();
    Dataset<Row> cached = numbers(50).cache();
    Dataset<Row> local = spark.createDataFrame(numbers(7).collectAsList(), numbers(7).schema());
    try {
      int token = 1;
      for (Dataset<Row> rows : List.of(shuffled, cached, cached.limit(3), local)) {
        Written written = writer.write(rows, table, key(token++), origin("r", 1));
        Dataset<Row> back = reader.read(table, written.version(), null);
        assertThat(new ContentDigest.Content(written.rows(), written.digest()))
            .isEqualTo(ContentDigest.compute(back));
      }
    } finally {
      cached.unpersist();
    }
  }

  @Test
  void refusesAFolderOfOtherThings() throws Exception {
    Files.createDirectories(Path.of(table));
    Files.writeString(Path.of(table, "loans.csv"), "id\n1\n");

    assertThatThrownBy(() -> writer.write(numbers(1), table, key(1), origin("r", 1)))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("not-a-delta-table"))
        .hasMessage(
            "%s is not a Delta table: it has no _delta_log, but loans.csv is there."
                .formatted(table));
    assertThat(Path.of(table, "_delta_log")).doesNotExist();
  }

  @Test
  void writesAfterAFirstWriteThatWasKilled() throws Exception {
    // What a killed writer leaves: files, and a log without a commit.
    Files.createDirectories(Path.of(table, "_delta_log"));
    Files.writeString(Path.of(table, "part-00000-killed.snappy.parquet"), "half a file");

    assertThat(writer.write(numbers(3), table, key(1), origin("r", 1)).version()).isZero();
    assertThat(reader.read(table, 0, null).count()).isEqualTo(3);
  }

  @Test
  void passesOnTheFailureOfTheRows() throws Exception {
    writer.write(numbers(3), table, key(1), origin("r", 1));
    Dataset<Row> failing =
        numbers(10).selectExpr("id", "if(id < 5, 0D, raise_error('bad row')) as part");

    assertThatThrownBy(() -> writer.write(failing, table, key(2), origin("r", 1)))
        .hasStackTraceContaining("bad row");
    assertThat(commits()).containsExactly(0L);
    assertThat(writer.write(numbers(4), table, key(2), origin("r", 2)).rows()).isEqualTo(4);
  }

  @Test
  void letsOneOfTwoWritersOfAKeyWin() throws Exception {
    for (int token = 1; token <= 3; token++) {
      WriteKey key = key(token);
      CountDownLatch start = new CountDownLatch(1);
      List<Callable<Written>> writers = new ArrayList<>();
      for (int attempt = 1; attempt <= 2; attempt++) {
        WriteOrigin origin = origin("r" + token, attempt);
        long rows = attempt * 10L;
        writers.add(
            () -> {
              start.await();
              return new DatasetWriter(spark.newSession())
                  .write(spark.newSession().range(rows).toDF(), table, key, origin);
            });
      }
      List<Written> results = together(writers, start);

      assertThat(results).extracting(Written::adopted).containsExactlyInAnyOrder(true, false);
      assertThat(results.get(0).version()).isEqualTo(results.get(1).version());
      assertThat(results.get(0).digest()).isEqualTo(results.get(1).digest());
      assertThat(commits()).hasSize(token);
    }
  }

  private static List<Written> together(List<Callable<Written>> writers, CountDownLatch start)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(writers.size());
    try {
      List<Future<Written>> futures = new ArrayList<>();
      for (Callable<Written> one : writers) {
        futures.add(threads.submit(one));
      }
      start.countDown();
      List<Written> results = new ArrayList<>();
      for (Future<Written> future : futures) {
        results.add(future.get(2, TimeUnit.MINUTES));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void adoptsInFlight() throws Exception {
    writer.write(numbers(3), table, key(1), origin("r1", 1));
    Written late =
        whileHeld(
            held(10),
            key(2),
            origin("r2", 1),
            () -> writer.write(numbers(5), table, key(2), origin("r2", 2)));

    assertThat(late.adopted()).isTrue();
    assertThat(late.rows()).isEqualTo(5);
    assertThat(commits()).containsExactly(0L, 1L);
  }

  @Test
  void isFencedInFlight() throws Exception {
    for (int round = 0; round < 2; round++) {
      // The first time there is no table yet: it is settled by who makes version 0.
      long token = 10L * round;
      assertThatThrownBy(
              () ->
                  whileHeld(
                      held(10),
                      key(token + 1),
                      origin("old", 1),
                      () -> writer.write(numbers(5), table, key(token + 2), origin("new", 1))))
          .isInstanceOfSatisfying(
              WeirException.class, e -> assertThat(e.code()).isEqualTo("fenced"))
          .hasMessageContaining("run new");
      assertThat(commits()).hasSize(round + 1);
    }
  }

  @Test
  void saysThatAnotherPipelineWrote() throws Exception {
    writer.write(numbers(3), table, key(1), origin("r1", 1));

    assertThatThrownBy(
            () ->
                whileHeld(
                    held(10),
                    key(2),
                    origin("r2", 1),
                    () ->
                        writer.write(
                            numbers(5),
                            table,
                            WriteKey.of("other", "s", "into", 1),
                            origin("o", 1))))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("concurrent-write");
              assertThat(e.kind()).isEqualTo(ErrorKind.TRANSIENT);
            })
        .hasMessageContaining("Another writer committed to the table at " + table);
    assertThat(writer.write(numbers(4), table, key(2), origin("r2", 2)).version()).isEqualTo(2);
  }

  /** Writes rows that wait, does something else meanwhile, and lets the first write go on. */
  private Written whileHeld(
      Dataset<Row> held, WriteKey key, WriteOrigin origin, Callable<?> meanwhile) throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<Written> first = threads.submit(() -> writer.write(held, table, key, origin));
      assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
      try {
        meanwhile.call();
      } finally {
        release.countDown();
      }
      return first.get(2, TimeUnit.MINUTES);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }
}
