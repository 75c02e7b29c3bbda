package dev.weir.ml;

import static dev.weir.ml.Evaluate.binary;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.run.Selection;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  private static final SparkSession SPARK = TestSpark.session();

  @TempDir static Path folder;

  private static String home;
  private static RunResult made;

  /** Loans that default the more the lower the income. */
  private record Loans(Output into, int count) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(
          into,
          context
              .spark()
              .range(count)
              .selectExpr(
                  "id", "cast(id as double) as income", "cast(id % 7 > id / 20 as int) as late"));
    }
  }

  @BeforeAll
  static void registerTwoVersions() throws Exception {
    home = folder.resolve("a home").toString();
    made = run(pipeline(1), List.of());
    run(pipeline(3), List.of());
  }

  private static Pipeline pipeline(int factor) {
    return Pipeline.named("loans")
        .stage("loans", new Loans(to("loans.all"), 100))
        .stage(
            "train",
            new Train(
                    from("loans.all"),
                    toModel("loans.late"),
                    "late",
                    new Doubler("mine").factor(factor),
                    new VectorAssembler()
                        .setInputCols(new String[] {"doubled"})
                        .setOutputCol("features"),
                    new LogisticRegression().setMaxIter(3))
                .withKey("id"))
        .stage("predict", new Predict(from("loans.all"), model("loans.late"), to("loans.scored")))
        .stage(
            "evaluate",
            binary(from("loans.scored"), to("loans.evaluation"), model("loans.late"), "late"))
        .stage("register", new Register(model("loans.late"), from("loans.evaluation")))
        .build();
  }

  private static RunResult run(Pipeline pipeline, List<String> modelClasses)
      throws InterruptedException {
    URI location = Path.of(home).toUri();
    RunRequest plain = RunRequest.of(pipeline, location, folder.toUri(), SparkSettings.bare());
    RunRequest request =
        new RunRequest(
            plain.run(),
            pipeline,
            location,
            plain.project(),
            plain.spark(),
            modelClasses,
            2,
            RunRequest.DEFAULT_LEASE,
            Map.of(),
            null,
            Selection.ALL,
            null);
    try (Runner runner = Runner.open(request, event -> {})) {
      return runner.start().await();
    }
  }

  private static double doubled(PipelineModel model) {
    Dataset<Row> rows = SPARK.sql("select 5.0d as income");
    return model.transform(rows).select("doubled").head().getDouble(0);
  }

  @Test
  void aVersionOrTheLatestLoads() {
    assertThat(made.state()).isEqualTo(RunState.SUCCEEDED);
    List<String> own = List.of("dev.weir.ml");
    assertThat(doubled(Models.load(SPARK, home, "model:loans.late@1", own))).isEqualTo(5);
    assertThat(doubled(Models.load(SPARK, home, "model:loans.late", own))).isEqualTo(15);
    String uri = Path.of(home).toUri().toString();
    assertThat(doubled(Models.load(SPARK, uri, "loans.late@2", List.of(Doubler.class.getName()))))
        .isEqualTo(15);
  }

  @Test
  void aModelOfOtherClassesIsNotLoaded() {
    String message =
        "The model's file stages/0_Doubler_0/metadata/part-\\S+ names the class dev.weir.ml.Doubler, which is neither MLlib's nor on the list of allowed ones\\.";
    assertThatThrownBy(() -> Models.load(SPARK, home, "model:loans.late@1"))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("model-class-refused");
              assertThat(e.remedy())
                  .isEqualTo(
                      "Nothing of it was loaded. If the class is yours, add its package to model-classes: in conf/weir.yaml.");
            })
        .hasMessageMatching(message);
    // A longer name is another package.
    assertThatThrownBy(
            () -> Models.load(SPARK, home, "model:loans.late@1", List.of("dev.weir.m", "Doubler")))
        .hasMessageMatching(message);
  }

  @Test
  void aRunReadsAModelOfTheClassesThatItsProjectAllows() throws Exception {
    Pipeline score =
        Pipeline.named("score")
            .stage(
                "predict", new Predict(from("loans.all"), model("loans.late@1"), to("loans.again")))
            .build();

    RunResult refused = run(score, List.of());
    assertThat(refused.state()).isEqualTo(RunState.FAILED);
    assertThat(refused.error())
        .isNotNull()
        .extracting(Fact.Failure::code)
        .isEqualTo("model-class-refused");
    assertThat(run(score, List.of("dev.weir.ml")).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void theSessionNamesTheHome() {
    SparkSession session = SPARK.newSession();
    // The tests' environment has no WEIR_HOME.
    assertThatThrownBy(() -> Models.load(session, "model:loans.late@1"))
        .isInstanceOf(WeirException.class)
        .hasMessage("Neither the session's setting spark.weir.home nor WEIR_HOME names a home.");
    session.conf().set("spark.weir.home", home);
    assertThatThrownBy(() -> Models.load(session, "model:loans.lat"))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "There is no model loans.lat in the home; did you mean 'model:loans.late@2'? The latest are model:loans.late@2."));
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThatThrownBy(() -> Models.load(SPARK, home, "model:loans.late@7"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("There is no model loans.late@7 in the home");
    assertThatThrownBy(() -> Models.load(SPARK, home, "model:loans.late@last"))
        .isInstanceOf(WeirException.class)
        .hasMessage("There is no alias last of loans.late.");
    Path empty = folder.resolve("none");
    assertThatThrownBy(() -> Models.load(SPARK, empty.toString(), "model:loans.late"))
        .isInstanceOf(WeirException.class)
        .hasMessage("Nothing has been run in the home %s yet.".formatted(empty.toUri()));
    // Looking makes nothing.
    assertThat(Files.exists(empty)).isFalse();
  }
}
