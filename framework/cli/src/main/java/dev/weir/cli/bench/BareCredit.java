package dev.weir.cli.bench;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.functions;
import org.apache.spark.mllib.evaluation.BinaryClassificationMetrics;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * The work of the credit pipeline, written by hand on bare Spark and Delta: the same reads, checks,
 * fits, parallelism and tables, each written once; no digests, no lineage, no lease.
 */
final class BareCredit {
  private static final String[] CATEGORIES = {
    "channel", "region", "marital", "education", "employment", "housing", "purpose"
  };

  private final SparkSession root;
  private final ExecutorService pool;
  private final Path applications;
  private final Path truth;
  private final StructType applicationsSchema;
  private final StructType truthSchema;
  private final Path features;
  private final Path out;

  /**
   * @param applications the folder of the sample's files
   * @param applicationsSchema their columns and {@code _corrupt_record}
   * @param features the SQL file of the features
   * @param out where the tables and the model go
   */
  BareCredit(
      SparkSession root,
      ExecutorService pool,
      Path applications,
      StructType applicationsSchema,
      Path truth,
      StructType truthSchema,
      Path features,
      Path out) {
    this.root = root;
    this.pool = pool;
    this.applications = applications;
    this.applicationsSchema = applicationsSchema;
    this.truth = truth;
    this.truthSchema = truthSchema;
    this.features = features;
    this.out = out;
  }

  void run() throws IOException {
    CompletableFuture<Void> truthWritten =
        CompletableFuture.runAsync(() -> write(csv(session(), truth, truthSchema), "truth"), pool);
    SparkSession spark = session();
    write(csv(spark, applications, applicationsSchema), "raw");
    write(
        read(spark, "raw").where("_corrupt_record is null").drop("_corrupt_record"), "wellformed");
    validate(spark);
    features(spark);
    split(spark);
    PipelineModel model = train(spark);
    predict(spark, model);
    truthWritten.join();
    write(
        read(spark, "predictions")
            .join(
                read(spark, "truth").select("application_id", "true_probability"),
                "application_id"),
        "scored");
    evaluate(spark);
  }

  private SparkSession session() {
    return root.newSession();
  }

  /** Where a table lies. */
  Path table(String name) {
    return out.resolve(name);
  }

  private Dataset<Row> csv(SparkSession spark, Path folder, StructType schema) {
    return spark
        .read()
        .option("header", "true")
        .option("escape", "\"")
        .option("mode", "PERMISSIVE")
        .option("columnNameOfCorruptRecord", "_corrupt_record")
        .schema(schema)
        .csv(folder.toUri().toString());
  }

  private Dataset<Row> read(SparkSession spark, String name) {
    return spark.read().format("delta").load(table(name).toString());
  }

  private void write(Dataset<Row> rows, String name) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(table(name).toString());
  }

  private void validate(SparkSession spark) {
    Dataset<Row> rows = read(spark, "wellformed");
    Row found =
        rows.agg(
                count(lit(1)),
                count_if(col("application_id").isNull()),
                count(col("application_id"))
                    .minus(org.apache.spark.sql.functions.count_distinct(col("application_id"))),
                count_if(col("applied_on").isNull()),
                count_if(col("income").isNull()),
                count_if(col("income").lt(1000).or(col("income").gt(1000000))),
                count_if(col("age").lt(18).or(col("age").gt(100))),
                count_if(col("credit_score").lt(300).or(col("credit_score").gt(850))),
                count_if(col("debt").lt(0)),
                count_if(
                    col("channel").isin("branch", "web", "broker", "partner_app").unary_$bang()),
                count_if(col("defaulted").isin(0, 1).unary_$bang()),
                count_if(col("region").rlike("^[a-z]+$").unary_$bang()),
                count_if(col("loan_amount").gt(0).and(col("loan_term_months").gt(0)).unary_$bang()))
            .head();
    for (int i = 1; i < found.size(); i++) {
      if (found.getLong(i) > 0) {
        throw new IllegalStateException("check %d failed: %s".formatted(i, found));
      }
    }
    write(rows, "clean");
  }

  private void features(SparkSession spark) throws IOException {
    read(spark, "clean").createOrReplaceTempView("clean");
    String sql =
        Files.readString(features, StandardCharsets.UTF_8).replace("credit.clean", "clean");
    write(spark.sql(sql), "features");
  }

  private void split(SparkSession spark) {
    Dataset<Row> rows = read(spark, "features");
    Column before = col("applied_on").lt(lit(LocalDate.of(2025, 4, 1)));
    Column after = col("applied_on").geq(lit(LocalDate.of(2025, 4, 1)));
    Row sides = rows.agg(count(lit(1)), count_if(before), count_if(after)).head();
    if (sides.getLong(1) == 0 || sides.getLong(2) == 0) {
      throw new IllegalStateException("an empty side: " + sides);
    }
    write(rows.where(before), "train");
    write(rows.where(after), "test");
  }

  private static String[] suffixed(String suffix) {
    String[] names = CATEGORIES.clone();
    for (int i = 0; i < names.length; i++) {
      names[i] = names[i] + suffix;
    }
    return names;
  }

  private PipelineModel train(SparkSession spark) throws IOException {
    String[] inputs = {
      "channel", "region", "marital_status", "education", "employment", "housing", "purpose"
    };
    List<String> assembled = new ArrayList<>(List.of(suffixed("_v")));
    assembled.addAll(
        List.of(
            "age",
            "is_young",
            "dependents",
            "employment_years",
            "months_at_address",
            "log_income",
            "debt_ratio",
            "open_loans",
            "late_payments",
            "credit_score",
            "credit_score_missing",
            "existing_customer",
            "log_loan_amount",
            "loan_term_months",
            "burden",
            "interest_rate",
            "winter"));
    PipelineStage[] stages = {
      new StringIndexer("StringIndexer_0")
          .setInputCols(inputs)
          .setOutputCols(suffixed("_i"))
          .setHandleInvalid("keep"),
      new OneHotEncoder("OneHotEncoder_1")
          .setInputCols(suffixed("_i"))
          .setOutputCols(suffixed("_v")),
      new VectorAssembler("VectorAssembler_2")
          .setInputCols(assembled.toArray(String[]::new))
          .setOutputCol("features"),
      new LogisticRegression("LogisticRegression_3")
          .setMaxIter(50)
          .setRegParam(0.001)
          .setLabelCol("defaulted")
    };
    Dataset<Row> rows =
        read(spark, "train")
            .repartition(2, col("application_id"))
            .sortWithinPartitions("application_id")
            .persist();
    try {
      Row found =
          rows.groupBy("application_id")
              .agg(
                  count(lit(1)).as("rows"),
                  sum(when(col("defaulted").isNull(), 1L).otherwise(0L)).as("without"))
              .agg(sum("rows"), sum("without"), max("rows"))
              .head();
      if (found.getLong(1) > 0 || found.getLong(2) > 1) {
        throw new IllegalStateException("not a training set: " + found);
      }
      PipelineModel model = new Pipeline("chain").setStages(stages).fit(rows);
      model.write().overwrite().save(table("model").toUri().toString());
      return model;
    } finally {
      rows.unpersist();
    }
  }

  private void predict(SparkSession spark, PipelineModel model) {
    Column probability = functions.vector_to_array(col("probability"), "float64");
    write(
        model
            .transform(read(spark, "test"))
            .select(
                col("application_id"),
                col("applied_on"),
                col("defaulted"),
                col("prediction"),
                probability.as("probability"),
                probability.getItem(1).as("score")),
        "predictions");
  }

  private void evaluate(SparkSession spark) {
    double constant =
        read(spark, "train").agg(avg(col("defaulted").cast("double"))).head().getDouble(0);
    Dataset<Row> narrow =
        read(spark, "scored")
            .select(
                col("defaulted").cast("double").as("y"),
                col("score").as("s"),
                col("true_probability").as("b"))
            .persist();
    try {
      Column y = col("y");
      Column hit = col("s").gt(0.5);
      Row found =
          narrow
              .agg(
                  count(lit(1)),
                  count_if(y.isNull().or(col("s").isNull()).or(col("b").isNull())),
                  count_if(y.equalTo(1.0)),
                  count_if(y.equalTo(1.0).and(hit)),
                  count_if(y.equalTo(0.0).and(hit)),
                  avg(logLoss(y, col("s"))),
                  avg(pow(col("s").minus(y), 2)),
                  avg(logLoss(y, col("b"))),
                  avg(pow(col("b").minus(y), 2)))
              .head();
      double[] model = areas(narrow, "s");
      double[] best = areas(narrow, "b");
      double rows = (double) found.getLong(0);
      double rate = found.getLong(2) / rows;
      double truePositives = (double) found.getLong(3);
      double falsePositives = (double) found.getLong(4);
      double right = truePositives + rows - found.getLong(2) - falsePositives;
      List<Row> metrics =
          List.of(
              metric("auc-roc", model[0], 0.5, best[0]),
              metric("auc-pr", model[1], rate, best[1]),
              metric(
                  "log-loss",
                  found.getDouble(5),
                  -(rate * Math.log(constant) + (1 - rate) * Math.log(1 - constant)),
                  found.getDouble(7)),
              metric(
                  "brier",
                  found.getDouble(6),
                  rate * (1 - constant) * (1 - constant) + (1 - rate) * constant * constant,
                  found.getDouble(8)),
              metric("accuracy", right / rows, 1 - rate, null),
              metric("precision", truePositives / (truePositives + falsePositives), null, null),
              metric("recall", truePositives / found.getLong(2), null, null),
              metric(
                  "f1",
                  2 * truePositives / (found.getLong(2) + truePositives + falsePositives),
                  null,
                  null),
              metric("positive-rate", rate, constant, null));
      write(
          spark.createDataFrame(
              metrics,
              new StructType()
                  .add("metric", DataTypes.StringType)
                  .add("value", DataTypes.DoubleType)
                  .add("baseline", DataTypes.DoubleType)
                  .add("best", DataTypes.DoubleType)
                  .add("gate_min", DataTypes.DoubleType)
                  .add("gate_max", DataTypes.DoubleType)
                  .add("passed", DataTypes.BooleanType)),
          "evaluation");
      if (model[0] < 0.7) {
        throw new IllegalStateException("gate missed: " + model[0]);
      }
    } finally {
      narrow.unpersist();
    }
  }

  private static Row metric(
      String name, double value, @Nullable Double baseline, @Nullable Double best) {
    boolean gated = name.equals("auc-roc");
    return RowFactory.create(
        name, value, baseline, best, gated ? 0.7 : null, null, gated ? value >= 0.7 : null);
  }

  private static Column logLoss(Column y, Column probability) {
    Column p = greatest(least(probability, lit(1 - 1e-15)), lit(1e-15));
    return log(when(y.equalTo(1.0), p).otherwise(lit(1.0).minus(p))).unary_$minus();
  }

  private static double[] areas(Dataset<Row> rows, String score) {
    var pairs =
        rows.select(score, "y")
            .toJavaRDD()
            .map(row -> new Tuple2<Object, Object>(row.getDouble(0), row.getDouble(1)));
    BinaryClassificationMetrics metrics = new BinaryClassificationMetrics(pairs.rdd(), 0);
    try {
      return new double[] {metrics.areaUnderROC(), metrics.areaUnderPR()};
    } finally {
      metrics.unpersist();
    }
  }
}
