package dev.weir.run;

import static dev.weir.ingest.Files.csv;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.code.Compiled;
import dev.weir.error.WeirException;
import dev.weir.ingest.Ingest;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
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
  void itReadsWhatWasThereWhenItBegan(@TempDir Path classes) throws Exception {
    run(request(source(10)));
    RunResult failed = run(request(half(classes, 0)));
    assertThat(failed.state()).isEqualTo(RunState.FAILED);
    run(request(source(20)));

    RunResult resumed = run(request(half(classes, 2)).resuming(failed.run()));

    assertThat(resumed.state()).as(String.valueOf(resumed.error())).isEqualTo(RunState.SUCCEEDED);
    assertThat(resumed.stages().get(0).datasets().get(0).rows()).isEqualTo(5);
    assertThat(run(request(half(classes, 2))).stages().get(0).datasets().get(0).rows())
        .as("a new run reads what is there now")
        .isEqualTo(10);
  }

  private static Pipeline source(long rows) {
    return Pipeline.named("source")
        .stage("numbers", new TestStages.Numbers(to("t.numbers"), rows))
        .build();
  }

  /** The stage that divides, by itself. */
  private Pipeline half(Path classes, int by) throws Exception {
    return Pipeline.named("half")
        .stage("divide", dividing(classes, by).stages().get(1).stage())
        .build();
  }

  @Test
  void afterAHangItGoesOnAtTheStageThatHung() throws Exception {
    RunResult failed =
        run(
            request(
                hanging()
                    .stage("hang", new TestStages.Endless("resumed"))
                    .after("numbers")
                    .timeout(Duration.ofSeconds(1))
                    .build()));
    assertThat(failed.error())
        .isNotNull()
        .satisfies(e -> assertThat(e.code()).isEqualTo("timeout"));

    RunResult resumed =
        run(
            request(hanging().stage("hang", new TestStages.Nothing()).after("numbers").build())
                .resuming(failed.run()));

    assertThat(resumed.state()).as(String.valueOf(resumed.error())).isEqualTo(RunState.SUCCEEDED);
    try (Home home = Home.open(folder)) {
      assertThat(LineageReader.open(Events.open(home)).stages(failed.run()))
          .extracting(StageView::stage, StageView::attempt, StageView::state)
          .containsExactly(
              tuple("numbers", 1, StageState.SUCCEEDED),
              tuple("hang", 1, StageState.FAILED),
              tuple("hang", 2, StageState.SUCCEEDED));
    }
  }

  private static Pipeline.Builder hanging() {
    return Pipeline.named("hangs").stage("numbers", new TestStages.Numbers(to("t.numbers"), 3));
  }

  /** What a run reads is settled when it begins: another delivery is for another run. */
  @Test
  void afterADamagedDeliveryANewRunReadsTheNextOne() throws Exception {
    Path file = Files.write(folder.resolve("a.csv.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
    Pipeline pipeline =
        Pipeline.named("delivery")
            .stage("numbers", new TestStages.Numbers(to("t.numbers"), 3))
            .stage("ingest", new Ingest(csv("a.csv.gz"), to("t.raw")))
            .after("numbers")
            .build();
    RunResult failed = run(request(pipeline));
    assertThat(failed.error())
        .isNotNull()
        .satisfies(error -> assertThat(error.code()).isEqualTo("damaged-file"));
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("id\n1\n".getBytes(StandardCharsets.UTF_8));
    }

    RunResult resumed = run(request(pipeline).resuming(failed.run()));

    assertThat(resumed.state()).isEqualTo(RunState.FAILED);
    assertThat(resumed.error())
        .isNotNull()
        .satisfies(error -> assertThat(error.code()).isEqualTo("source-changed"))
        .satisfies(error -> assertThat(error.message()).contains(file.toString(), "Run again"));
    RunResult next = run(request(pipeline));
    assertThat(next.stages())
        .extracting(stage -> stage.stage() + " " + stage.state())
        .containsExactly("numbers REUSED", "ingest SUCCEEDED");
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
