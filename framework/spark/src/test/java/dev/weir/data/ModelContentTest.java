package dev.weir.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.session.TestSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.RFormula;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GBTRegressor;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelContentTest {
  // A model's summary holds its session, and one that has observed a write can't be sent to tasks.
  private static final SparkSession SPARK = TestSpark.session().newSession();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path scratch;

  private static Dataset<Row> people() {
    Dataset<Row> plain =
        SPARK
            .range(0, 40, 1, 1)
            .select(
                expr("cast(id as double) as age"),
                expr("cast(pmod(xxhash64(id), 9) as double) as income"),
                expr("cast(id % 3 = 0 as double) as label"),
                expr("concat('a', id % 2) as a"),
                expr("concat('b', id % 3) as b"),
                expr("concat('c', id % 4) as c"),
                expr("concat('d', id % 5) as d"));
    return new VectorAssembler()
        .setInputCols(new String[] {"age", "income"})
        .setOutputCol("features")
        .transform(plain);
  }

  private static PipelineModel fit(PipelineStage... stages) {
    return new Pipeline().setStages(stages).fit(people());
  }

  private static PipelineModel chain(Transformer... stages) {
    return new PipelineModel("chain", stages);
  }

  private static LogisticRegressionModel logistic(String uid, double... coefficients) {
    return new LogisticRegressionModel(uid, Vectors.dense(coefficients), 0.5);
  }

  private static StringIndexerModel indexer(String uid, String... labels) {
    return new StringIndexerModel(uid, new String[][] {labels}).setInputCol("a");
  }

  private String content(PipelineModel model) {
    try (CapturedModel captured = ModelFiles.capture(model, scratch.toUri(), SPARK)) {
      return captured.content();
    }
  }

  /** The content of the same files with other paths and texts. */
  private String content(
      PipelineModel model, UnaryOperator<String> path, UnaryOperator<String> text) {
    try (CapturedModel captured = ModelFiles.capture(model, scratch.toUri(), SPARK)) {
      ScratchFolder changed = folder();
      for (Row row : captured.rows().collectAsList()) {
        byte[] bytes = row.getAs("content");
        if (!row.getString(0).endsWith(".parquet")) {
          bytes =
              text.apply(new String(bytes, StandardCharsets.UTF_8))
                  .getBytes(StandardCharsets.UTF_8);
        }
        try (OutputStream out = changed.create(path.apply(row.getString(0)))) {
          out.write(bytes);
        }
      }
      return digest(changed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ScratchFolder folder() {
    return ScratchFolder.under(scratch.toUri(), SPARK.sparkContext().hadoopConfiguration());
  }

  private static String digest(ScratchFolder folder) throws IOException {
    Collection<ModelFile> files = new CapturedModel(folder, folder.list(), SPARK).files();
    return ModelContent.digest(files, folder);
  }

  @Test
  void uidsTimesVersionsAndNamesOfFilesChangeNothing() {
    String content = content(chain(logistic("a", 1, 2)));
    assertThat(content).matches("[0-9a-f]{64}");
    assertThat(content(new PipelineModel("other", new Transformer[] {logistic("b_c", 1, 2)})))
        .isEqualTo(content);
    assertThat(
            content(
                chain(logistic("a", 1, 2)),
                path -> path.replaceAll("part-00000[^/]*(\\.\\w+)$", "part-00000$1"),
                text ->
                    text.replaceAll("(\"timestamp\"):\\d+", "$1:7")
                        .replaceAll("(\"sparkVersion\"):\"[^\"]+\"", "$1:\"9.9\"")))
        .isEqualTo(content);
  }

  @Test
  void theOrderOfMetadatasKeysChangesNothing() {
    PipelineModel model = chain(logistic("a", 1, 2).setFeaturesCol("age").setThreshold(0.4));
    assertThat(
            content(
                model,
                path -> path,
                text -> {
                  try {
                    ObjectNode reversed = JSON.createObjectNode();
                    var fields = new TreeMap<String, Object>(java.util.Comparator.reverseOrder());
                    JSON.readTree(text)
                        .properties()
                        .forEach(field -> fields.put(field.getKey(), field.getValue()));
                    fields.forEach(reversed::putPOJO);
                    return reversed + "\n";
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }))
        .isEqualTo(content(model));
  }

  @Test
  void aCoefficientAParameterAClassOrTheOrderOfStagesIsAnotherModel() {
    List<PipelineModel> different =
        List.of(
            chain(logistic("a", 1, 2)),
            chain(logistic("a", 1, Math.nextUp(2.0))),
            chain(logistic("a", 2, 1)),
            chain(logistic("a", 1, 2).setThreshold(0.25)),
            chain(logistic("a", 1, 2).setFeaturesCol("age")),
            chain(logistic("a", 1, 2), logistic("b", 1, 2)),
            chain(logistic("a", 1, 2), logistic("b", 1, 3)),
            chain(logistic("b", 1, 3), logistic("a", 1, 2)),
            chain(indexer("a", "x", "y")),
            chain(indexer("a", "y", "x")),
            // Whatever they look like, labels are what was learned.
            chain(indexer("a", "stridx_0123456789ab", "a")),
            chain(indexer("a", "stridx_0123456789ac", "a")),
            chain(indexer("a", "b__output", "a")),
            chain());
    assertThat(different.stream().map(this::content)).doesNotHaveDuplicates();
  }

  @Test
  void aStageThatIsReferredToByItsUidIsKnownByItsPlace() {
    assertThat(content(referring("first", "second", true)))
        .isEqualTo(content(referring("x", "y", true)))
        .isNotEqualTo(content(referring("first", "second", false)));
  }

  /** Two projections, and a model that reads the default output of one of them. */
  private static PipelineModel referring(String first, String second, boolean readsFirst) {
    PCA one = new PCA(first).setInputCol("features").setK(1);
    PCA two = new PCA(second).setInputCol("features").setK(2);
    return fit(
        one,
        two,
        new LogisticRegression()
            .setFeaturesCol((readsFirst ? one : two).getOutputCol())
            // What is learned is the same: nothing.
            .setRegParam(1e9)
            .setElasticNetParam(1)
            .setMaxIter(1));
  }

  @Test
  void columnsThatRFormulaMakesUpChangeNothingAndThoseOfTheUserDo() {
    // Enough of them that a set of them has no order.
    String formula = "label ~ age + a + b + c + d + a:b";
    String content = content(fit(formula(formula)));
    assertThat(content(fit(formula(formula)))).isEqualTo(content);
    assertThat(content(fit(formula("label ~ age + b + a + c + d + a:b")))).isNotEqualTo(content);
  }

  private static RFormula formula(String formula) {
    return new RFormula().setFormula(formula).setFeaturesCol("made").setLabelCol("made_label");
  }

  @Test
  void treesAndTunedModelsAreTheSameInEveryFit() {
    assertThat(content(fit(new GBTRegressor().setMaxIter(2).setSeed(1))))
        .isEqualTo(content(fit(new GBTRegressor().setMaxIter(2).setSeed(1))))
        .isNotEqualTo(content(fit(new GBTRegressor().setMaxIter(1).setSeed(1))));
    assertThat(content(fit(tuned()))).isEqualTo(content(fit(tuned())));
  }

  private static CrossValidator tuned() {
    LinearRegression regression = new LinearRegression();
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(regression.regParam(), new double[] {0.1, 9}).build();
    return new CrossValidator()
        .setEstimator(regression)
        .setEvaluator(new RegressionEvaluator())
        .setEstimatorParamMaps(grid)
        .setNumFolds(2)
        .setSeed(1);
  }

  @Test
  void rowsCountInAnyOrderAndAnyNumberOfFiles() throws IOException {
    Dataset<Row> rows =
        SPARK
            .range(0, 50, 1, 1)
            .select(
                col("id"),
                expr("if(id % 7 = 0, null, concat('t', id)) as text"),
                expr(
                    "case id when 1 then double('NaN') when 2 then -0D else id / 3D end as number"),
                expr("array(float(id), null, float('NaN')) as list"),
                expr("map('b', id, 'a', id + 1) as map"),
                expr("struct(id % 2 = 0 as flag, encode('x', 'utf-8') as bytes) as nested"));
    String once = table(rows, Map.of());
    assertThat(table(rows.orderBy(col("id").desc()).repartition(3), Map.of())).isEqualTo(once);
    assertThat(table(rows, Map.of("compression", "gzip", "parquet.enable.dictionary", "false")))
        .isEqualTo(once);
    assertThat(table(rows.withColumn("map", expr("map('a', id + 1, 'b', id)")), Map.of()))
        .isEqualTo(once);
    List<String> different = new ArrayList<>(List.of(once));
    for (String change :
        List.of(
            "if(id = 3, 't3', text) as text2",
            "if(id = 4, null, text) as text",
            "if(id = 2, 0D, number) as number",
            "if(id = 8, array(float(8), null), list) as list",
            "map('b', id + 1, 'a', id) as map",
            "int(id) as id")) {
      String[] parts = change.split(" as ", 2);
      different.add(table(rows.withColumn(parts[1], expr(parts[0])), Map.of()));
    }
    different.add(table(rows.union(rows.limit(1)), Map.of()));
    different.add(table(rows.drop("nested"), Map.of()));
    assertThat(different).doesNotHaveDuplicates();
  }

  /** The content of a folder with nothing but a table. */
  private String table(Dataset<Row> rows, Map<String, String> options) throws IOException {
    ScratchFolder folder = folder();
    rows.write().options(options).parquet(folder.uri("data"));
    return digest(folder);
  }
}
