package dev.weir.reproduce;

import static dev.weir.feature.Sql.statement;
import static dev.weir.ml.Evaluate.binary;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static dev.weir.quality.Check.allowed;
import static dev.weir.quality.Check.expression;
import static dev.weir.quality.Check.notNull;
import static dev.weir.quality.Check.range;
import static dev.weir.quality.Check.rowCount;
import static dev.weir.quality.Check.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.feature.Sql;
import dev.weir.ingest.Ingest;
import dev.weir.ingest.Sample;
import dev.weir.lineage.RunState;
import dev.weir.ml.Predict;
import dev.weir.ml.Register;
import dev.weir.ml.Train;
import dev.weir.pipeline.Pipeline;
import dev.weir.quality.Validate;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models of the credit data come out the same to the last bit, whatever the number of cores: each
 * on two; on one and on four the boosted trees, whose every tree follows from all before it, or
 * each with {@code -Dweir.sweep=true}.
 */
@Timeout(900)
class ReproduceModelsTest {
  @TempDir static Path folder;

  private static Path home;

  /** The first was registered on its evaluation, the others are candidates still. */
  private static List<String> models;

  /** Those that are made again on one core and on four. */
  private static List<String> elsewhere;

  private static Process one;
  private static Process four;

  @BeforeAll
  static void makeTheModels() throws Exception {
    TestSpark.session();
    home = folder.resolve("home");
    Pipeline.Builder builder =
        Pipeline.named("credit")
            .param("seed", 42)
            .stage("ingest", new Ingest(Sample.credit(18, 60, 42), to("credit.raw")))
            .stage(
                "features",
                new Sql(
                    from("credit.raw"),
                    to("credit.features"),
                    statement(
                        """
                        select application_id, channel, age, interest_rate,
                          coalesce(credit_score, 655) as credit_score, ln(loan_amount) as amount,
                          loan_term_months, defaulted
                        from credit.raw
                        where defaulted is not null and _corrupt_record is null""")))
            .stage(
                "validate",
                new Validate(
                    from("credit.features"),
                    to("credit.clean"),
                    unique("application_id"),
                    notNull("amount"),
                    range("age", 18, 100),
                    allowed("defaulted", "0", "1"),
                    rowCount(1),
                    expression("loan_term_months > 0")));
    addModel(builder, "linear", new LogisticRegression().setMaxIter(20).setRegParam(0.001));
    addModel(builder, "forest", new RandomForestClassifier().setNumTrees(5).setMaxDepth(4));
    addModel(builder, "boosted", new GBTClassifier().setMaxIter(4).setMaxDepth(3));
    builder
        .stage(
            "predict",
            new Predict(
                from("credit.clean"),
                model("credit.linear"),
                to("credit.predictions"),
                "application_id",
                "defaulted"))
        .stage(
            "evaluate",
            binary(
                    from("credit.predictions"),
                    to("credit.evaluation"),
                    model("credit.linear"),
                    "defaulted")
                .withBaseline(from("credit.clean")))
        .stage("register", new Register(model("credit.linear"), from("credit.evaluation")));
    RunRequest request =
        RunRequest.of(builder.build(), home.toUri(), folder.toUri(), SparkSettings.bare());
    try (Runner runner = Runner.open(request, event -> {})) {
      RunResult result = runner.start().await();
      assertThat(result.state()).as(String.valueOf(result.error())).isEqualTo(RunState.SUCCEEDED);
      models =
          List.of(
              "model:credit.linear@1",
              "candidate:credit.forest@" + result.run(),
              "candidate:credit.boosted@" + result.run());
    }
    elsewhere = Boolean.getBoolean("weir.sweep") ? models : models.subList(2, 3);
    one = ReproducedAt.start(home, "local[1]", elsewhere);
    four = ReproducedAt.start(home, "local[4]", elsewhere);
  }

  private static void addModel(Pipeline.Builder builder, String name, PipelineStage predictor) {
    builder.stage(
        "train-" + name,
        new Train(
                from("credit.clean"),
                toModel("credit." + name),
                "defaulted",
                new StringIndexer()
                    .setInputCol("channel")
                    .setOutputCol("channel_i")
                    .setHandleInvalid("keep"),
                new VectorAssembler()
                    .setInputCols(
                        new String[] {
                          "channel_i",
                          "age",
                          "interest_rate",
                          "credit_score",
                          "amount",
                          "loan_term_months"
                        })
                    .setOutputCol("features"),
                predictor)
            .withKey("application_id"));
  }

  @AfterAll
  static void endTheProcesses() {
    for (Process process : new Process[] {one, four}) {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void onTwoCoresAllIsTheSame() throws Exception {
    for (String model : models) {
      Reproduced reproduced =
          Reproduction.of(ReproducedAt.request(model, home, SparkSettings.bare()), event -> {});

      assertThat(reproduced.verdict()).as(reproduced.toString()).isEqualTo(Likeness.IDENTICAL);
      assertThat(reproduced.causes()).isEmpty();
      assertThat(reproduced.compared())
          .extracting(Compared::name)
          .contains("dataset:credit.raw@0", "dataset:credit.clean@0")
          .anyMatch(name -> name.startsWith("candidate:credit."));
      assertThat(reproduced.compared())
          .extracting(Compared::name)
          .filteredOn(name -> name.equals("auc-roc") || name.equals("dataset:credit.evaluation@0"))
          .hasSize(model.startsWith("model:") ? 2 : 0);
    }
  }

  @Test
  void onOneCoreAndOnFourToo() throws Exception {
    for (String master : List.of("local[1]", "local[4]")) {
      Process process = master.equals("local[1]") ? one : four;
      assertThat(process.waitFor(800, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readAllLines(ReproducedAt.out(home, master)))
          .as(Files.readString(folder.resolve(master + ".err")))
          .containsExactlyElementsOf(
              elsewhere.stream().map(model -> model + " IDENTICAL []").toList());
    }
  }
}
