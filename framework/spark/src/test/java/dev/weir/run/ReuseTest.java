package dev.weir.run;

import static dev.weir.ingest.Files.csv;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.code.Compiled;
import dev.weir.error.WeirException;
import dev.weir.feature.Sql;
import dev.weir.ingest.Ingest;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Cache;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Verdict;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was done before is not done again, and the plan says why. */
@Timeout(300)
class ReuseTest {
  @TempDir Path folder;

  private final List<RunEvent> events = new ArrayList<>();

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  private RunRequest request(Pipeline pipeline) {
    return RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare());
  }

  private RunResult run(RunRequest request) throws InterruptedException {
    events.clear();
    try (Runner runner = Runner.open(request, events::add)) {
      return runner.start().await();
    }
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    RunResult result = run(request(pipeline));
    assertThat(result.state()).as(String.valueOf(result.error())).isEqualTo(RunState.SUCCEEDED);
    return result;
  }

  /** Each stage's verdict and reason. */
  private List<String> plan(RunRequest request) {
    return Runner.preview(request).stages().stages().stream()
        .map(stage -> stage.stage() + " " + stage.verdict() + ": " + stage.reason())
        .toList();
  }

  private List<String> plan(Pipeline pipeline) {
    return plan(request(pipeline));
  }

  private static List<String> states(RunResult result) {
    return result.stages().stream().map(stage -> stage.stage() + " " + stage.state()).toList();
  }

  /** Writes as many rows as it is told, and has a setting that changes nothing. */
  record Rows(Output into, long rows, String note) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.spark().range(rows).toDF());
    }
  }

  /** Writes what it reads. */
  record Copies(Input from, Output into) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.read(from));
    }
  }

  private static Pipeline chain(long rows, String note) {
    return Pipeline.named("chain")
        .stage("make", new Rows(to("t.made"), rows, note))
        .stage("copy", new Copies(from("t.made"), to("t.copied")))
        .stage("again", new Copies(from("t.copied"), to("t.again")))
        .build();
  }

  @Test
  void aRunWithNothingToDoUsesAllAgain() throws Exception {
    assertThat(plan(chain(3, "a")))
        .containsExactly(
            "make RUN: it has not run before",
            "copy RUN: it has not run before",
            "again RUN: it has not run before");
    assertThat(folder).as("a plan writes nothing").isEmptyDirectory();
    RunResult first = run(chain(3, "a"));

    String same = "the same as in run " + first.run();
    assertThat(plan(chain(3, "a")))
        .containsExactly("make REUSE: " + same, "copy REUSE: " + same, "again REUSE: " + same);
    RunResult second = run(chain(3, "a"));

    assertThat(states(second)).containsExactly("make REUSED", "copy REUSED", "again REUSED");
    assertThat(second.sparkStart()).isNull();
    assertThat(events).noneMatch(RunEvent.SparkReady.class::isInstance);
    assertThat(second.stages().get(2).datasets()).isEqualTo(first.stages().get(2).datasets());
    assertThat(second.stages().get(2).reused()).isEqualTo(new Fact.Reused(first.run(), 1));
    // What is used again is used from where it was made.
    RunResult third = run(chain(3, "a"));
    assertThat(third.stages().get(0).reused()).isEqualTo(new Fact.Reused(first.run(), 1));
    try (Home home = Home.open(folder)) {
      LineageReader lineage = LineageReader.open(Events.open(home));
      assertThat(lineage.rows(LineageTable.DATASETS, List.of(Filter.equal("name", "t.made"))))
          .extracting(row -> row.string("reference"), row -> row.text("reused_run"))
          .hasSize(3)
          .contains(org.assertj.core.groups.Tuple.tuple("dataset:t.made@0", first.run()));
      assertThat(lineage.rows(LineageTable.EDGES, List.of(Filter.equal("run", third.run()))))
          .isEmpty();
    }
  }

  @Test
  void theFirstDifferenceIsSaidAndWhatFollowsDependsOnIt() throws Exception {
    RunResult first = run(chain(3, "a"));

    assertThat(plan(chain(4, "a")))
        .containsExactly(
            "make RUN: rows changed from 3 to 4",
            "copy MAYBE: not if make makes t.made again as it was in t.made@0",
            "again MAYBE: not if copy makes t.copied again as it was in t.copied@0");
    assertThat(states(run(chain(4, "a"))))
        .containsExactly("make SUCCEEDED", "copy SUCCEEDED", "again SUCCEEDED");

    // What was once so is not forgotten.
    assertThat(plan(chain(3, "a")).get(0))
        .isEqualTo("make REUSE: the same as in run " + first.run());
    RunResult back = run(chain(3, "a"));
    assertThat(states(back)).containsExactly("make REUSED", "copy REUSED", "again REUSED");
    try (Home home = Home.open(folder)) {
      assertThat(
              Published.of(home)
                  .dataset(dev.weir.artifact.DatasetName.parse("t.again"), null)
                  .orElseThrow()
                  .reference())
          .as("what the last run used is the latest")
          .isEqualTo("dataset:t.again@0");
    }
  }

  @Test
  void whatIsMadeAgainAndIsTheSameStopsTheWork() throws Exception {
    RunResult first = run(chain(3, "a"));

    assertThat(plan(chain(3, "b")).get(0)).isEqualTo("make RUN: note changed from a to b");
    RunResult second = run(chain(3, "b"));

    assertThat(states(second)).containsExactly("make SUCCEEDED", "copy REUSED", "again REUSED");
    assertThat(second.stages().get(0).datasets().get(0).reference()).isEqualTo("dataset:t.made@1");
    assertThat(second.stages().get(1).reused()).isEqualTo(new Fact.Reused(first.run(), 1));
  }

  @Test
  void aResultThatWasVacuumedIsMadeAgain() throws Exception {
    RunResult first = run(chain(3, "a"));
    Path lost;
    try (Stream<Path> files = Files.list(folder.resolve("datasets/t/copied"))) {
      lost = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    Files.delete(lost);

    List<String> plan = plan(chain(3, "a"));
    assertThat(plan.get(1))
        .startsWith("copy RUN: t.copied@0 of run " + first.run() + " can't be read any more: file ")
        .contains(lost.getFileName().toString())
        .endsWith(" is gone");
    assertThat(plan.get(2)).startsWith("again MAYBE");
    RunResult second = run(chain(3, "a"));
    assertThat(states(second)).containsExactly("make REUSED", "copy SUCCEEDED", "again REUSED");
    assertThat(plan(chain(3, "a"))).allMatch(line -> line.contains(" REUSE: "));
  }

  @Test
  void aTableMadeAgainIsAnotherTable() throws Exception {
    run(chain(3, "a"));
    Path table = folder.resolve("datasets/t/copied");
    try (Stream<Path> files = Files.walk(table)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    assertThat(plan(chain(3, "a")).get(1)).endsWith("can't be read any more: its table is gone");
    TestSpark.session().range(99).write().format("delta").save(table.toString());
    // The reader that Spark keeps of the table that was there knows nothing of this one.
    org.apache.spark.sql.delta.DeltaLog.clearCache();
    assertThat(plan(chain(3, "a")).get(1))
        .endsWith("can't be read any more: its table was dropped and made again");
    RunResult again = run(chain(3, "a"));
    assertThat(states(again)).containsExactly("make REUSED", "copy SUCCEEDED", "again REUSED");
    assertThat(again.stages().get(1).datasets().get(0).reference()).isEqualTo("dataset:t.copied@1");
  }

  private static Pipeline source(long rows) {
    return Pipeline.named("source").stage("make", new Rows(to("t.source"), rows, "a")).build();
  }

  @Test
  void whatAnotherPipelineMakesCountsByItsContent() throws Exception {
    Pipeline reads =
        Pipeline.named("reads").stage("copy", new Copies(from("t.source"), to("t.read"))).build();
    run(source(3));
    RunResult first = run(reads);

    run(source(4));
    assertThat(plan(reads)).containsExactly("copy RUN: t.source@1 is another than t.source@0");
    // Used again, version 0 is the latest.
    run(source(3));
    assertThat(plan(reads)).containsExactly("copy REUSE: the same as in run " + first.run());

    try (Stream<Path> files = Files.walk(folder.resolve("datasets/t/source"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    org.apache.spark.sql.delta.DeltaLog.clearCache();
    RunResult made = run(source(5));
    assertThat(made.stages().get(0).datasets().get(0).reference()).isEqualTo("dataset:t.source@0");
    assertThat(plan(reads))
        .containsExactly(
            "copy RUN: t.source@0 holds something else than it did: its table was made again");
    assertThat(run(reads).stages().get(0).datasets().get(0).rows()).isEqualTo(5);
  }

  @Test
  void aQueryCountsByWhatItsFileSays() throws Exception {
    Path file = Files.writeString(folder.resolve("q.sql"), "select 1 as one");
    Pipeline pipeline =
        Pipeline.named("query")
            .stage("query", new Sql(List.of(), to("t.query"), Sql.file("q.sql")))
            .build();
    RunResult first = run(pipeline);
    assertThat(plan(pipeline)).containsExactly("query REUSE: the same as in run " + first.run());

    Files.writeString(file, "select 2 as two");

    assertThat(plan(pipeline)).containsExactly("query RUN: file " + file + " was written again");
  }

  @Test
  void aCommitThatChangesNoDataInvalidatesNothing() throws Exception {
    run(chain(3, "a"));
    Path made = folder.resolve("datasets/t/made");
    var spark = TestSpark.session();
    var table = io.delta.tables.DeltaTable.forPath(spark, made.toString());
    List<Runnable> commits =
        List.of(
            () -> table.optimize().executeZOrderBy("id"),
            () ->
                spark.sql("alter table delta.`%s` set tblproperties ('a.b' = 'c')".formatted(made)),
            () -> table.vacuum(),
            // As whoever takes a lease over fences a table.
            () -> {
              try (Home home = Home.open(folder)) {
                home.table("datasets/t/made").append(List.of());
              }
            });
    spark.conf().set("spark.databricks.delta.vacuum.logging.enabled", "true");
    // Otherwise it looks for files in as many tasks as a warehouse has folders.
    spark.conf().set("spark.sql.sources.parallelPartitionDiscovery.parallelism", "1");
    try {
      for (Runnable commit : commits) {
        long before = version(made);
        commit.run();
        assertThat(version(made)).as("a commit was made").isGreaterThan(before);
        assertThat(plan(chain(3, "a"))).allMatch(line -> line.contains(" REUSE: "));
      }
    } finally {
      spark.conf().unset("spark.databricks.delta.vacuum.logging.enabled");
      spark.conf().unset("spark.sql.sources.parallelPartitionDiscovery.parallelism");
    }
  }

  private static long version(Path table) throws Exception {
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      return files.filter(file -> file.toString().endsWith(".json")).count() - 1;
    }
  }

  @Test
  void aPlanKnowsARunUnderWayFromOneThatWasInterrupted() throws Exception {
    RunResult first = run(chain(3, "a"));
    try (Home home = Home.open(folder);
        Lease lease =
            Lease.take(
                Events.open(home),
                // Without a sign of life meanwhile.
                new LeaseRequest("chain", "r1", Holder.current(), Duration.ofMinutes(10)))) {
      Fact.RunStarted like = LineageReader.open(Events.open(home)).start(first.run()).orElseThrow();
      lease
          .log()
          .commit(
              List.of(
                  new Fact.RunStarted(
                      like.at(),
                      "chain",
                      "r1",
                      lease.token(),
                      like.definition(),
                      like.params(),
                      like.environment(),
                      like.stages(),
                      like.outputs(),
                      like.snapshot(),
                      like.code(),
                      like.choice())));

      List<String> before = everything();
      Runner.Preview preview = Runner.preview(request(chain(3, "a")));

      assertThat(everything()).as("a plan writes nothing").isEqualTo(before);
      assertThat(preview.note()).isEqualTo("Run r1 of it is under way.");
      assertThat(preview.stages().hasWork()).isFalse();
    }
    // It gave its lease up without an end.
    assertThat(Runner.preview(request(chain(3, "a"))).note())
        .startsWith("Resumes run r1, which was interrupted: nothing is heard of process ");
  }

  /** Every file of the home, with its size and when it was written. */
  private List<String> everything() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      List<String> all = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        // Checksums are written when there is time.
        if (!name.startsWith(".") && !name.endsWith(".crc")) {
          all.add("%s %d %s".formatted(file, Files.size(file), Files.getLastModifiedTime(file)));
        }
      }
      return all;
    }
  }

  @Test
  void aStageThatIsNeverCachedRunsAndAFreshRunRunsAll() throws Exception {
    Pipeline pipeline =
        Pipeline.named("never")
            .stage("make", new Rows(to("t.made"), 2, "a"))
            .cache(Cache.NEVER)
            .stage("copy", new Copies(from("t.made"), to("t.copied")))
            .build();
    run(pipeline);
    assertThat(plan(pipeline).get(0)).isEqualTo("make RUN: cache: never");
    assertThat(states(run(pipeline))).containsExactly("make SUCCEEDED", "copy REUSED");
    RunRequest fresh = request(pipeline).with(Selection.FRESH);
    assertThat(plan(fresh))
        .containsExactly("make RUN: it was asked for", "copy RUN: it was asked for");
    assertThat(states(run(fresh))).containsExactly("make SUCCEEDED", "copy SUCCEEDED");
  }

  @Test
  void aPartOfThePipelineRunsOnWhatIsThere() throws Exception {
    RunResult first = run(chain(3, "a"));
    RunRequest from = request(chain(4, "a")).with(new Selection(false, "copy", null));
    assertThat(plan(from))
        .containsExactly(
            "make REUSE: taken as it is from run " + first.run(),
            "copy RUN: it was asked for",
            "again RUN: it was asked for");
    RunResult second = run(from);
    assertThat(second.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(second.stages().get(1).datasets().get(0).rows()).isEqualTo(3);

    RunResult only = run(request(chain(4, "a")).with(new Selection(false, null, "copy")));
    assertThat(states(only)).containsExactly("make REUSED", "copy SUCCEEDED");

    assertThatThrownBy(() -> plan(request(chain(3, "a")).with(new Selection(false, null, "cpy"))))
        .isInstanceOf(WeirException.class)
        .hasMessage("There is no stage 'cpy' in the pipeline chain; did you mean 'copy'?");
  }

  @Test
  void onlyTheParametersThatAStageAsksForCount() throws Exception {
    RunResult first = run(params(1, 7));
    String same = "the same as in run " + first.run();

    assertThat(plan(params(1, 8))).containsExactly("asks REUSE: " + same);
    assertThat(plan(params(2, 7))).containsExactly("asks RUN: parameter asked changed from 1 to 2");
    assertThat(first.stages().get(0).fingerprint()).isNotNull();
    assertThat(first.stages().get(0).fingerprint().params()).isEqualTo(Map.of("asked", "1"));
  }

  private static Pipeline params(long asked, long other) {
    return Pipeline.named("params")
        .param("asked", asked)
        .param("other", other)
        .stage("asks", new Sql(List.of(), to("t.asked"), Sql.statement("select :asked as x")))
        .build();
  }

  @Test
  void filesCountByWhatIsInThem() throws Exception {
    Path file = Files.writeString(folder.resolve("in.csv"), "id\n1\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
    Pipeline pipeline =
        Pipeline.named("files").stage("ingest", new Ingest(csv("in.csv"), to("t.raw"))).build();
    RunResult first = run(pipeline);
    String same = "ingest REUSE: the same as in run " + first.run();

    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_100_000L));
    assertThat(plan(pipeline)).as("touched").containsExactly(same);
    // Neither its length nor its time has changed: nobody looks into it.
    Files.writeString(file, "id\n2\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
    assertThat(plan(pipeline)).as("read by its manifest").containsExactly(same);
    Files.writeString(file, "id\n22\n");
    assertThat(plan(pipeline)).containsExactly("ingest RUN: file " + file + " was written again");
    Files.delete(file);
    assertThat(plan(pipeline).get(0)).startsWith("ingest RUN: ").contains("in.csv");
  }

  @Test
  void theClassThatChangedIsNamed(@TempDir Path classes) throws Exception {
    RunResult first = run(shop(classes, 3, ""));
    assertThat(plan(shop(classes, 3, "// with a comment")))
        .containsExactly("count REUSE: the same as in run " + first.run());
    assertThat(plan(shop(classes, 4, "")))
        .containsExactly("count RUN: class shop.Visits of its code changed");
  }

  /** A pipeline of one stage, whose class reaches another that holds a number. */
  private static Pipeline shop(Path classes, int number, String comment) throws Exception {
    Path compiled =
        new Compiled(Files.createTempDirectory(classes, "shop"))
            .folder(
                Map.of(
                    "shop.Visits",
                    "package shop; class Visits { %s\n static long count() { return %dL; } }"
                        .formatted(comment, number),
                    "shop.Count",
                    """
                    package shop;
                    import dev.weir.pipeline.Output;
                    import dev.weir.pipeline.StageContext;
                    public record Count(Output into) implements dev.weir.pipeline.Stage {
                      @Override public void run(StageContext context) {
                        context.write(into, context.spark().range(Visits.count()).toDF());
                      }
                    }
                    """));
    Class<?> type = Class.forName("shop.Count", true, Compiled.loader(compiled));
    Stage stage = (Stage) type.getDeclaredConstructor(Output.class).newInstance(to("t.visits"));
    return Pipeline.named("shop").stage("count", stage).build();
  }

  @Test
  void whatFailedIsDoneAgain() throws Exception {
    Pipeline pipeline =
        Pipeline.named("broken")
            .stage("make", new Rows(to("t.made"), 2, "a"))
            .stage("gate", new TestStages.Gate(from("t.made")))
            .build();
    assertThat(run(request(pipeline)).state()).isEqualTo(RunState.HALTED);
    RunResult second = run(request(pipeline));
    assertThat(second.state()).isEqualTo(RunState.HALTED);
    assertThat(states(second)).containsExactly("make REUSED", "gate " + StageState.HALTED);
    List<PlannedStage> plan = Runner.preview(request(pipeline)).stages().stages();
    assertThat(plan).extracting(PlannedStage::verdict).containsExactly(Verdict.REUSE, Verdict.RUN);
  }
}
