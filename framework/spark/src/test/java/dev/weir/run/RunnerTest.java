package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Retry;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            .stage("first", new TestStages.Numbers(to("t.first"), 10))
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

  private static void awaitNoJobs() {
    var tracker = TestSpark.session().sparkContext().statusTracker();
    while (tracker.getActiveJobIds().length > 0) {
      Thread.onSpinWait();
    }
  }
}
