package dev.weir.vacuum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Period;
import dev.weir.config.Retention;
import dev.weir.data.ContentDigest;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.pin.Pin;
import dev.weir.pin.PinRelease;
import dev.weir.session.TestSpark;
import dev.weir.store.DeltaTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class VacuumTest {
  private static final String DATA = "t.data";
  private static final DatasetName NAME = DatasetName.parse(DATA);
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final String CHECK = "spark.databricks.delta.retentionDurationCheck.enabled";

  private final SparkSession spark = TestSpark.session();
  private final Path folder;
  private final PublishedHome home;
  private final Vacuum vacuum;

  VacuumTest(@TempDir Path temporary) throws IOException {
    this.folder = temporary.toRealPath().resolve("a home %41 ü");
    this.home = new PublishedHome(folder, spark);
    this.vacuum = new Vacuum(spark, home.home(), home.events(), Retention.DEFAULT);
  }

  @AfterEach
  void close() {
    home.close();
  }

  /** Rows from {@code first} on, in one file. */
  private Dataset<Row> rows(int first, int count) {
    return spark.range(first, first + count, 1, 1).toDF("id");
  }

  private VacuumPlan plan() {
    return vacuum.plan(List.of(NAME)).get(0);
  }

  private Set<String> names(VacuumPlan plan) {
    Set<String> names = new TreeSet<>();
    plan.files().forEach(file -> names.add(file.name()));
    return names;
  }

  /** The rows of lineage.deletions about deleted files, in order. */
  private List<dev.weir.store.Row> deletions() {
    List<dev.weir.store.Row> rows =
        new ArrayList<>(LineageReader.open(home.events()).rows(LineageTable.DELETIONS, List.of()));
    rows.removeIf(row -> !row.string("kind").equals("FILES_DELETED"));
    return rows;
  }

  @Test
  void whatNothingPinsGoesAndWhatIsPinnedStaysAsItWas() throws Exception {
    Map<String, String> vectors = Map.of("delta.enableDeletionVectors", "true");
    String partition = "element_at(array('a b', 'ü%', 'x/y:z'), cast(id % 3 as int) + 1) as p";
    home.write(DATA, rows(0, 40).selectExpr("id", partition).coalesce(1), vectors, "p");
    home.sql(DATA, "delete from T where id % 10 = 3");
    home.write(DATA, rows(100, 40).selectExpr("id", partition).coalesce(1), vectors, "p");
    home.sql(DATA, "delete from T where id % 10 = 4");
    home.write(DATA, rows(200, 40).selectExpr("id", partition).coalesce(1), vectors, "p");
    home.publish(DATA, 0, 1, 2, 3, 4);
    String model = home.train(DATA, 1);
    Map<Long, ContentDigest.Content> before = new java.util.TreeMap<>();
    for (long version : List.of(0L, 1L, 4L)) {
      before.put(version, home.content(DATA, version));
    }
    Set<String> all = home.files(DATA);
    assertThat(all).filteredOn(file -> file.startsWith("deletion_vector_")).hasSizeGreaterThan(1);

    // Nothing of it is a week old.
    assertThat(plan().files()).isEmpty();
    assertThat(plan().staying()).containsExactly(0L, 1L, 2L, 3L, 4L);
    home.age(DATA, 30);
    VacuumPlan plan = plan();

    assertThat(plan.left()).isNull();
    assertThat(plan.going()).containsExactly(2L, 3L);
    // What stays of version 1 is also all that version 0 is made of.
    assertThat(plan.staying()).containsExactly(0L, 1L, 4L);
    assertThat(plan.holders()).containsExactly(Pin.EVERYBODY, model);
    assertThat(names(plan)).hasSizeBetween(4, all.size() - 7);
    assertThat(home.files(DATA)).isEqualTo(all);
    assertThat(deletions()).isEmpty();

    var check = spark.conf().getOption(CHECK);
    Vacuum.Outcome outcome = vacuum.delete(plan, ADA, "no space");

    assertThat(outcome)
        .isEqualTo(
            new Vacuum.Outcome(
                NAME, List.of(2L, 3L), plan.files().size(), plan.bytes(), List.of()));
    Set<String> left = new TreeSet<>(all);
    left.removeAll(names(plan));
    assertThat(home.files(DATA)).isEqualTo(left);
    before.forEach(
        (version, content) -> assertThat(home.content(DATA, version)).isEqualTo(content));
    assertThat(home.whole(DATA, 2)).isFalse();
    assertThat(home.whole(DATA, 3)).isFalse();
    assertThat(spark.conf().getOption(CHECK)).isEqualTo(check);
    assertThat(spark.catalog().tableExists("weir_inventory")).isFalse();
    assertThat(deletions())
        .extracting(
            row -> row.text("gone_versions"),
            row -> row.get("file_count"),
            row -> row.get("bytes"),
            row -> row.text("done_by"),
            row -> row.text("reason"))
        .containsExactly(
            tuple("[2,3]", 0L, 0L, "ada", "no space"),
            tuple("[]", (long) plan.files().size(), plan.bytes(), "ada", "no space"));
    assertThat(plan().hasWork()).isFalse();
    assertThat(plan().staying()).containsExactly(0L, 1L, 4L);
    assertThat(vacuum.delete(plan, ADA, "again").files()).isZero();
    assertThat(deletions()).hasSize(2);

    // Once its pin is taken off, the rest goes as well.
    home.events()
        .append(
            List.of(
                PinRelease.of(
                    vacuum.pins(), DATA + "@1", model, ADA, "not needed", Instant.now())));
    VacuumPlan rest = plan();
    assertThat(rest.going()).containsExactly(0L, 1L);
    assertThat(rest.staying()).containsExactly(4L);
    assertThat(vacuum.delete(rest, ADA, "no space").kept()).isEmpty();
    assertThat(home.content(DATA, 4)).isEqualTo(before.get(4L));
    Set<String> needed = new TreeSet<>();
    DeltaTable table = home.table(DATA);
    table.at(4).neededFiles().forEach(file -> needed.add(file.path()));
    assertThat(home.files(DATA)).hasSameSizeAs(needed);
  }

  @Test
  void thePinnedPartOfAChangeFeedStaysReadable() throws Exception {
    Map<String, String> feed = Map.of("delta.enableChangeDataFeed", "true");
    home.write(DATA, rows(0, 10), feed);
    home.sql(DATA, "update T set id = id + 1000 where id % 5 = 1");
    home.sql(DATA, "delete from T where id % 5 = 2");
    home.write(DATA, rows(50, 10), feed);
    home.sql(DATA, "update T set id = id + 1000 where id % 5 = 1");
    home.write(DATA, rows(90, 10), feed);
    home.write(DATA, rows(110, 10), feed);
    home.publish(DATA, 0, 1, 2, 3, 4, 5, 6);
    home.train(DATA, 1);
    home.train(DATA, 2);
    home.train(DATA, 3);
    List<Row> changes = changes(1, 3);
    assertThat(changes).hasSizeGreaterThan(20);
    home.age(DATA, 30);

    VacuumPlan plan = plan();
    // Version 5 is what the latest one removed, version 0 what the first that is pinned did.
    assertThat(plan.going()).containsExactly(4L);
    assertThat(plan.staying()).containsExactly(0L, 1L, 2L, 3L, 5L, 6L);
    assertThat(names(plan)).anyMatch(file -> file.startsWith("_change_data/"));
    assertThat(vacuum.delete(plan, ADA, "no space").kept()).isEmpty();

    assertThat(changes(1, 3)).isEqualTo(changes);
    assertThatThrownBy(() -> changes(4, 4)).hasMessageContaining("does not exist");
  }

  private List<Row> changes(long from, long to) {
    return spark
        .read()
        .format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", from)
        .option("endingVersion", to)
        .load(home.path(DATA))
        .drop("_commit_timestamp")
        .orderBy("_commit_version", "_change_type", "id")
        .collectAsList();
  }

  /** Four versions, of which only the last is pinned, all old. */
  private void fourVersions() throws IOException {
    for (int version = 0; version < 4; version++) {
      home.write(DATA, rows(version * 10, 10).repartition(3), Map.of());
    }
    home.publish(DATA, 0, 1, 2, 3);
    home.age(DATA, 30);
  }

  @Test
  void aRunThatBeganMeanwhileIsRespected() throws Exception {
    fourVersions();
    VacuumPlan seen = plan();
    assertThat(seen.going()).containsExactly(0L, 1L, 2L);
    Fact.Snapshot reads =
        new Fact.Snapshot(Map.of(DATA + "@1", home.written(DATA, 1)), Map.of(), Map.of());
    Vacuum.Outcome outcome;
    try (Lease reader = Lease.take(home.events(), new LeaseRequest("reader", "reader1"))) {
      reader
          .log()
          .commit(List.of(PublishedHome.started("reader", "reader1", reader.token(), reads)));
      try (Lease maker = Lease.take(home.events(), new LeaseRequest("maker", "maker1"))) {
        maker
            .log()
            .commit(
                List.of(
                    PublishedHome.started(
                        "maker", "maker1", maker.token(), Fact.Snapshot.NONE, "dataset:" + DATA)));

        // It may use any version again.
        assertThat(vacuum.delete(seen, ADA, "no space"))
            .isEqualTo(new Vacuum.Outcome(NAME, List.of(), 0, 0, List.of()));
        assertThat(deletions()).isEmpty();
        maker.release(List.of(ended("maker", "maker1")));
      }
      // One that goes on saying things, all of which come between.
      AtomicBoolean over = new AtomicBoolean();
      Thread talks =
          new Thread(
              () -> {
                while (!over.get()) {
                  reader
                      .log()
                      .commit(List.of(new Fact.Heartbeat(Instant.now(), "reader", "reader1")));
                  try {
                    Thread.sleep(1500);
                  } catch (InterruptedException e) {
                    return;
                  }
                }
              });
      talks.start();
      try {
        outcome = vacuum.delete(seen, ADA, "no space");
      } finally {
        over.set(true);
        talks.join();
      }
      reader.release(List.of(ended("reader", "reader1")));
    }
    assertThat(outcome.gone()).containsExactly(0L, 2L);
    assertThat(outcome.kept()).isEmpty();
    assertThat(home.whole(DATA, 1)).isTrue();
    assertThat(home.whole(DATA, 0)).isFalse();
    assertThat(home.content(DATA, 1).rows()).isEqualTo(10);
    // It has ended, and nothing holds the version any more.
    assertThat(plan().going()).containsExactly(1L);
  }

  private static Fact ended(String pipeline, String run) {
    return new Fact.RunFinished(
        Instant.now(), Instant.now(), pipeline, run, dev.weir.lineage.RunState.SUCCEEDED, null);
  }

  @Test
  void killedInTheMiddleItIsFinishedByTheNext() throws Exception {
    fourVersions();
    String model = home.train(DATA, 1);
    ContentDigest.Content pinned = home.content(DATA, 1);
    VacuumPlan whole = plan();
    assertThat(whole.going()).containsExactly(0L, 2L);
    assertThat(whole.files()).hasSizeGreaterThan(3);
    Path log = folder.resolveSibling("killed.log");
    Process process = KilledVacuum.start(folder, DATA, 2, log);
    try {
      assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(() -> read(log)).isEqualTo(137);
    } finally {
      process.destroyForcibly();
    }

    // Given up, and not said to be gone.
    assertThat(deletions())
        .extracting(row -> row.text("gone_versions"), row -> row.get("file_count"))
        .containsExactly(tuple("[0,2]", 0L));
    Set<String> left = new TreeSet<>(names(whole));
    left.retainAll(home.files(DATA));
    assertThat(left).hasSize(whole.files().size() - 2);
    assertThat(home.content(DATA, 1)).isEqualTo(pinned);
    VacuumPlan rest = plan();
    assertThat(rest.unfinished()).containsExactlyInAnyOrder(0L, 2L);
    assertThat(rest.going()).isEmpty();
    assertThat(names(rest)).isEqualTo(left);

    Vacuum.Outcome outcome = vacuum.delete(rest, ADA, "again");

    // What the other deleted is counted too, once.
    assertThat(outcome)
        .isEqualTo(
            new Vacuum.Outcome(NAME, List.of(), whole.files().size(), whole.bytes(), List.of()));
    assertThat(deletions())
        .extracting(row -> row.text("gone_versions"), row -> row.get("file_count"))
        .containsExactly(
            tuple("[0,2]", 0L), tuple("[]", 0L), tuple("[]", (long) whole.files().size()));
    assertThat(plan().hasWork()).isFalse();
    assertThat(plan().holders()).containsExactly(Pin.EVERYBODY, model);
    assertThat(home.content(DATA, 1)).isEqualTo(pinned);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aTableWhosePinsAreNotSafeIsLeftAlone() throws Exception {
    fourVersions();
    home.train(DATA, 1);
    home.sql(
        DATA,
        "alter table T set tblproperties('delta.logRetentionDuration' = '12 hours', 'delta.deletedFileRetentionDuration' = '12 hours')");
    assertThat(plan().left())
        .isEqualTo(
            "its log keeps commits for 12h (delta.logRetentionDuration), and a pinned version is older. Set it to 'interval 3650 days' with alter table.");
    home.sql(
        DATA,
        "alter table T set tblproperties('delta.logRetentionDuration' = '3650 days', 'delta.deletedFileRetentionDuration' = '3650 days')");
    assertThat(plan().left()).isNull();
    VacuumPlan seen = plan();
    // Of candidates and of what runs left nothing is to stay here, so models alone count.
    Retention none =
        new Retention(
            new Period(java.time.Duration.ZERO),
            new Period(java.time.Duration.ZERO),
            new Period(java.time.Duration.ZERO),
            new Period(java.time.Duration.ZERO),
            new Period(java.time.Duration.ZERO));
    assertThat(
            new Vacuum(spark, home.home(), home.events(), none).plan(List.of(NAME)).get(0).going())
        .containsExactly(0L, 1L, 2L);

    Path commit = folder.resolve("datasets/t/data/_delta_log/00000000000000000001.json");
    byte[] whole = Files.readAllBytes(commit);
    Files.write(commit, new byte[0]);
    assertThat(plan().left())
        .startsWith("which files it needs is not known. The commit file ")
        .contains("00000000000000000001.json is empty");
    Files.write(commit, whole);

    home.home().store().drop(home.table(DATA));
    org.apache.spark.sql.delta.DeltaLog.clearCache();
    assertThat(plan().left()).isEqualTo("its table is gone.");
    home.write(DATA, rows(0, 10), Map.of());
    assertThat(plan().left())
        .isEqualTo("another table stands in its place, which no run has published.");
    assertThat(vacuum.delete(seen, ADA, "no space").files()).isZero();
    assertThat(deletions()).isEmpty();
  }
}
