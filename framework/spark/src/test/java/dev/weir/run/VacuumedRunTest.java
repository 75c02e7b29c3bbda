package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageContext;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Verdict;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that would read or use again what was given up, whether or not its files are gone yet. */
class VacuumedRunTest {
  private static final String NUMBERS = "t.numbers";

  private static final AtomicInteger LOOKS = new AtomicInteger();

  @TempDir Path folder;

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  /** Says that versions of the numbers are given up, as a vacuum does. */
  private static void giveUp(URI folder, List<Long> versions) {
    try (Home home = Home.open(Path.of(folder))) {
      DeltaTable table = home.table("datasets/t/numbers");
      Events.open(home)
          .append(
              List.of(
                  new Fact.FilesDeleted(
                      Instant.parse("2026-01-02T03:04:05Z"),
                      new Actor("ada", "ship", null),
                      NUMBERS,
                      table.path(),
                      table.find().map(found -> found.tableId()).orElse("none"),
                      versions,
                      0,
                      0,
                      "no space")));
    }
  }

  /** Looks outside once the lineage was read, and has something be deleted the second time. */
  record Meanwhile() implements OutsideReader {
    @Override
    public List<Fact.OutsideFile> pin(Outside outside) {
      if (LOOKS.incrementAndGet() == 2) {
        giveUp(outside.project(), List.of());
      }
      return List.of();
    }

    @Override
    public void run(StageContext context) {}
  }

  private RunRequest request(Pipeline pipeline) {
    return RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare());
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    return run(request(pipeline));
  }

  private static RunResult run(RunRequest request) throws InterruptedException {
    try (Runner runner = Runner.open(request, event -> {})) {
      return runner.start().await();
    }
  }

  private static Pipeline numbers(long rows) {
    return Pipeline.named("numbers")
        .stage("numbers", new TestStages.Numbers(to(NUMBERS), rows))
        .build();
  }

  private void refused(RunRequest request, String code, String text) {
    assertThatThrownBy(() -> run(request))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.text()).isEqualTo(text);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  @Test
  void whatWasGivenUpIsNeitherReadNorUsedAgain() throws Exception {
    run(numbers(5));
    run(numbers(6));
    assertThat(Runner.preview(request(numbers(5))).stages().stages())
        .extracting(PlannedStage::verdict)
        .containsExactly(Verdict.REUSE);
    giveUp(folder.toUri(), List.of(0L));

    refused(
        request(
            Pipeline.named("old")
                .stage("copy", new TestStages.Copy(from(NUMBERS + "@0"), to("t.copy")))
                .build()),
        "input-deleted",
        "The files of dataset:t.numbers@0, which the pipeline reads, were deleted on 2026-01-02 by ada@ship: no space. Name a version that is there, or none for the latest; ./weir pins lists what stays.");
    PlannedStage planned = Runner.preview(request(numbers(5))).stages().stages().get(0);
    assertThat(planned.verdict()).isEqualTo(Verdict.RUN);
    assertThat(planned.reason())
        .contains("its files were deleted on 2026-01-02 by ada@ship: no space");
    RunResult again = run(numbers(5));
    assertThat(again.stages().get(0).state()).isEqualTo(StageState.SUCCEEDED);
    assertThat(again.stages().get(0).datasets().get(0).reference())
        .isEqualTo("dataset:t.numbers@2");

    RunResult stopped =
        run(
            Pipeline.named("stops")
                .stage("copy", new TestStages.Copy(from(NUMBERS), to("t.copy")))
                .stage("fails", new TestStages.Flaky("vacuumed", 9, false))
                .after("copy")
                .build());
    assertThat(stopped.state()).isEqualTo(RunState.FAILED);
    run(numbers(7));
    giveUp(folder.toUri(), List.of(2L));
    refused(
        request(
                Pipeline.named("stops")
                    .stage("copy", new TestStages.Copy(from(NUMBERS), to("t.copy")))
                    .stage("fails", new TestStages.Flaky("vacuumed", 9, false))
                    .after("copy")
                    .build())
            .resuming(stopped.run()),
        "run-expired",
        "Run %s can't go on: the files of dataset:t.numbers@2 were deleted on 2026-01-02 by ada@ship: no space. Begin a new run, which makes again what is gone: ./weir run stops."
            .formatted(stopped.run()));
  }

  @Test
  void aDeletionBetweenTheLookAndTheLeaseEndsTheRun() throws Exception {
    Pipeline pipeline =
        Pipeline.named("meanwhile")
            .stage("looks", new Meanwhile())
            .stage("numbers", new TestStages.Numbers(to(NUMBERS), 5))
            .build();
    LOOKS.set(0);
    assertThat(run(pipeline).state()).isEqualTo(RunState.SUCCEEDED);
    RunRequest second = request(pipeline);
    refused(
        second,
        "deleted-meanwhile",
        "Files of the dataset t.numbers were deleted by ada@ship while run %s began. Run again: what is gone is made again."
            .formatted(second.run()));
    try (Home home = Home.open(folder)) {
      assertThat(LineageReader.open(Events.open(home)).run(second.run()))
          .get()
          .satisfies(
              run -> {
                assertThat(run.state()).isEqualTo(RunState.FAILED);
                assertThat(run.error().code()).isEqualTo("deleted-meanwhile");
              });
    }
    assertThat(run(pipeline).state()).isEqualTo(RunState.SUCCEEDED);
  }
}
