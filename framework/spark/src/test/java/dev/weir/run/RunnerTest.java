package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.artifact.DatasetName;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.ProfileHistory;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Cache;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Retry;
import dev.weir.profile.Figure;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RunnerTest {
  @TempDir Path folder;

  private final List<RunEvent> events = new ArrayList<>();

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    try (Runner runner = open(pipeline)) {
      return runner.start().await();
    }
  }

  private Runner open(Pipeline pipeline) {
    return Runner.open(
        RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()), events::add);
  }

  private static Fact.StageFinished stage(RunResult result, String name) {
    return result.stages().stream().filter(s -> s.stage().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void stagesPublishInOrderAndAgainAtTheNextVersion() throws Exception {
    Pipeline pipeline =
        Pipeline.named("copying")
            .stage("second", new TestStages.Copy(from("t.first"), to("t.second")))
            .cache(Cache.NEVER)
            .stage("first", new TestStages.Numbers(to("t.first"), 10))
            .cache(Cache.NEVER)
            .build();

    RunResult one = run(pipeline);
    RunResult two = run(pipeline);

    assertThat(one.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(stage(one, "second").datasets())
        .singleElement()
        .satisfies(
            written -> {
              assertThat(written.reference()).isEqualTo("dataset:t.second@0");
              assertThat(written.rows()).isEqualTo(10);
            });
    assertThat(stage(two, "second").datasets().get(0).reference()).isEqualTo("dataset:t.second@1");
    assertThat(stage(two, "second").datasets().get(0).digest())
        .isEqualTo(stage(one, "first").datasets().get(0).digest());
    assertThat(stage(two, "second").reads())
        .extracting(Fact.Read::reference)
        .containsExactly("dataset:t.first@1");
  }

  @Test
  void anErrorThatMayPassIsTriedAgain() throws Exception {
    RunResult result =
        run(
            Pipeline.named("flaky")
                .stage("flaky", new TestStages.Flaky("passes", 3, true))
                .retry(new Retry(3, Duration.ofMillis(1), Duration.ofMillis(2)))
                .build());

    assertThat(result.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(stage(result, "flaky").attempt()).isEqualTo(3);
    assertThat(events)
        .filteredOn(RunEvent.StageRetried.class::isInstance)
        .hasSize(2)
        .first()
        .satisfies(
            event ->
                assertThat(((RunEvent.StageRetried) event).error().message())
                    .isEqualTo("The other side is away."));
  }

  @Test
  void anUnknownErrorIsNotTriedAgainAndStopsOnlyWhatDependsOnIt() throws Exception {
    RunResult result =
        run(
            Pipeline.named("broken")
                .stage("broken", new TestStages.Flaky("unknown", 3, false))
                .retry(new Retry(3, Duration.ofMillis(1), Duration.ofMillis(2)))
                .stage("after", new TestStages.Nothing())
                .after("broken")
                .stage("beside", new TestStages.Numbers(to("t.beside"), 1))
                .build());

    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(TestStages.CALLS.get("unknown")).hasValue(1);
    assertThat(stage(result, "broken").state()).isEqualTo(StageState.FAILED);
    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .isEqualTo("IllegalStateException: broken for good");
    assertThat(result.skipped()).containsExactly("after");
    assertThat(stage(result, "beside").state()).isEqualTo(StageState.SUCCEEDED);
  }

  @Test
  void profilesLandWithTheEndOfTheAttemptThatTookThem() throws Exception {
    Events lineage = Events.open(Home.open(folder));
    List<String> tables = new ArrayList<>();
    for (int rows : List.of(600, 10, 20)) {
      RunResult result =
          run(
              Pipeline.named("profiled")
                  .stage("make", new TestStages.Numbers(to("t.profiled"), rows))
                  .stage("profile", new TestStages.Profiles(from("t.profiled"), 100))
                  .build());
      assertThat(result.state()).isEqualTo(rows == 600 ? RunState.HALTED : RunState.SUCCEEDED);
      tables.add(stage(result, "make").datasets().get(0).tableId());
    }

    LineageReader reader = LineageReader.open(lineage);
    assertThat(reader.rows(LineageTable.PROFILES, List.of()))
        .extracting(
            row -> row.get("reference"),
            row -> row.get("accepted"),
            row -> row.get("stage"),
            row -> row.get("table_id"),
            row -> row.get("row_count"),
            row -> row.get("max"))
        .containsExactlyInAnyOrder(
            tuple("dataset:t.profiled@0", false, "profile", tables.get(0), 600L, 599.0),
            tuple("dataset:t.profiled@1", true, "profile", tables.get(0), 10L, 9.0),
            tuple("dataset:t.profiled@2", true, "profile", tables.get(0), 20L, 19.0));
    assertThat(
            ProfileHistory.of(reader, DatasetName.parse("t.profiled"), tables.get(0))
                .before(3, Figure.parse("rows"), null)
                .stream()
                .map(past -> past.version().reference() + " " + past.profile().rows()))
        .containsExactly("dataset:t.profiled@1 10", "dataset:t.profiled@2 20");
  }

  @Test
  void aProfileOfWhatTheStageNeverTouchedIsRefused() throws Exception {
    RunResult result =
        run(
            Pipeline.named("another")
                .stage("make", new TestStages.Numbers(to("t.another"), 1))
                .stage("profile", new TestStages.ProfilesAnother(from("t.another")))
                .build());
    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .asString()
        .contains(
            "Stage 'profile' gives a profile of dataset:t.another@1, which it neither read nor wrote.");
  }

  @Test
  void aGateHaltsWhatComesAfterIt() throws Exception {
    RunResult result =
        run(
            Pipeline.named("gated")
                .stage("make", new TestStages.Numbers(to("t.gated"), 10))
                .stage("gate", new TestStages.Gate(from("t.gated")))
                .stage("train", new TestStages.Nothing())
                .after("gate")
                .build());

    assertThat(result.state()).isEqualTo(RunState.HALTED);
    assertThat(stage(result, "gate").state()).isEqualTo(StageState.HALTED);
    assertThat(result.skipped()).containsExactly("train");
  }

  @Test
  void aTimeoutCancelsTheStagesSparkJobs() throws Exception {
    RunResult result =
        run(
            Pipeline.named("slow")
                .stage("slow", new TestStages.Endless("timeout"))
                .timeout(Duration.ofMillis(500))
                .build());

    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(stage(result, "slow").error())
        .isNotNull()
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo("timeout");
              assertThat(error.message())
                  .isEqualTo(
                      "Attempt 1 at stage 'slow' took longer than its timeout of 500ms; its Spark jobs were cancelled. Raise timeout: or look at what it did.");
            });
    awaitNoJobs();
  }

  @Test
  void cancellingEndsTheRunAndItsJobs() throws Exception {
    try (Runner runner =
        open(
            Pipeline.named("cancelled")
                .stage("endless", new TestStages.Endless("cancel"))
                .stage("after", new TestStages.Nothing())
                .after("endless")
                .build())) {
      ActiveRun active = runner.start();
      TestStages.reached("cancel").await();
      active.cancel();
      RunResult result = active.await();

      assertThat(result.state()).isEqualTo(RunState.CANCELLED);
      assertThat(stage(result, "endless").state()).isEqualTo(StageState.CANCELLED);
    }
    awaitNoJobs();
  }

  @Test
  void aSecondRunOfALivePipelineIsRefused() throws Exception {
    Pipeline pipeline =
        Pipeline.named("held").stage("endless", new TestStages.Endless("held")).build();
    try (Runner first = open(pipeline);
        Runner second = open(pipeline)) {
      ActiveRun active = first.start();
      TestStages.reached("held").await();

      assertThatThrownBy(second::start)
          .isInstanceOfSatisfying(
              WeirException.class, e -> assertThat(e.code()).isEqualTo("lease-held"))
          .hasMessageContaining("Pipeline held is being run: run ");
      active.cancel();
      assertThat(active.await().state()).isEqualTo(RunState.CANCELLED);
    }
  }

  @Test
  void anOutputThatWasNotWrittenIsAnError() throws Exception {
    RunResult result =
        run(Pipeline.named("forgets").stage("f", new TestStages.Forgets(to("t.forgot"))).build());

    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .isEqualTo(
            "Stage 'f' declares dataset t.forgot, but returned without writing it. Write every output with context.write or context.save, or take the port away.");
  }

  @Test
  void touchingWhatIsNotDeclaredIsAnError() throws Exception {
    RunResult result =
        run(
            Pipeline.named("sneaks")
                .stage("s", new TestStages.Sneaks(to("t.sneaked"), "t.secret"))
                .build());

    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .isEqualTo(
            "Stage 's' touches dataset t.secret, which is not among its inputs (it has none). Declare it as a component of the stage's record.");
  }

  @Test
  void anInputThatNobodyMakesIsMissingBeforeAnythingStarts() {
    try (Runner runner =
        open(
            Pipeline.named("missing")
                .stage("c", new TestStages.Copy(from("t.nowhere"), to("t.c")))
                .build())) {
      assertThatThrownBy(runner::start)
          .isInstanceOf(WeirException.class)
          .hasMessage(
              "Stage 'c' reads dataset t.nowhere, which no stage of the pipeline makes and the home does not hold.");
    }
    assertThat(events).isEmpty();
  }

  @Test
  void theWaitDoublesUpToItsLongestWithAJitterOfAQuarter() throws Exception {
    run(
        Pipeline.named("backoff")
            .stage("doubles", new TestStages.Flaky("doubles", 6, true))
            .retry(new Retry(6, Duration.ofMillis(8), Duration.ofMillis(40)))
            .stage("flat", new TestStages.Flaky("flat", 3, true))
            .retry(new Retry(3, Duration.ofMillis(5), Duration.ofMillis(5)))
            .build());

    assertDelays("doubles", 8, 16, 32, 40, 40);
    assertDelays("flat", 5, 5);
  }

  private void assertDelays(String stage, long... milliseconds) {
    List<Long> delays =
        events.stream()
            .filter(RunEvent.StageRetried.class::isInstance)
            .map(RunEvent.StageRetried.class::cast)
            .filter(event -> event.stage().equals(stage))
            .map(event -> event.delay().toNanos())
            .toList();
    assertThat(delays).hasSize(milliseconds.length);
    boolean jitter = false;
    for (int i = 0; i < milliseconds.length; i++) {
      long whole = Duration.ofMillis(milliseconds[i]).toNanos();
      assertThat(delays.get(i)).isBetween(whole * 3 / 4, whole * 5 / 4);
      jitter |= delays.get(i) != whole;
    }
    assertThat(jitter).isTrue();
  }

  @Test
  void independentStagesRunSideBySideEachInASessionOfItsOwn() throws Exception {
    TestStages.Meeting meeting = TestStages.meeting("side");

    RunResult result =
        run(
            Pipeline.named("side")
                .stage("last", new TestStages.Leaves("side"))
                .after("left", "right")
                .stage("left", new TestStages.Meets("side"))
                .stage("right", new TestStages.Meets("side"))
                .build());

    assertThat(result.state()).isEqualTo(RunState.SUCCEEDED);
    TestStages.Seen left = meeting.seen("left");
    TestStages.Seen right = meeting.seen("right");
    assertThat(left.session()).isNotSameAs(right.session());
    assertThat(left.pool()).isEqualTo("weir-" + result.run() + "-left-1");
    assertThat(right.pool()).isEqualTo("weir-" + result.run() + "-right-1");
    assertThat(left.tags()).containsExactly(left.pool());
    assertThat(right.tags()).containsExactly(right.pool());
    assertThat(left.settings()).containsExactly("weir.test.left");
    assertThat(right.settings()).containsExactly("weir.test.right");
    assertThat(meeting.left("last")).containsExactlyInAnyOrder("left", "right");
  }

  private static void awaitNoJobs() throws InterruptedException {
    var tracker = TestSpark.session().sparkContext().statusTracker();
    Instant deadline = Instant.now().plusSeconds(60);
    while (tracker.getActiveJobIds().length > 0) {
      assertThat(Instant.now()).as("jobs are still under way").isBefore(deadline);
      Thread.sleep(10);
    }
  }
}
