package dev.weir.ml;

import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.classification.LinearSVC;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.classification.OneVsRest;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainTest {
  private static final SparkSession SPARK = TestSpark.session();

  private ModelContext context;

  @BeforeEach
  void start(@TempDir Path home) {
    context = new ModelContext(SPARK, home);
  }

  private static Dataset<Row> loans(long rows) {
    return SPARK
        .range(rows)
        .select(
            col("id").as("application_id"),
            expr("pmod(xxhash64(id), 1000) / 100.0D").as("income"),
            expr("pmod(xxhash64(id, 7), 1000) / 100.0D").as("debt"))
        .withColumn(
            "defaulted",
            expr("debt - income + pmod(xxhash64(application_id, 9), 600) / 100.0D > 3"));
  }

  private static VectorAssembler assembler() {
    return new VectorAssembler()
        .setInputCols(new String[] {"income", "debt"})
        .setOutputCol("features");
  }

  private static Train logistic() {
    return new Train(
        Input.from("credit.features"),
        toModel("credit.default"),
        "defaulted",
        assembler(),
        new LogisticRegression().setMaxIter(20));
  }

  @Test
  void yamlAndJavaGiveTheSameStage() {
    Train yaml =
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            List.of(
                YamlText.stage(
                    "{ VectorAssembler: { inputCols: [income, debt], outputCol: features } }"),
                YamlText.stage("{ LogisticRegression: { maxIter: 20 } }")),
            null,
            null,
            null,
            false);
    assertThat(logistic()).isEqualTo(yaml).hasSameHashCodeAs(yaml);
    assertThat(logistic().withSeed(1)).isNotEqualTo(yaml);
  }

  @Test
  void fitsPublishesAndSaysWithWhat() throws Exception {
    context.put("credit.features", loans(500));
    context.run(logistic().withKey("application_id"));

    assertThat(context.candidate("credit.default").type())
        .isEqualTo(LogisticRegressionModel.class.getName());
    assertThat(context.candidate("credit.default").signature())
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"income\",\"type\":\"double\"},{\"name\":\"debt\",\"type\":\"double\"}],"
                + "\"outputs\":[{\"name\":\"prediction\",\"type\":\"double\"},{\"name\":\"probability\",\"type\":\"array<double>\"},{\"name\":\"score\",\"type\":\"double\"}]}");
    assertThat(context.params)
        .containsEntry("seed", "42")
        .containsEntry("partitions", "2")
        .containsEntry("key", "application_id")
        .containsEntry("label", "defaulted")
        .containsEntry("0.VectorAssembler.inputCols", "[\"income\",\"debt\"]")
        .containsEntry("1.LogisticRegression.maxIter", "20")
        .containsEntry("1.LogisticRegression.labelCol", "defaulted")
        .containsEntry("1.LogisticRegression.regParam", "0.0");
    assertThat(context.metric("training-rows")).isEqualTo(500);
    assertThat(context.metric("fit-seconds")).isPositive();
    assertThat(context.metric("iterations")).isBetween(1.0, 20.0);
    assertThat(context.metric("objective")).isBetween(0.0, 0.7);
    assertThat(context.metrics).allMatch(m -> "candidate:credit.default@run1".equals(m.subject()));
  }

  @Test
  void theSeedReachesEveryStageThatHasOne() throws Exception {
    context.put("credit.features", loans(200));
    Train forest =
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            assembler(),
            new OneVsRest().setClassifier(new RandomForestClassifier().setNumTrees(2)));
    context.run(forest.withSeed(7));
    assertThat(context.params)
        .containsEntry("seed", "7")
        .containsEntry("1.OneVsRest.classifier", "RandomForestClassifier")
        .containsEntry("1.OneVsRest.classifier.RandomForestClassifier.seed", "7")
        .containsEntry("1.OneVsRest.classifier.RandomForestClassifier.numTrees", "2");

    context.run(
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            assembler(),
            new RandomForestClassifier().setNumTrees(2).setSeed(5)));
    assertThat(context.params)
        .containsEntry("seed", "42")
        .containsEntry("1.RandomForestClassifier.seed", "5");
  }

  @Test
  void theSameRowsGiveTheSameModelHoweverTheyLie() throws Exception {
    context.keepsFiles = false;
    Dataset<Row> rows = loans(3000);
    List<Dataset<Row>> layouts =
        List.of(rows.coalesce(1), rows.orderBy(col("debt").desc()).repartition(7, col("income")));
    for (Train train :
        List.of(
            logistic().withKey("application_id"),
            new Train(
                Input.from("credit.features"),
                toModel("credit.default"),
                "defaulted",
                assembler(),
                new RandomForestClassifier().setNumTrees(5).setMaxDepth(4)))) {
      List<String> fits =
          layouts.stream()
              .map(
                  layout -> {
                    context.put("credit.features", layout);
                    return fitted(train);
                  })
              .toList();
      assertThat(fits.get(1)).isEqualTo(fits.get(0));
    }
  }

  /** Every bit of what was learned. */
  private String fitted(Train train) {
    try {
      context.run(train);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    var stages = Objects.requireNonNull(context.fitted).stages();
    var last = stages[stages.length - 1];
    if (last instanceof LogisticRegressionModel m) {
      return hex(m.coefficients().toArray()) + hex(m.intercept());
    }
    return ((RandomForestClassificationModel) last).toDebugString();
  }

  private static String hex(double... values) {
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      text.append(Double.toHexString(value)).append(' ');
    }
    return text.toString();
  }

  @Test
  void rowsWithoutALabelAreAnErrorUnlessToldOtherwise() throws Exception {
    context.put(
        "credit.features",
        loans(100)
            .withColumn(
                "defaulted",
                when(col("application_id").lt(10), lit(null)).otherwise(col("defaulted"))));
    assertThatThrownBy(() -> context.run(logistic()))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "10 of the 100 rows of dataset:credit.features@0 have no label in 'defaulted'.");
    context.run(logistic().droppingNullLabels());
    assertThat(context.metric("training-rows")).isEqualTo(90);
    assertThat(context.metric("rows-without-label")).isEqualTo(10);
  }

  @Test
  void rowsThatCantBeTrainedOnAreRefused() {
    context.put("credit.features", loans(100).withColumn("branch", expr("application_id % 10")));
    assertThatThrownBy(() -> context.run(logistic().withKey("branch")))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "'branch' is not a key of dataset:credit.features@0: a value of it occurs 10 times.");
    assertThatThrownBy(() -> context.run(logistic().withKey("aplication_id")))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:credit.features@0 has no column 'aplication_id' for key; did you mean 'application_id'?");
    Train mislabelled =
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "default",
            assembler(),
            new LogisticRegression());
    assertThatThrownBy(() -> context.run(mislabelled))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:credit.features@0 has no column 'default' for label; did you mean 'defaulted'?");
    Train unfit =
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            new VectorAssembler().setInputCols(new String[] {"incme"}).setOutputCol("features"),
            new LogisticRegression());
    assertThatThrownBy(() -> context.run(unfit))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith(
            "Stage 0 of the chain, VectorAssembler, does not take the rows of dataset:credit.features@0: ")
        .hasMessageContaining("incme");
    context.put("credit.features", loans(0));
    assertThatThrownBy(() -> context.run(logistic()))
        .isInstanceOf(WeirException.class)
        .hasMessage("dataset:credit.features@0 has no rows to train on.");
  }

  @Test
  void chainsThatDontPredictAreRefused() {
    assertFault("stages is a list of at least one stage, ending in one that predicts", "y");
    assertFault(
        "the chain ends in VectorAssembler, a transformer: it takes an estimator that predicts, such as LogisticRegression, as its last stage",
        "y",
        assembler());
    assertFault(
        "the chain ends in StandardScaler, which prepares features and predicts nothing: add a predictor, such as LogisticRegression, after it",
        "y",
        assembler(),
        new StandardScaler());
    assertFault(
        "no stage of the chain learns from a label (KMeans does not): leave out label",
        "y",
        assembler(),
        new KMeans());
    assertFault(
        "LogisticRegression learns from a label: give its column as label",
        null,
        assembler(),
        new LogisticRegression());
    assertThatThrownBy(() -> logistic().withPartitions(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("partitions is from 1 to 10000, not 0");
  }

  private static void assertFault(
      String message,
      @org.jspecify.annotations.Nullable String label,
      org.apache.spark.ml.PipelineStage... stages) {
    assertThatThrownBy(() -> new Train(Input.from("a.b"), toModel("a.m"), label, stages))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void clustersWithoutALabel() throws Exception {
    context.put("credit.features", loans(100));
    context.run(
        new Train(
            Input.from("credit.features"),
            toModel("credit.groups"),
            null,
            assembler(),
            new KMeans().setK(2)));
    assertThat(context.metric("iterations")).isPositive();
    assertThat(context.metric("objective")).isPositive();
    context.run(
        new Predict(Input.from("credit.features"), model("credit.groups"), to("credit.grouped")));
    assertThat(context.table("credit.grouped").columns())
        .containsExactly("application_id", "income", "debt", "defaulted", "prediction");
  }

  @Test
  void predictsInPlainColumns() throws Exception {
    context.put("credit.features", loans(200));
    context.run(logistic());
    context.run(
        new Predict(
            Input.from("credit.features"),
            model("credit.default"),
            to("credit.scored"),
            "defaulted"));
    Dataset<Row> scored = context.table("credit.scored");
    assertThat(scored.schema().toDDL())
        .isEqualTo("defaulted BOOLEAN,prediction DOUBLE,probability ARRAY<DOUBLE>,score DOUBLE");
    assertThat(
            scored.filter("score <> probability[1] or prediction <> if(score > 0.5, 1, 0)").count())
        .isZero();
    assertThat(scored.count()).isEqualTo(200);

    Predict unknown =
        new Predict(
            Input.from("credit.features"), model("credit.default"), to("credit.x"), "incom");
    assertThatThrownBy(() -> context.run(unknown))
        .isInstanceOf(WeirException.class)
        .hasMessage("The rows to score have no column 'incom' to keep; did you mean 'income'?");
    context.put("credit.again", scored.withColumn("income", lit(1.0)).withColumn("debt", lit(1.0)));
    Predict again =
        new Predict(Input.from("credit.again"), model("credit.default"), to("credit.x"));
    assertThatThrownBy(() -> context.run(again)).isInstanceOf(WeirException.class);
    context.put("credit.partial", loans(10).drop("debt"));
    Predict partial =
        new Predict(Input.from("credit.partial"), model("credit.default"), to("credit.x"));
    assertThatThrownBy(() -> context.run(partial))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("The model's VectorAssembler does not take these rows: ")
        .hasMessageContaining("debt");
  }

  @Test
  void aSupportVectorMachineGivesAMargin() throws Exception {
    context.put("credit.features", loans(100));
    context.run(
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            assembler(),
            new LinearSVC().setMaxIter(3)));
    context.run(
        new Predict(
            Input.from("credit.features"),
            model("credit.default"),
            to("credit.scored"),
            "defaulted"));
    assertThat(context.table("credit.scored").filter("(margin > 0) <> (prediction = 1)").count())
        .isZero();
    assertThatThrownBy(
            () ->
                context.run(
                    Evaluate.binary(
                        Input.from("credit.scored"),
                        to("credit.e"),
                        model("credit.default"),
                        "defaulted")))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:credit.scored@0 has no column 'score', which is the probability of class 1 that predict publishes for a classifier of two classes that gives probabilities.");
  }

  @Test
  void aTransformerOfAUsersOwnIsFittedSavedAndLoaded() throws Exception {
    context.put("credit.features", loans(100));
    context.run(
        new Train(
            Input.from("credit.features"),
            toModel("credit.default"),
            "defaulted",
            new Doubler("mine").factor(3),
            new VectorAssembler().setInputCols(new String[] {"doubled"}).setOutputCol("features"),
            new LogisticRegression().setMaxIter(2)));
    PipelineModel loaded = context.load("credit.default");
    Row first = loaded.transform(loans(5)).select("income", "doubled").head();
    assertThat(first.getDouble(1)).isEqualTo(3 * first.getDouble(0));
    assertThat(context.candidate("credit.default").signature())
        .startsWith("{\"inputs\":[{\"name\":\"income\",\"type\":\"double\"}],");
  }

  @Test
  void registersTheCandidateOnItsEvaluation() throws Exception {
    context.run(new Register(model("credit.default"), Input.from("credit.evaluation")));
    assertThat(context.registered).containsExactly("credit.default on credit.evaluation");
    assertThatThrownBy(
            () -> new Register(model("credit.default@2"), Input.from("credit.evaluation")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "credit.default@2 is registered already: name the model without a version, to register the candidate made in the run");
  }
}
