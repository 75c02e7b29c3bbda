package dev.weir.ml;

import static dev.weir.ml.Bounds.atLeast;
import static dev.weir.ml.Bounds.atMost;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.Output.to;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.functions;
import org.apache.spark.mllib.evaluation.BinaryClassificationMetrics;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

class EvaluateTest {
  private static final SparkSession SPARK = TestSpark.session();
  private static final Offset<Double> CLOSE = within(1e-12);

  private ModelContext context;

  @BeforeEach
  void start(@TempDir Path home) {
    context = new ModelContext(SPARK, home);
  }

  /** Scores in tenths, so that many tie, and labels that follow them more or less. */
  private static Dataset<Row> scored() {
    return SPARK
        .range(0, 400, 1, 3)
        .select(
            expr("pmod(xxhash64(id, 1), 1000) / 1000.0D").as("truth"),
            expr("pmod(xxhash64(id, 2), 1000) / 1000.0D").as("luck"),
            expr("pmod(xxhash64(id, 3), 1000) / 1000.0D").as("noise"))
        .select(
            col("truth"),
            col("luck").lt(col("truth")).as("defaulted"),
            expr("round(0.6 * truth + 0.4 * noise, 1)").as("score"));
  }

  private static Evaluate binary() {
    return Evaluate.binary(
        Input.from("credit.scored"), to("credit.evaluation"), model("credit.default"), "defaulted");
  }

  @Test
  void binaryMetricsAreThoseOfMllib() throws Exception {
    context.put("credit.scored", scored());
    context.run(binary().withBest("truth"));

    Dataset<Row> doubles =
        scored()
            .select(
                col("score"),
                col("truth"),
                col("defaulted").cast("double").as("label"),
                expr("if(score > 0.5, 1D, 0D)").as("prediction"))
            .withColumn("probability", vector(expr("array(1 - score, score)")));
    BinaryClassificationEvaluator areas = new BinaryClassificationEvaluator().setNumBins(0);
    assertThat(context.metric("auc-roc"))
        .isCloseTo(areas.setRawPredictionCol("score").evaluate(doubles), CLOSE);
    assertThat(context.metric("auc-pr"))
        .isCloseTo(areas.setMetricName("areaUnderPR").evaluate(doubles), CLOSE);
    assertThat(context.metric("best.auc-pr"))
        .isCloseTo(areas.setRawPredictionCol("truth").evaluate(doubles), CLOSE);
    for (String[] names :
        new String[][] {
          {"log-loss", "logLoss"},
          {"accuracy", "accuracy"},
          {"precision", "precisionByLabel"},
          {"recall", "recallByLabel"},
          {"f1", "fMeasureByLabel"}
        }) {
      assertThat(context.metric(names[0]))
          .as(names[0])
          .isCloseTo(
              new MulticlassClassificationEvaluator()
                  .setMetricLabel(1)
                  .setMetricName(names[1])
                  .evaluate(doubles),
              CLOSE);
    }
    double rate = context.metric("positive-rate");
    assertThat(context.metric("brier"))
        .isCloseTo(doubles.selectExpr("avg(power(score - label, 2))").head().getDouble(0), CLOSE);
    assertThat(context.metric("baseline.auc-roc")).isEqualTo(0.5);
    assertThat(context.metric("baseline.auc-pr")).isEqualTo(rate);
    assertThat(context.metric("baseline.brier")).isCloseTo(rate * (1 - rate), CLOSE);
    assertThat(context.metric("baseline.log-loss"))
        .isCloseTo(-rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate), CLOSE);
    assertThat(context.metric("best.auc-roc")).isGreaterThan(context.metric("auc-roc"));
    assertThat(context.metrics).allMatch(m -> "candidate:credit.default@run1".equals(m.subject()));
  }

  @Test
  void areasHaveAPointForEveryScore() throws Exception {
    Dataset<Row> many =
        SPARK
            .range(0, 6000, 1, 3)
            .selectExpr(
                "pmod(xxhash64(id, 1), 5000) / 5000.0D as score",
                "pmod(xxhash64(id, 2), 1000) / 1000.0D as luck")
            .selectExpr("score", "luck < score * score as defaulted");
    assertThat(many.select("score").distinct().count()).isGreaterThan(2000);
    context.put("credit.scored", many);
    context.run(binary());

    double exact = area(many.collectAsList());
    double binned =
        new BinaryClassificationEvaluator()
            .setRawPredictionCol("score")
            .evaluate(many.select(col("score"), col("defaulted").cast("double").as("label")));
    assertThat(context.metric("auc-roc")).isCloseTo(exact, CLOSE);
    // MLlib's bins fall where a sample of the scores says: how far it is off is another each time.
    assertThat(Math.abs(exact - binned)).isGreaterThan(1e-10);
  }

  /**
   * The area under the ROC curve by ranks (Mann and Whitney 1947): the chance that a positive
   * scores above a negative, ties by half.
   */
  private static double area(List<Row> rows) {
    List<Row> sorted =
        rows.stream().sorted(Comparator.comparingDouble(row -> row.getDouble(0))).toList();
    double ranks = 0;
    long positives = 0;
    for (int from = 0, next; from < sorted.size(); from = next) {
      double score = sorted.get(from).getDouble(0);
      long tied = 0;
      for (next = from; next < sorted.size() && sorted.get(next).getDouble(0) == score; next++) {
        tied += sorted.get(next).getBoolean(1) ? 1 : 0;
      }
      ranks += tied * (from + 1 + next) / 2.0;
      positives += tied;
    }
    long negatives = sorted.size() - positives;
    return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }

  /** Rows with fractions whose sums depend on their order unless they are exact. */
  private static List<Row> fractions() {
    return SPARK
        .range(3000)
        .select(
            expr("pmod(xxhash64(id, 1), 100003) / 100003D").as("score"),
            expr("pmod(xxhash64(id, 2), 1009) / 1009D").as("truth"),
            expr("if(pmod(xxhash64(id, 3), 100003) < pmod(xxhash64(id, 1), 100003), 1D, 0D)")
                .as("defaulted"),
            expr("double(pmod(xxhash64(id, 4), 5))").as("species"),
            expr("double(pmod(xxhash64(id, 5), 5))").as("prediction"),
            expr("transform(sequence(1, 5), i -> pmod(xxhash64(id, i), 1009) / 2018D)")
                .as("probability"),
            expr("exp(pmod(xxhash64(id, 6), 1009) / 100D)").as("price"))
        .collectAsList();
  }

  @Test
  void orderAndPartitionsChangeNoDigit() {
    StructType schema =
        new StructType()
            .add("score", "double")
            .add("truth", "double")
            .add("defaulted", "double")
            .add("species", "double")
            .add("prediction", "double")
            .add("probability", "array<double>")
            .add("price", "double");
    List<Row> rows = new ArrayList<>(fractions());
    Random random = new Random(1);
    Set<Evaluation> binary = new HashSet<>();
    Set<Evaluation> multiclass = new HashSet<>();
    Set<Evaluation> regression = new HashSet<>();
    for (int partitions : new int[] {1, 2, 3, 7}) {
      Collections.shuffle(rows, random);
      Dataset<Row> split =
          SPARK.createDataFrame(
              JavaSparkContext.fromSparkContext(SPARK.sparkContext()).parallelize(rows, partitions),
              schema);
      assertThat(split.toJavaRDD().getNumPartitions()).isEqualTo(partitions);
      binary.add(BinaryEvaluation.of(split, new Labels("defaulted", null), "truth", "rows"));
      multiclass.add(MulticlassEvaluation.of(split, new Labels("species", split), "rows"));
      regression.add(RegressionEvaluation.of(split, new Labels("price", split), "rows"));
    }
    assertThat(binary).hasSize(1);
    assertThat(multiclass).hasSize(1);
    assertThat(regression).hasSize(1);
  }

  @Test
  void areasDoNotDependOnTheRangesOfScores() {
    // Many ties across the rows' partitions, a zero with a sign, and more ranges than scores.
    JavaRDD<Row> rows =
        SPARK
            .range(0, 2000, 1, 3)
            .selectExpr(
                "double(pmod(xxhash64(id, 1), 3) = 0) as y",
                "round(pmod(xxhash64(id, 2), 100003) / 100003D, 2) as s",
                "if(id % 2 = 0, -0.0D, 0.0D) + if(id % 3 = 0, 0D, -0.0D) as b")
            .toJavaRDD();
    long positives = rows.filter(row -> row.getDouble(0) == 1.0).count();
    Set<List<Areas>> found = new HashSet<>();
    for (int ranges : new int[] {1, 2, 3, 7, 200}) {
      found.add(Areas.of(rows, 2, positives, 2000 - positives, ranges));
    }
    assertThat(found).hasSize(1);
    List<Areas> areas = found.iterator().next();
    BinaryClassificationMetrics metrics =
        new BinaryClassificationMetrics(
            rows.map(row -> new Tuple2<Object, Object>(row.getDouble(1), row.getDouble(0))).rdd(),
            0);
    assertThat(areas.get(0).roc()).isCloseTo(metrics.areaUnderROC(), CLOSE);
    assertThat(areas.get(0).pr()).isCloseTo(metrics.areaUnderPR(), CLOSE);
    assertThat(areas.get(1)).isEqualTo(new Areas(0.5, positives / 2000.0));
  }

  private static Column vector(Column array) {
    return functions.array_to_vector(array);
  }

  @Test
  void theEvaluationIsADatasetWithARowAMetric() throws Exception {
    context.put("credit.scored", scored());
    context.run(
        binary().withGate("auc-roc", atLeast(0.6)).withGate("log-loss", new Bounds(0.1, 0.9)));
    Dataset<Row> written = context.table("credit.evaluation");
    assertThat(written.columns())
        .containsExactly("metric", "value", "baseline", "best", "gate_min", "gate_max", "passed");
    assertThat(written.select("metric").collectAsList().stream().map(row -> row.getString(0)))
        .containsExactlyInAnyOrderElementsOf(Task.BINARY.metrics());
    Row gated = written.filter("metric = 'log-loss'").head();
    assertThat(gated.getDouble(1)).isEqualTo(context.metric("log-loss"));
    assertThat(gated.getDouble(4)).isEqualTo(0.1);
    assertThat(gated.getDouble(5)).isEqualTo(0.9);
    assertThat(gated.getBoolean(6)).isTrue();
    assertThat(written.filter("metric = 'f1' and passed is null").count()).isEqualTo(1);
    assertThat(context.checks)
        .containsExactly(
            new Fact.Check(
                "gate.auc-roc",
                "candidate:credit.default@run1",
                null,
                true,
                400,
                null,
                String.valueOf(context.metric("auc-roc")),
                "at least 0.6"),
            new Fact.Check(
                "gate.log-loss",
                "candidate:credit.default@run1",
                null,
                true,
                400,
                null,
                String.valueOf(context.metric("log-loss")),
                "from 0.1 to 0.9"));
  }

  @Test
  void aMissedGateHaltsAfterEverythingIsSaid() {
    context.put("credit.scored", scored());
    Evaluate strict =
        binary()
            .withBest("truth")
            .withGate("auc-roc", atLeast(0.99))
            .withGate("brier", atMost(0.5))
            .withGate("f1", atLeast(0.98));
    GateException halted = catchThrowableOfType(GateException.class, () -> context.run(strict));
    assertThat(halted)
        .hasMessageMatching(
            "candidate:credit.default@run1 did not pass on dataset:credit.scored@0 \\(400 rows\\): "
                + "auc-roc is 0\\.\\d+ \\(a constant reaches 0.500000, the best possible is 0\\.\\d+\\), and the gate asks for at least 0.99; "
                + "f1 is 0\\.\\d+, and the gate asks for at least 0.98\\.");
    assertThat(halted.remedy()).contains("from lineage.metrics where run = 'run1'");
    assertThat(context.checks).extracting(Fact.Check::passed).containsExactly(false, true, false);
    assertThat(context.table("credit.evaluation").filter("not passed").count()).isEqualTo(2);
  }

  @Test
  void theConstantCanComeFromTheTrainingData() throws Exception {
    context.put("credit.scored", scored());
    context.put("credit.train", SPARK.range(10).select(col("id").lt(2).as("defaulted")));
    context.run(binary().withBaseline(Input.from("credit.train")));
    double rate = context.metric("positive-rate");
    assertThat(context.metric("baseline.positive-rate")).isCloseTo(0.2, CLOSE);
    assertThat(context.metric("baseline.log-loss"))
        .isCloseTo(-rate * Math.log(0.2) - (1 - rate) * Math.log(0.8), CLOSE);
    assertThat(context.metric("baseline.accuracy")).isCloseTo(1 - rate, CLOSE);
  }

  @Test
  void multiclassMetricsAreThoseOfMllib() throws Exception {
    Dataset<Row> rows =
        SPARK
            .range(300)
            .select(
                expr("cast(pmod(xxhash64(id, 1), 3) as int)").as("species"),
                expr("if(id % 4 = 0, 1D, cast(pmod(xxhash64(id, 1), 3) as double))")
                    .as("prediction"),
                expr("if(id % 4 = 0, array(0.1D, 0.8D, 0.1D), array(0.2D, 0.3D, 0.5D))")
                    .as("probability"));
    context.put("iris.scored", rows);
    context.run(
        Evaluate.multiclass(
                Input.from("iris.scored"), to("iris.evaluation"), model("iris.kind"), "species")
            .withGate("accuracy", atLeast(0.5)));
    Dataset<Row> doubles =
        rows.select(
            col("species").cast("double").as("label"),
            col("prediction"),
            vector(col("probability")).as("probability"));
    for (String[] names :
        new String[][] {
          {"accuracy", "accuracy"},
          {"log-loss", "logLoss"},
          {"precision", "weightedPrecision"},
          {"recall", "weightedRecall"},
          {"f1", "f1"}
        }) {
      assertThat(context.metric(names[0]))
          .as(names[0])
          .isCloseTo(
              new MulticlassClassificationEvaluator().setMetricName(names[1]).evaluate(doubles),
              CLOSE);
    }
    assertThat(context.metric("baseline.accuracy")).isBetween(0.3, 0.5);
    assertThat(context.metric("baseline.log-loss")).isBetween(1.0, 1.2);

    context.put("iris.scored", rows.withColumn("species", lit(0.5)));
    assertThatThrownBy(
            () ->
                context.run(
                    Evaluate.multiclass(
                        Input.from("iris.scored"),
                        to("iris.evaluation"),
                        model("iris.kind"),
                        "species")))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "300 of the 300 rows of dataset:iris.scored@0 have a label in 'species' that is not a class: 0, 1, 2 and so on.");
  }

  @Test
  void regressionMetricsAreThoseOfMllib() throws Exception {
    Dataset<Row> rows =
        SPARK
            .range(200)
            .select(
                expr("5 + id / 10.0D").as("price"),
                expr("5 + id / 10.0D + pmod(xxhash64(id), 100) / 50.0D - 1").as("prediction"));
    context.put("homes.scored", rows);
    Evaluate evaluate =
        Evaluate.regression(
            Input.from("homes.scored"), to("homes.evaluation"), model("homes.price"), "price");
    context.run(evaluate.withGate("rmse", atMost(1.0)));
    for (String name : List.of("rmse", "mae", "r2")) {
      assertThat(context.metric(name))
          .as(name)
          .isCloseTo(
              new RegressionEvaluator().setLabelCol("price").setMetricName(name).evaluate(rows),
              CLOSE);
    }
    assertThat(context.metric("mape"))
        .isCloseTo(
            rows.selectExpr("avg(abs((prediction - price) / price))").head().getDouble(0), CLOSE);
    assertThat(context.metric("baseline.r2")).isCloseTo(0, CLOSE);
    assertThat(context.metric("baseline.rmse"))
        .isCloseTo(rows.selectExpr("stddev_pop(price)").head().getDouble(0), CLOSE);

    context.put("homes.scored", rows.withColumn("price", lit(0.1)));
    context.metrics.clear();
    context.run(evaluate);
    assertThat(context.metrics)
        .as("nothing to explain where all labels are the same")
        .extracting(Fact.Metric::name)
        .doesNotContain("r2")
        .contains("mae");

    context.put("homes.scored", rows.withColumn("price", col("price").minus(5)));
    assertThatThrownBy(() -> context.run(evaluate.withGate("mape", atMost(0.1))))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "The gate asks for mape of candidate:homes.price@run1, which is not defined on dataset:homes.scored@0.");
  }

  @Test
  void predictionsThatCantBeMeasuredAreRefused() {
    assertRefused(scored().limit(0), "dataset:credit.scored@0 has no rows to evaluate.");
    assertRefused(
        scored().withColumn("defaulted", lit(true)),
        "All 400 rows of dataset:credit.scored@0 have the label 1 in 'defaulted': the areas under the curves need both classes.");
    assertRefused(
        scored().withColumn("score", when(col("score").gt(0.5), col("score"))),
        "\\d+ of the 400 rows of dataset:credit.scored@0 have null or NaN in 'score'\\.");
    assertRefused(
        scored().withColumn("score", lit(Double.NaN)),
        "400 of the 400 rows of dataset:credit.scored@0 have null or NaN in 'score'.");
    assertRefused(
        scored().withColumn("score", col("score").plus(3)),
        "400 of the 400 rows of dataset:credit.scored@0 have a 'score' outside 0 to 1.");
    assertRefused(
        scored().withColumn("defaulted", lit(null).cast("double")),
        "400 of the 400 rows of dataset:credit.scored@0 have no label in 'defaulted'.");
    assertRefused(
        scored().withColumn("defaulted", lit(2)),
        "400 of the 400 rows of dataset:credit.scored@0 have a label in 'defaulted' that is neither 0 nor 1.");
    assertRefused(
        scored().withColumn("defaulted", lit("yes")),
        "Column 'defaulted' of dataset:credit.scored@0 is the label and holds string, not numbers.");
    assertRefused(
        scored().drop("defaulted").withColumnRenamed("truth", "default"),
        "dataset:credit.scored@0 has no column 'defaulted', which is the label; did you mean 'default'?");
  }

  private void assertRefused(Dataset<Row> rows, String message) {
    context.put("credit.scored", rows);
    assertThatThrownBy(() -> context.run(binary()))
        .isInstanceOf(WeirException.class)
        .message()
        .satisfiesAnyOf(
            found -> assertThat(found).isEqualTo(message),
            found -> assertThat(found).matches(message));
  }

  @Test
  void gatesAreCheckedWhenTheStageIsMade() {
    assertThatThrownBy(() -> binary().withGate("auc-rok", atLeast(0.6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "gate names the metric 'auc-rok', which task binary does not have; did you mean 'auc-roc'?; it has auc-roc, auc-pr, log-loss, brier, accuracy, precision, recall, f1, positive-rate");
    assertThatThrownBy(() -> new Bounds(null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A bound has min, max or both");
    assertThatThrownBy(() -> new Bounds(2.0, 1.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("min 2.0 is above max 1.0");
    assertThatThrownBy(
            () ->
                Evaluate.regression(Input.from("a.b"), to("a.c"), model("a.m"), "y")
                    .withBest("truth"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("best is a probability of class 1: it goes with task binary, not regression");
  }
}
