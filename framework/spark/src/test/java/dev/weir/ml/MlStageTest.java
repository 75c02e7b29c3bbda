package dev.weir.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.config.Problems;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.classification.OneVsRest;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Matrices;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.tuning.CrossValidator;
import org.junit.jupiter.api.Test;

class MlStageTest {
  @Test
  void fromYamlEqualsFromJava() {
    assertThat(YamlText.stage("{ LogisticRegression: { maxIter: 50, regParam: 1 } }"))
        .isEqualTo(MlStage.of(new LogisticRegression().setMaxIter(50).setRegParam(1.0)));
    assertThat(
            YamlText.stage(
                "{ VectorAssembler: { inputCols: [income, debt], outputCol: features } }"))
        .isEqualTo(
            MlStage.of(
                new VectorAssembler()
                    .setInputCols(new String[] {"income", "debt"})
                    .setOutputCol("features")));
    assertThat(YamlText.stage("{ org.apache.spark.ml.feature.StandardScaler: }"))
        .isEqualTo(MlStage.of(new StandardScaler()))
        .isEqualTo(YamlText.stage("StandardScaler: {}"));
    assertThat(
            YamlText.stage(
                "{ Bucketizer: { inputCols: [a, b], outputCols: [c, d], splitsArray: [[0, 1, 2.5], [-.inf, 0, .inf]] } }"
                    .replace("-.inf", "\"-Inf\"")
                    .replace(".inf", "Inf")))
        .isEqualTo(
            MlStage.of(
                new Bucketizer()
                    .setInputCols(new String[] {"a", "b"})
                    .setOutputCols(new String[] {"c", "d"})
                    .setSplitsArray(
                        new double[][] {
                          {0, 1, 2.5}, {Double.NEGATIVE_INFINITY, 0, Double.POSITIVE_INFINITY}
                        })));
    assertThat(YamlText.stage("{ MultilayerPerceptronClassifier: { layers: [4, 3, 2] } }"))
        .isEqualTo(MlStage.of(new MultilayerPerceptronClassifier().setLayers(new int[] {4, 3, 2})));
  }

  @Test
  void vectorsMatricesAndStagesAreValuesToo() {
    assertThat(YamlText.stage("{ ElementwiseProduct: { scalingVec: [1, 0.5] } }"))
        .isEqualTo(
            MlStage.of(
                new ElementwiseProduct().setScalingVec(Vectors.dense(1, new double[] {0.5}))));
    assertThat(
            YamlText.stage(
                "{ LogisticRegression: { lowerBoundsOnCoefficients: [[0, 1, 2], [3, 4, 5]] } }"))
        .isEqualTo(
            MlStage.of(
                new LogisticRegression()
                    .setLowerBoundsOnCoefficients(
                        Matrices.dense(2, 3, new double[] {0, 3, 1, 4, 2, 5}))));
    assertThat(
            YamlText.stage("{ OneVsRest: { classifier: { LogisticRegression: { maxIter: 7 } } } }"))
        .isEqualTo(
            MlStage.of(new OneVsRest().setClassifier(new LogisticRegression().setMaxIter(7))));
  }

  @Test
  void createsWhatItIsTheValueOf() {
    MlStage value =
        YamlText.stage("{ OneVsRest: { classifier: { LogisticRegression: { maxIter: 7 } } } }");
    OneVsRest made = (OneVsRest) value.create("uid");
    assertThat(made.uid()).isEqualTo("uid");
    assertThat(((LogisticRegression) (Object) made.getClassifier()).getMaxIter()).isEqualTo(7);
    assertThat(MlStage.of(made)).isEqualTo(value).hasSameHashCodeAs(value);
    assertThat(value.name()).isEqualTo("OneVsRest");
    assertThat(value)
        .hasToString(
            "{\"org.apache.spark.ml.classification.OneVsRest\":{\"classifier\":{\"org.apache.spark.ml.classification.LogisticRegression\":{\"maxIter\":7}}}}");
  }

  @Test
  void aValueWrittenAnotherWayIsTheSame() {
    MlStage plain =
        new MlStage(
            "LogisticRegression", new TreeMap<>(Map.of("regParam", "1", "threshold", "0.50")));
    assertThat(plain)
        .isEqualTo(MlStage.of(new LogisticRegression().setRegParam(1.0).setThreshold(0.5)));
  }

  @Test
  void faultsStandAtTheirPlace() {
    assertThat(faults("{ LogisticRegresion: { maxIter: 50 } }"))
        .containsExactly(
            "p.yaml:1:3: 'LogisticRegresion' is not a transformer or estimator of MLlib; did you mean 'LogisticRegression'?");
    assertThat(faults("LogisticRegression:\n  maxItr: 50\n  regParam: high\n  maxIter: 0.5\n"))
        .containsExactly(
            "p.yaml:2:3: LogisticRegression has no parameter 'maxItr'; did you mean 'maxIter'?",
            "p.yaml:3:13: LogisticRegression.regParam takes a number, not the text 'high'",
            "p.yaml:4:12: LogisticRegression.maxIter takes a whole number, not the number 0.5");
    assertThat(faults("LogisticRegression: { maxIter: -1, family: poison, fitIntercept: 1 }"))
        .containsExactly(
            "p.yaml:1:32: LogisticRegression.maxIter does not take -1: maximum number of iterations (>= 0)",
            "p.yaml:1:44: LogisticRegression.family does not take poison: The name of family which is a description of the label distribution to be used in the model. Supported options: auto, binomial, multinomial.",
            "p.yaml:1:66: LogisticRegression.fitIntercept takes true or false, not the number 1");
    assertThat(faults("VectorAssembler: { inputCols: income, outputCol: 3 }"))
        .containsExactly(
            "p.yaml:1:31: VectorAssembler.inputCols takes a list of texts, not the text 'income'",
            "p.yaml:1:50: VectorAssembler.outputCol takes a text, not the number 3");
    assertThat(faults("OneVsRest: { classifier: { LogisticRegression: { maxItr: 7 } } }"))
        .containsExactly(
            "p.yaml:1:50: LogisticRegression has no parameter 'maxItr'; did you mean 'maxIter'?");
    assertThat(faults("LogisticRegression"))
        .containsExactly(
            "p.yaml:1:1: A stage of a chain is a mapping of one class to its parameters, such as { LogisticRegression: { maxIter: 50 } }, not the text 'LogisticRegression'");
    assertThat(faults("LogisticRegression: 50"))
        .containsExactly(
            "p.yaml:1:21: LogisticRegression takes a mapping of its parameters, not the number 50");
    assertThat(faults("{ StandardScaler: , PCA: }"))
        .containsExactly(
            "p.yaml:1:1: A stage of a chain is a mapping of one class to its parameters, such as { LogisticRegression: { maxIter: 50 } }, not a mapping of 2 keys");
  }

  @Test
  void whatCantStandInAChainIsRefusedWithTheReason() {
    assertThat(faults("com.example.Nowhere: {}"))
        .containsExactly(
            "p.yaml:1:1: 'com.example.Nowhere' is not a class on the class path; add its jar with --jars or under classpath: in conf/weir.yaml");
    assertThat(faults("PrefixSpan: {}"))
        .containsExactly(
            "p.yaml:1:1: PrefixSpan can't stand in a chain: it is neither a transformer nor an estimator");
    assertThat(faults("LogisticRegressionModel: {}"))
        .containsExactly(
            "p.yaml:1:1: LogisticRegressionModel can't stand in a chain: it is a fitted model; name the estimator that makes it");
    assertThat(faults("org.apache.spark.ml.tuning.CrossValidator: {}"))
        .containsExactly(
            "p.yaml:1:1: org.apache.spark.ml.tuning.CrossValidator can't stand in a chain: its grid of parameters holds objects that text can't name");
    assertThatThrownBy(() -> MlStage.of(new CrossValidator()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its grid of parameters holds objects that text can't name");
    assertThatThrownBy(() -> MlStage.of(new Pipeline().setStages(new PipelineStage[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("list its stages instead: a chain is one");
    assertThatThrownBy(() -> MlStage.of(new StringIndexerModel(new String[] {"a"})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it is a fitted model; name the estimator that makes it");
  }

  @Test
  void aTransformerOfAUsersOwnGoesByItsFullName() {
    MlStage value = YamlText.stage("{ dev.weir.ml.Doubler: { factor: 3 } }");
    assertThat(value).isEqualTo(MlStage.of(new Doubler("x").factor(3)));
    assertThat(value.name()).isEqualTo("dev.weir.ml.Doubler");
  }

  @Test
  void theSchemaNamesEveryStageWithItsParameters() {
    JsonNode schema = new MlStageCodec().schema();
    JsonNode classes = schema.get("properties");
    assertThat(classes.size()).isGreaterThan(55);
    JsonNode maxIter = classes.get("LogisticRegression").get("properties").get("maxIter");
    assertThat(maxIter.get("type").textValue()).isEqualTo("integer");
    assertThat(maxIter.get("default").intValue()).isEqualTo(100);
    assertThat(maxIter.get("description").textValue())
        .isEqualTo("maximum number of iterations (>= 0)");
    assertThat(classes.get("VectorAssembler").get("properties").get("inputCols").toString())
        .isEqualTo(
            "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"input column names\"}");
    assertThat(schema).isEqualTo(new MlStageCodec().schema());
  }

  private static List<String> faults(String text) {
    Problems problems = new Problems();
    MlStage read = YamlText.read(text, problems);
    assertThat(read).isNull();
    return problems.messages();
  }
}
