package dev.weir.data;

import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Column;
import dev.weir.store.ColumnType;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import dev.weir.store.TableDefinition;
import dev.weir.store.TransactionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that is really full while Weir commits. */
final class DiskFullTest {
  private static final Duration LEASE = Duration.ofSeconds(1);

  private final Path folder;
  private @Nullable SmallDisk mounted;

  DiskFullTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void mount() throws Exception {
    mounted = SmallDisk.mount(folder, "4m");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted != null) {
      mounted.unmount();
    }
  }

  private SmallDisk disk() {
    return Objects.requireNonNull(mounted);
  }

  private static void assertFull(ThrowingCallable call, String tried) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("disk-full");
              assertThat(e.kind()).isEqualTo(ErrorKind.TRANSIENT);
              assertThat(e.remedy())
                  .isEqualTo("Free space there and run again: what was committed before stands.");
            })
        .hasMessageStartingWith("Could not " + tried)
        .hasMessageEndingWith("the disk is full (No space left on device).");
  }

  private static List<String> log(Path table) throws Exception {
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.contains(".json")).toList();
    }
  }

  private static List<List<Object>> rows(int bytes) {
    byte[] content = new byte[bytes];
    new Random(1).nextBytes(content);
    return List.of(List.of(content));
  }

  private DeltaTable table(Home home, String path) {
    DeltaTable table = home.table(path);
    table.create(
        new TableDefinition(
            List.of(Column.required("content", ColumnType.BINARY, "Bytes.")),
            Map.of("delta.checkpointInterval", "2")));
    return table;
  }

  @Test
  void aCommitThroughKernelIsWholeOrNotThere() throws Exception {
    try (Home home = Home.open(folder)) {
      DeltaTable table = table(home, "models/artifacts");
      assertThat(table.append(rows(100_000), Optional.of(new TransactionId("key", 1))))
          .isEqualTo(1);
      // None for the data file; then a page, so that it is the commit that fails, or a checkpoint.
      for (int left : new int[] {0, 4096, 8192, 12288}) {
        disk().fill(left);
        assertFull(
            () -> table.append(rows(20_000), Optional.of(new TransactionId("key", 2))),
            "append to " + table);
        assertThat(log(folder.resolve("models/artifacts")))
            .doesNotContain("00000000000000000002.json")
            .noneMatch(name -> name.endsWith(".tmp"));
        assertThat(table.latest().version()).isEqualTo(1);
        assertThat(table.latest().rows()).hasSize(1);
        disk().free();
      }
      disk().fill(0);
      assertFull(
          () -> table.append(List.of(), Optional.of(new TransactionId("key", 2))),
          "append to " + table);
      disk().free();
      assertThat(table.append(rows(20_000), Optional.of(new TransactionId("key", 2)))).isEqualTo(2);
      assertThat(table.latest().rows()).hasSize(2);
    }
  }

  @Test
  void aCheckpointThatFindsNoRoomLeavesTheTableReadable() throws Exception {
    Path log = folder.resolve("t/_delta_log");
    try (Home home = Home.open(folder)) {
      DeltaTable table = table(home, "t");
      table.append(rows(10));
      // Room for the commit, its data, and some of the checkpoint.
      disk().fill(5 * 4096);
      table.append(rows(10));
    }
    assertThat(log.resolve("00000000000000000002.checkpoint.parquet")).doesNotExist();
    try (Home home = Home.open(folder)) {
      DeltaTable table = home.table("t");
      assertThat(table.latest().rows()).hasSize(2);
      disk().free();
      table.append(rows(10));
      table.append(rows(10));
    }
    assertThat(log.resolve("00000000000000000004.checkpoint.parquet")).exists();
    try (Home home = Home.open(folder)) {
      assertThat(home.table("t").latest().rows()).hasSize(4);
    }
  }

  @Test
  void lineageTablesAreBroughtUpToDateOnceThereIsRoom() throws Exception {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      disk().fill(8192);
      assertThatThrownBy(() -> LineageTables.of(events).update())
          .isInstanceOfSatisfying(
              WeirException.class, e -> assertThat(e.code()).isEqualTo("disk-full"));
      disk().free();
      LineageTables tables = LineageTables.of(events);
      assertThat(tables.rows(LineageTable.RUNS, tables.update(), List.of())).isEmpty();
    }
  }

  @Test
  void aDatasetStaysAsItWasAndARetryWrites() throws Exception {
    SparkSession spark = TestSpark.session().newSession();
    String table = folder.resolve("t").toString();
    DatasetWriter writer = new DatasetWriter(spark);
    WriteOrigin origin = new WriteOrigin("r1", "s", 1);
    Written first =
        writer.write(spark.range(10).toDF(), table, WriteKey.of("p", "s", "into", 1), origin);
    WriteKey key = WriteKey.of("p", "s", "into", 2);
    // In a task of Spark's.
    disk().fill(16_384);
    assertFull(
        () -> writer.write(spark.range(500_000).toDF(), table, key, origin), "write " + table);
    assertUnchanged(spark, table, first);
    // In the commit.
    disk().free();
    disk().fill(8192);
    assertFull(() -> writer.write(spark.range(3).toDF(), table, key, origin), "write " + table);
    assertUnchanged(spark, table, first);

    disk().free();
    Written second = writer.write(spark.range(3).toDF(), table, key, origin);
    assertThat(second.version()).isEqualTo(1);
    assertThat(new DatasetReader(spark).read(table, 1, second.tableId()).count()).isEqualTo(3);
  }

  /** Fills the disk once, and writes what finds no room. */
  record Fills(Output into, String ballast) implements Stage {
    private static final Set<String> FILLED = ConcurrentHashMap.newKeySet();

    @Override
    public void run(StageContext context) throws Exception {
      if (FILLED.add(ballast)) {
        new SmallDisk(Path.of(ballast)).fill(0);
      }
      context.write(into, context.spark().range(500_000).toDF());
    }
  }

  @ParameterizedTest
  @Timeout(120)
  @ValueSource(booleans = {false, true})
  void aRunEndsSayingSoAndGoesOnOnceThereIsRoom(boolean asked) throws Exception {
    TestSpark.session();
    Pipeline pipeline =
        Pipeline.named("full")
            .stage("before", new Nothing())
            .stage("fill", new Fills(to("t.full"), folder.toString()))
            .after("before")
            .build();
    RunResult failed = run(pipeline, null);
    assertThat(failed.state()).isEqualTo(RunState.FAILED);
    assertThat(failed.error())
        .isNotNull()
        .satisfies(error -> assertThat(error.code()).isEqualTo("disk-full"))
        .satisfies(error -> assertThat(error.message()).contains("No space left on device"));

    disk().free();
    // Not even its end found room, so its lease ends by itself, as if its process had died.
    RunResult resumed = runOnceFree(pipeline, asked ? failed.run() : null);

    assertThat(resumed.state()).as(String.valueOf(resumed.error())).isEqualTo(RunState.SUCCEEDED);
    assertThat(resumed.run()).isEqualTo(failed.run());
    try (Home home = Home.open(folder)) {
      assertThat(LineageReader.open(Events.open(home)).stages(failed.run()))
          .filteredOn(stage -> stage.stage().equals("before"))
          .as("what had finished does not run again")
          .hasSize(1);
      assertThat(home.table("datasets/t/full").latest().version()).isZero();
    }
  }

  /** Does nothing. */
  record Nothing() implements Stage {
    @Override
    public void run(StageContext context) {}
  }

  private RunResult runOnceFree(Pipeline pipeline, @Nullable String resumed)
      throws InterruptedException {
    while (true) {
      try {
        return run(pipeline, resumed);
      } catch (WeirException e) {
        if (!e.code().equals("lease-held")) {
          throw e;
        }
      }
    }
  }

  private RunResult run(Pipeline pipeline, @Nullable String resumed) throws InterruptedException {
    RunRequest plain =
        RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare());
    RunRequest request =
        new RunRequest(
            plain.run(),
            pipeline,
            plain.home(),
            plain.project(),
            plain.spark(),
            plain.modelClasses(),
            plain.parallelism(),
            LEASE,
            plain.environment(),
            null,
            plain.selection(),
            null);
    try (Runner runner =
        Runner.open(resumed == null ? request : request.resuming(resumed), event -> {})) {
      return runner.start().await();
    }
  }

  private static void assertUnchanged(SparkSession spark, String table, Written first)
      throws Exception {
    assertThat(log(Path.of(table))).containsExactly("00000000000000000000.json");
    assertThat(new DatasetReader(spark).read(table, 0, first.tableId()).collectAsList())
        .hasSize(10);
  }
}
