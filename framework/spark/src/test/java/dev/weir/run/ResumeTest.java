package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.code.Compiled;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that had ended badly goes on where it stopped. */
@Timeout(300)
class ResumeTest {
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

  /** Numbers, and a stage of the user's that divides by one. */
  private Pipeline dividing(Path classes, int by) throws Exception {
    Path compiled =
        new Compiled(Files.createTempDirectory(classes, "user"))
            .folder(
                Map.of(
                    "user.Divides",
                    """
                    package user;
                    import dev.weir.pipeline.*;
                    public record Divides(Input from, Output into) implements Stage {
                      @Override public void run(StageContext context) {
                        int by = %d;
                        long rows = context.read(from).count() / by;
                        context.write(into, context.spark().range(rows).toDF());
                      }
                    }
                    """
                        .formatted(by)));
    Class<?> type = Class.forName("user.Divides", true, Compiled.loader(compiled));
    Stage stage =
        (Stage)
            type.getDeclaredConstructor(Input.class, Output.class)
                .newInstance(from("t.numbers"), to("t.divided"));
    return Pipeline.named("divide")
        .stage("numbers", new TestStages.Numbers(to("t.numbers"), 10))
        .stage("divide", stage)
        .build();
  }

  @Test
  void afterACodeFixItGoesOnAtTheStageThatFailed(@TempDir Path classes) throws Exception {
    RunResult failed = run(request(dividing(classes, 0)));
    assertThat(failed.state()).isEqualTo(RunState.FAILED);

    RunResult resumed = run(request(dividing(classes, 2)).resuming(failed.run()));

    assertThat(resumed.run()).isEqualTo(failed.run());
    assertThat(resumed.state()).as(String.valueOf(resumed.error())).isEqualTo(RunState.SUCCEEDED);
    assertThat(events)
        .filteredOn(RunEvent.Began.class::isInstance)
        .extracting(event -> ((RunEvent.Began) event).note())
        .containsExactly("Resumes run %s, which had ended as FAILED.".formatted(failed.run()));
    try (Home home = Home.open(folder)) {
      LineageReader lineage = LineageReader.open(Events.open(home));
      List<Row> attempts =
          lineage.rows(LineageTable.STAGES, List.of(Filter.equal("stage", "divide"))).stream()
              .sorted(java.util.Comparator.comparing(row -> row.integer("attempt")))
              .toList();
      assertThat(attempts)
          .extracting(row -> row.string("state"))
          .containsExactly(StageState.FAILED.name(), StageState.SUCCEEDED.name());
      assertThat(attempts.get(0).text("changed")).isNull();
      assertThat(attempts.get(1).text("changed"))
          .isEqualTo("class user.Divides of its code changed");
      assertThat(lineage.rows(LineageTable.STAGES, List.of(Filter.equal("stage", "numbers"))))
          .as("what had finished does not run again")
          .hasSize(1);
      assertThat(lineage.run(failed.run()).orElseThrow().state()).isEqualTo(RunState.SUCCEEDED);
    }

    assertThatThrownBy(() -> run(request(dividing(classes, 2)).resuming(failed.run())))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "Run %s has succeeded: there is nothing left of it to do.".formatted(failed.run()));
  }

  @Test
  void whatItHasFinishedMustBeWhatThePipelineDoes(@TempDir Path classes) throws Exception {
    RunResult failed = run(request(dividing(classes, 0)));
    Pipeline now = dividing(classes, 1);
    Pipeline changed =
        Pipeline.named("divide")
            .stage("numbers", new TestStages.Numbers(to("t.numbers"), 11))
            .stage("divide", now.stages().get(1).stage())
            .build();

    assertThatThrownBy(() -> run(request(changed).resuming(failed.run())))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "Run %s can't go on: the configuration of stage 'numbers', which it has finished, has changed."
                .formatted(failed.run()));
    Pipeline shorter =
        Pipeline.named("divide")
            .stage("numbers", new TestStages.Numbers(to("t.numbers"), 10))
            .build();
    assertThatThrownBy(() -> run(request(shorter).resuming(failed.run())))
        .hasMessage(
            "Run %s can't go on: stage 'divide' is no longer in the pipeline."
                .formatted(failed.run()));
    Pipeline other = Pipeline.named("other").stage("nothing", new TestStages.Nothing()).build();
    assertThatThrownBy(() -> run(request(other).resuming(failed.run())))
        .hasMessage("Run %s is one of the pipeline divide, not of other.".formatted(failed.run()));
    assertThatThrownBy(() -> run(request(now).resuming(failed.run() + "x")))
        .hasMessageStartingWith("There is no run '%sx'; did you mean".formatted(failed.run()));
  }
}
