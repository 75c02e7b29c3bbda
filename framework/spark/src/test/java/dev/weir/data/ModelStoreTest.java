package dev.weir.data;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
  private static final SparkSession SPARK = TestSpark.session().newSession();

  private static Dataset<Row> people() {
    return SPARK.range(60).select(expr("id as age"), expr("cast(id % 3 = 0 as double) as label"));
  }

  private static PipelineModel fit(int iterations) {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new VectorAssembler().setInputCols(new String[] {"age"}).setOutputCol("features"),
              new LogisticRegression().setMaxIter(iterations)
            })
        .fit(people());
  }

  private static String content(PipelineModel model, Path folder) {
    try (CapturedModel captured = ModelFiles.capture(model, folder.toUri(), SPARK)) {
      return captured.content();
    }
  }

  private static double intercept(PipelineModel model) {
    return ((LogisticRegressionModel) model.stages()[1]).intercept();
  }

  @Test
  void aSecondSaveUnderTheSameKeyAdoptsTheFirstAndItsDigest(@TempDir Path folder) {
    PipelineModel first = fit(1);
    PipelineModel second = fit(9);
    assertThat(intercept(first)).isNotEqualTo(intercept(second));
    ModelCandidate candidate = new ModelCandidate(ModelName.parse("t.model"), "run-1");
    WriteKey key = WriteKey.of("t", "train", "t.model", 1);
    try (Home home = Home.open(folder)) {
      ModelStore store = ModelStore.of(home, List.of());

      ModelStore.Saved saved =
          store.save(key, List.of(), "into", candidate, "train", first, people());
      ModelStore.Saved again =
          store.save(key, List.of(), "into", candidate, "train", second, people());

      assertThat(saved.adopted()).isFalse();
      assertThat(again.adopted()).isTrue();
      assertThat(again.written()).isEqualTo(saved.written());
      assertThat(saved.written().content()).isEqualTo(content(first, folder)).hasSize(64);
      assertThat(content(second, folder)).isNotEqualTo(content(first, folder));
      assertThat(intercept(store.load(again.written(), SPARK))).isEqualTo(intercept(first));
    }
  }
}
