package dev.weir.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.data.CapturedModel;
import dev.weir.data.ModelFiles;
import dev.weir.session.TestSpark;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goes over every concrete estimator in MLlib's jar. */
class EstimatorSweepTest {
  // A session of its own: a model's summary holds its session, and one that has observed a write,
  // as
  // other tests' may have, can't be sent to Spark's tasks.
  private static final SparkSession SPARK = TestSpark.session().newSession();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Estimators that a chain does not take, with the reason. */
  private static final Map<String, String> EXCLUDED =
      Map.of(
          "org.apache.spark.ml.Pipeline",
          "a chain is one already",
          "org.apache.spark.ml.tuning.CrossValidator",
          "its grid of parameters refers to objects by uid, which text can't",
          "org.apache.spark.ml.tuning.TrainValidationSplit",
          "its grid of parameters refers to objects by uid, which text can't");

  /** One of each kind of files that models are saved as, to be fitted to other rows too. */
  private static final Set<String> OF_MANY_FORMS =
      Set.of(
          "LogisticRegression",
          "DecisionTreeClassifier",
          "GBTRegressor",
          "KMeans",
          "BisectingKMeans",
          "ALS",
          "FPGrowth",
          "StringIndexer",
          "RFormula",
          "OneVsRest");

  /** What an estimator needs besides {@link #COMMON}, as JSON by class. */
  private static final Map<String, String> NEEDED =
      Map.ofEntries(
          Map.entry("MultilayerPerceptronClassifier", "{'layers':[3,3,2]}"),
          Map.entry("OneVsRest", "{'classifier':{'LogisticRegression':{'maxIter':2}}}"),
          Map.entry("BucketedRandomProjectionLSH", "{'bucketLength':2.0}"),
          Map.entry("CountVectorizer", "{'inputCol':'words'}"),
          Map.entry("Word2Vec", "{'inputCol':'words','vectorSize':3,'minCount':0}"),
          Map.entry("StringIndexer", "{'inputCol':'category'}"),
          Map.entry("OneHotEncoder", "{'inputCol':'category_index'}"),
          Map.entry("TargetEncoder", "{'inputCol':'category_index'}"),
          Map.entry("Imputer", "{'inputCol':'x'}"),
          Map.entry("QuantileDiscretizer", "{'inputCol':'x','numBuckets':3}"),
          Map.entry(
              "UnivariateFeatureSelector",
              "{'featureType':'continuous','labelType':'categorical'}"),
          Map.entry(
              "RFormula",
              "{'formula':'label ~ x + category','featuresCol':'RFormula','labelCol':'RFormula_label'}"),
          Map.entry("AFTSurvivalRegression", "{'labelCol':'target','censorCol':'label'}"),
          Map.entry("FPGrowth", "{'itemsCol':'words','minSupport':0.2}"),
          Map.entry("ALS", "{'userCol':'user','itemCol':'item','ratingCol':'target','rank':2}"),
          Map.entry("LDA", "{'topicDistributionCol':'LDA'}"));

  /** What is set on every estimator that has it; $ stands for the class. */
  private static final String COMMON =
      "{'featuresCol':'features','labelCol':'label','inputCol':'features','outputCol':'$',"
          + "'predictionCol':'$_prediction','rawPredictionCol':'$_raw','probabilityCol':'$_probability',"
          + "'maxIter':2,'numTrees':2,'k':2,'seed':1}";

  @Test
  void everyEstimatorIsAValueAndItsModelIsSavedAndRestored(@TempDir Path scratch) throws Exception {
    Dataset<Row> rows = rows(3);
    Dataset<Row> others = rows(4);
    List<PipelineStage> models = new ArrayList<>();
    List<PipelineStage> again = new ArrayList<>();
    List<PipelineStage> ofOthers = new ArrayList<>();
    int count = 0;
    for (Class<? extends Estimator<?>> type : estimators()) {
      if (EXCLUDED.containsKey(type.getName())) {
        continue;
      }
      assertRoundTrip(MlStage.of(type.getConstructor().newInstance()));
      assertRoundTrip(MlStage.of(withDefaultsSet(type)));

      MlStage value = YamlText.stage(configured(type));
      assertRoundTrip(value);
      Estimator<?> made = (Estimator<?>) value.create(type.getSimpleName());
      assertThat(MlStage.of(made)).isEqualTo(value);
      count++;
      // One stands for all whose models are saved as the same kind of files.
      if (!Boolean.getBoolean("weir.sweep") && !OF_MANY_FORMS.contains(type.getSimpleName())) {
        continue;
      }
      models.add(made.fit(rows));
      Estimator<?> other = (Estimator<?>) value.create("again" + count);
      again.add(other.fit(rows));
      if (OF_MANY_FORMS.contains(type.getSimpleName())) {
        ofOthers.add(made.fit(others));
      }
    }
    assertThat(count).as("estimators in the jar").isGreaterThan(40);

    PipelineModel chain = new Pipeline().setStages(models.toArray(PipelineStage[]::new)).fit(rows);
    PipelineModel restored;
    try (CapturedModel captured = ModelFiles.capture(chain, scratch.toUri(), SPARK)) {
      restored =
          ModelFiles.restore(
              captured.rows(), captured.manifest(), scratch.toUri(), SPARK, List.of());
      if (!content(again, scratch).equals(captured.content())) {
        assertThat(contents(again, scratch)).isEqualTo(contents(models, scratch));
      }
    }
    List<PipelineStage> sameTypes =
        models.stream().filter(model -> OF_MANY_FORMS.contains(model.uid())).toList();
    assertThat(contents(ofOthers, scratch))
        .hasSameSizeAs(OF_MANY_FORMS)
        .doesNotContainAnyElementsOf(contents(sameTypes, scratch));
    assertThat(applied(restored, rows)).isEqualTo(applied(chain, rows));
  }

  /** A content for each model, led by the class. */
  private static List<String> contents(List<PipelineStage> models, Path scratch) {
    return models.stream()
        .map(model -> model.getClass().getSimpleName() + " " + content(List.of(model), scratch))
        .toList();
  }

  private static String content(List<PipelineStage> models, Path scratch) {
    PipelineModel chain = new PipelineModel("chain", models.toArray(Transformer[]::new));
    try (CapturedModel captured = ModelFiles.capture(chain, scratch.toUri(), SPARK)) {
      return captured.content();
    }
  }

  @Test
  void aChainEndsInWhateverPredicts() throws Exception {
    for (Class<? extends Estimator<?>> type : estimators()) {
      if (EXCLUDED.containsKey(type.getName())) {
        continue;
      }
      MlStage value = MlStage.of(type.getConstructor().newInstance());
      boolean learns = value.create("x").hasParam("labelCol");
      String fault = Chain.fault(List.of(value), learns ? "label" : null);
      if (type.getPackageName().endsWith(".feature")) {
        assertThat(fault).as(type.getName()).contains("predicts nothing");
      } else {
        assertThat(fault).as(type.getName()).isNull();
      }
    }
  }

  private static void assertRoundTrip(MlStage value) {
    // JSON is YAML.
    assertThat(YamlText.stage(value.json().toString())).isEqualTo(value);
  }

  private static PipelineStage withDefaultsSet(Class<? extends Estimator<?>> type)
      throws ReflectiveOperationException {
    PipelineStage stage = type.getConstructor().newInstance();
    for (MlParam param : MlParam.of(stage)) {
      if (stage.isDefined(param.param())) {
        stage.set(param.param(), stage.getOrDefault(param.param()));
      }
    }
    return stage;
  }

  private static String configured(Class<? extends Estimator<?>> type)
      throws IOException, ReflectiveOperationException {
    String name = type.getSimpleName();
    PipelineStage stage = type.getConstructor().newInstance();
    Map<String, JsonNode> values = new TreeMap<>();
    for (String text : List.of(COMMON, NEEDED.getOrDefault(name, "{}"))) {
      JsonNode node = JSON.readTree(text.replace('\'', '"').replace("$", name));
      node.properties().stream()
          .filter(value -> stage.hasParam(value.getKey()))
          .forEach(value -> values.put(value.getKey(), value.getValue()));
    }
    return JSON.writeValueAsString(Map.of(name, values));
  }

  private static List<Row> applied(PipelineModel model, Dataset<Row> rows) {
    return model
        .transform(rows)
        // The order of an itemset's consequents is that in which its rules arrive.
        .withColumn("FPGrowth_prediction", expr("sort_array(FPGrowth_prediction)"))
        .orderBy("user")
        .collectAsList();
  }

  /**
   * Thirty rows with a column of every kind that some estimator needs.
   *
   * @param kinds how many kinds of things there are, from 3 to 5
   */
  private static Dataset<Row> rows(int kinds) {
    Dataset<Row> plain =
        SPARK
            .range(0, 30, 1, 2)
            .withColumn("kind", col("id").mod(kinds).cast("int"))
            .select(
                col("id").cast("int").as("user"),
                expr("cast(id % 4 as int)").as("item"),
                expr("cast(pmod(xxhash64(id), 2) as double)").as("label"),
                expr("1 + kind + pmod(xxhash64(id, 1), 10) / 5.0D").as("x"),
                expr("1D + pmod(xxhash64(id, 2), 5)").as("y"),
                expr("cast(1 + kind as double)").as("z"),
                expr("1 + pmod(xxhash64(id, 3), 7) / 2.0D + kind").as("target"),
                expr("elt(1 + kind, 'red', 'green', 'blue', 'black', 'white')").as("category"),
                expr("cast(kind as double)").as("category_index"),
                expr("if(kind = 0, array('a', 'b'), array('b', 'c', concat('d', kind)))")
                    .as("words"));
    List<Row> made =
        new VectorAssembler()
            .setInputCols(new String[] {"x", "y", "z"})
            .setOutputCol("features")
            .transform(plain)
            .collectAsList();
    var schema =
        new VectorAssembler()
            .setInputCols(new String[] {"x", "y", "z"})
            .setOutputCol("features")
            .transformSchema(plain.schema());
    return SPARK.createDataFrame(made, schema).coalesce(1).cache();
  }

  private static List<Class<? extends Estimator<?>>> estimators()
      throws IOException, URISyntaxException, ClassNotFoundException {
    List<Class<? extends Estimator<?>>> found = new ArrayList<>();
    var jar = Path.of(Pipeline.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : Collections.list(file.entries())) {
        String path = entry.getName();
        if (path.startsWith("org/apache/spark/ml/")
            && path.endsWith(".class")
            && !path.contains("$")) {
          Class<?> type =
              Class.forName(
                  path.substring(0, path.length() - 6).replace('/', '.'),
                  false,
                  EstimatorSweepTest.class.getClassLoader());
          if (Estimator.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
            found.add(estimator(type));
          }
        }
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static Class<? extends Estimator<?>> estimator(Class<?> type) {
    return (Class<? extends Estimator<?>>) type;
  }
}
