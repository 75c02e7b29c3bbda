package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.artifact.DatasetName;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.InterventionDeeds;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.pipeline.Pipeline;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Verdict;
import dev.weir.quality.Check;
import dev.weir.quality.Validate;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose gate puts rows aside, whose process is killed, and about which people decide. */
@Timeout(600)
class QuarantineRunTest {
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final List<Fact.Assignment> ABSOLUTE =
      List.of(new Fact.Assignment("income", "abs(income)"));

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    TestSpark.session();
  }

  private static RunResult run(RunRequest request) throws InterruptedException {
    try (Runner runner = Runner.open(request, event -> {})) {
      return runner.start().await();
    }
  }

  private static RunRequest request(Pipeline pipeline, Path home) {
    return RunRequest.of(pipeline, home.toUri(), home.toUri(), SparkSettings.bare());
  }

  private static RunResult succeed(RunRequest request) throws InterruptedException {
    RunResult result = run(request);
    assertThat(result.state()).as(String.valueOf(result.error())).isEqualTo(RunState.SUCCEEDED);
    return result;
  }

  private static <T> T look(Path folder, Function<Events, T> look) {
    try (Home home = Home.open(folder)) {
      return look.apply(Events.open(home));
    }
  }

  /** The rows of what readers resolve of a dataset, as text, in order. */
  private static List<String> rows(Path folder, String dataset) {
    Fact.DatasetWritten latest =
        look(
            folder,
            events ->
                Published.of(LineageReader.open(events))
                    .dataset(DatasetName.parse(dataset), null)
                    .orElseThrow());
    return TestSpark.session()
        .read()
        .format("delta")
        .option("versionAsOf", RunData.version(latest).version())
        .load(latest.path())
        .selectExpr("id", "income")
        .orderBy("id")
        .collectAsList()
        .stream()
        .map(row -> row.mkString(" "))
        .toList();
  }

  /** How often each dataset was written. */
  private static Map<String, Long> commits(Path folder) {
    return look(
        folder,
        events -> {
          Map<String, Long> commits = new TreeMap<>();
          for (String name : List.of("raw", "quarantine", "clean", "copy")) {
            DeltaTable table = events.home().table("datasets/t/" + name);
            commits.put(
                name,
                table.log().commits(-1, table.latestVersion()).stream()
                    .filter(commit -> commit.dataChange())
                    .count());
          }
          return commits;
        });
  }

  private static List<String> stages(Path folder, String run) {
    return look(
        folder,
        events ->
            LineageReader.open(events).stages(run).stream()
                .filter(stage -> stage.state() != StageState.INTERRUPTED)
                .map(stage -> stage.stage() + " " + stage.state())
                .toList());
  }

  /** The datasets that readers resolve. */
  private static List<String> published(Path folder) {
    return look(
        folder,
        events ->
            Published.of(LineageReader.open(events)).datasets().keySet().stream()
                .map(DatasetName::toString)
                .toList());
  }

  private static boolean applied(Path folder, Fact.RowsCorrected correction) {
    return look(folder, events -> Interventions.of(LineageReader.open(events)).applied(correction));
  }

  private static QuarantineVersion quarantine(Events events) {
    return QuarantineVersion.find(
        LineageReader.open(events), DatasetName.parse("t.quarantine"), null);
  }

  private static Fact.RowsCorrected correct(Path folder) {
    return look(
        folder,
        events ->
            InterventionDeeds.correct(events, quarantine(events), ABSOLUTE, null, ADA, "sign"));
  }

  /** Starts a process that runs the pipeline and is killed before a step, or comes to its end. */
  private static void kill(Path home, String at) throws IOException, InterruptedException {
    Process process = QuarantinedRun.start(home, at);
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("the process ends").isTrue();
      assertThat(process.exitValue())
          .as(() -> SignalledRun.errors(home))
          .isEqualTo(at.isEmpty() ? 0 : 137);
      if (at.isEmpty()) {
        assertThat(Files.readString(SignalledRun.beside(home, ".out"))).startsWith("SUCCEEDED");
      }
    } finally {
      process.destroyForcibly();
    }
  }

  // --- Killed

  @Test
  void killedBetweenItsTwoCommitsNoRowIsLostOrTwice() throws Exception {
    Path whole = folder.resolve("whole");
    kill(whole, "");
    List<String> steps = Files.readAllLines(SignalledRun.steps(whole));
    String aside = "/datasets/t/quarantine/_delta_log/00000000000000000000.json";
    String accepted = "/datasets/t/clean/_delta_log/00000000000000000000.json";
    int last = indexOf(steps, aside);
    assertThat(indexOf(steps, accepted)).as("accepted before put aside").isBetween(0, last - 1);

    Path home = folder.resolve("killed");
    kill(home, aside);
    assertThat(home.resolve("datasets/t/clean")).isDirectory();
    assertThat(published(home))
        .as("what readers resolve once it is killed")
        .containsExactly("t.raw");

    RunResult result = succeed(QuarantinedRun.request(home.toUri(), SparkSettings.bare()));

    assertThat(rows(home, "t.quarantine")).containsExactly("3 -3.0", "13 -13.0");
    assertThat(rows(home, "t.clean")).hasSize(18).isEqualTo(rows(whole, "t.clean"));
    assertThat(rows(home, "t.copy")).isEqualTo(rows(whole, "t.clean"));
    assertThat(commits(home).values()).as("each is written once").containsOnly(1L);
    QuarantineVersion put = look(home, QuarantineRunTest::quarantine);
    assertThat(put.run()).isEqualTo(result.run());
    assertThat(put.from().reference()).isEqualTo("dataset:t.raw@0");

    // The same once more, for a correction.
    Fact.RowsCorrected correction = correct(whole);
    kill(whole, "/datasets/t/quarantine/_delta_log/00000000000000000001.json");
    assertThat(rows(whole, "t.clean")).hasSize(18);
    assertThat(correct(whole)).isEqualTo(correction);

    succeed(QuarantinedRun.request(whole.toUri(), SparkSettings.bare()));

    assertThat(rows(whole, "t.quarantine")).isEmpty();
    assertThat(rows(whole, "t.copy"))
        .hasSize(20)
        .contains("3 3.0", "13 13.0")
        .isEqualTo(rows(whole, "t.clean"));
    assertThat(commits(whole))
        .isEqualTo(Map.of("raw", 1L, "quarantine", 2L, "clean", 2L, "copy", 2L));
  }

  private static int indexOf(List<String> steps, String end) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).endsWith(end)) {
        return i;
      }
    }
    throw new AssertionError("No step " + end + " in " + steps);
  }

  // --- Corrected

  @Test
  void correctedRowsGoThroughThePipelineOnceAndLaterDataIsLeftAlone() throws Exception {
    RunResult first = succeed(request(QuarantinedRun.pipeline(1), folder));
    assertThat(rows(folder, "t.clean")).hasSize(18);
    QuarantineVersion put = look(folder, QuarantineRunTest::quarantine);

    Fact.RowsCorrected correction = correct(folder);
    assertThat(correct(folder)).as("the same again").isEqualTo(correction);
    assertThat(applied(folder, correction)).isFalse();
    assertThat(Runner.preview(request(QuarantinedRun.pipeline(1), folder)).stages().stages())
        .extracting(PlannedStage::stage, PlannedStage::verdict, PlannedStage::reason)
        .contains(tuple("validate", Verdict.RUN, "the rows that it had put aside were corrected"));
    RunResult corrected =
        succeed(request(QuarantinedRun.pipeline(1), folder).with(Selection.since("validate")));

    assertThat(stages(folder, corrected.run()))
        .containsExactlyInAnyOrder("rows REUSED", "validate SUCCEEDED", "copy SUCCEEDED");
    assertThat(rows(folder, "t.copy")).hasSize(20).contains("3 3.0", "13 13.0");
    assertThat(rows(folder, "t.quarantine")).isEmpty();
    assertThat(applied(folder, correction)).isTrue();
    assertThat(correct(folder, put)).as("given once more for the same rows").isEqualTo(correction);

    // What is done is done: the plain pipeline uses it again.
    RunResult again = succeed(request(QuarantinedRun.pipeline(1), folder));
    assertThat(stages(folder, again.run())).allMatch(stage -> stage.endsWith("REUSED"));
    assertThat(rows(folder, "t.copy")).hasSize(20);

    // Another rule for rows that were put aside before comes too late.
    assertThatThrownBy(
            () ->
                look(
                    folder,
                    events ->
                        InterventionDeeds.correct(
                            events,
                            put,
                            List.of(new Fact.Assignment("income", "0")),
                            null,
                            ADA,
                            "none")))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:t.quarantine@0 is not the last that was put aside: dataset:t.quarantine@1 came after it.");

    // The rule is for the rows that were looked at.
    RunResult later = succeed(request(QuarantinedRun.pipeline(2), folder));
    assertThat(stages(folder, later.run())).noneMatch(stage -> stage.endsWith("REUSED"));
    assertThat(rows(folder, "t.quarantine")).containsExactly("3 -6.0", "13 -26.0");
    assertThat(rows(folder, "t.clean")).hasSize(18);

    // Back to the first data, which that run and its correction had made.
    RunResult back = succeed(request(QuarantinedRun.pipeline(1), folder));
    assertThat(stages(folder, back.run())).allMatch(stage -> stage.endsWith("REUSED"));
    assertThat(rows(folder, "t.copy")).hasSize(20);
    assertThat(first.run()).isEqualTo(put.run());
  }

  private static Fact.RowsCorrected correct(Path folder, QuarantineVersion put) {
    return look(
        folder, events -> InterventionDeeds.correct(events, put, ABSOLUTE, null, ADA, "sign"));
  }

  // --- Overridden

  private static Pipeline gated(Check... checks) {
    return Pipeline.named("gated")
        .stage("numbers", new TestStages.Numbers(to("t.raw"), 3))
        .stage("validate", new Validate(from("t.raw"), to("t.clean"), checks))
        .stage("copy", new TestStages.Copy(from("t.clean"), to("t.copy")))
        .build();
  }

  @Test
  void whatWasRefusedGoesOnOnceSomebodyAcceptsItAndStaysRecordedAsFailed() throws Exception {
    RunResult halted = run(request(gated(Check.notNull("id"), Check.rowCount(5)), folder));
    assertThat(halted.state()).isEqualTo(RunState.HALTED);
    assertThat(halted.error().message())
        .contains("./weir resume %s --accept t.raw --by NAME".formatted(halted.run()));

    Fact.GateOverridden deed = override();
    assertThat(override()).as("the same again").isEqualTo(deed);
    assertThat(deed.halted()).isEqualTo(halted.run());
    assertThat(deed.checks()).extracting(Fact.Check::name).containsExactly("row-count");
    // A check that nobody has seen fail is not among them.
    RunResult stricter =
        run(
            request(
                gated(Check.notNull("id"), Check.rowCount(5), Check.range("id", 1, null)), folder));
    assertThat(stricter.state()).isEqualTo(RunState.HALTED);
    assertThat(stricter.error().message())
        .startsWith("1 of 3 checks failed on dataset:t.raw@0")
        .contains("range id");

    RunResult resumed =
        succeed(
            request(gated(Check.notNull("id"), Check.rowCount(5)), folder).resuming(halted.run()));

    assertThat(resumed.run()).isEqualTo(halted.run());
    List<Row> checks =
        look(
            folder,
            events ->
                new ArrayList<>(
                    LineageReader.open(events)
                        .rows(LineageTable.CHECKS, List.of(Filter.equal("run", halted.run())))));
    assertThat(checks)
        .extracting(
            row -> row.integer("attempt"),
            row -> row.string("name"),
            row -> row.get("passed"),
            row -> row.get("overridden"))
        .containsExactlyInAnyOrder(
            tuple(1, "not-null", true, null),
            tuple(1, "row-count", false, null),
            tuple(2, "not-null", true, null),
            tuple(2, "row-count", false, deed.id()));
    assertThat(published(folder)).contains("t.copy");
    List<StageView> views = look(folder, events -> LineageReader.open(events).stages(halted.run()));
    assertThat(views).extracting(StageView::state).contains(StageState.SUCCEEDED);
  }

  private Fact.GateOverridden override() {
    return look(
        folder,
        events ->
            InterventionDeeds.override(
                events, "gated", DatasetName.parse("t.raw"), null, ADA, "the branch was closed"));
  }
}
