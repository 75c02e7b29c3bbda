package dev.weir.ml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.data.CapturedModel;
import dev.weir.data.ModelFiles;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The content digests of the models of every concrete estimator in MLlib's jar. */
class ContentSweepTest {
  private record Digests(String type, String first, String again, String other) {}

  @Test
  void twoFitsOfTheSameRowsHaveOneContentAndAFitOfOthersHasAnother(@TempDir Path scratch)
      throws Exception {
    SparkSession spark = TestSpark.session().newSession();
    Dataset<Row> rows = EstimatorSweepTest.rows(spark, 0);
    Dataset<Row> others = EstimatorSweepTest.rows(spark, 30);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Digests>> running = new ArrayList<>();
      for (Class<? extends Estimator<?>> type : EstimatorSweepTest.estimators()) {
        if (!EstimatorSweepTest.EXCLUDED.containsKey(type.getName())) {
          MlStage value = YamlText.stage(EstimatorSweepTest.configured(type));
          running.add(
              threads.submit(
                  () ->
                      new Digests(
                          type.getSimpleName(),
                          digest(value, type.getSimpleName(), rows, scratch),
                          digest(value, "again", rows, scratch),
                          digest(value, type.getSimpleName(), others, scratch))));
        }
      }
      List<String> wrong = new ArrayList<>();
      for (Future<Digests> future : running) {
        Digests digests = future.get();
        if (!digests.first.equals(digests.again) || digests.first.equals(digests.other)) {
          wrong.add(digests.toString());
        }
      }
      assertThat(wrong).isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  private static String digest(MlStage value, String uid, Dataset<Row> rows, Path scratch) {
    Transformer model = ((Estimator<?>) value.create(uid)).fit(rows);
    PipelineModel chain = new PipelineModel(uid, new Transformer[] {model});
    try (CapturedModel captured = ModelFiles.capture(chain, scratch.toUri(), rows.sparkSession())) {
      return captured.content();
    }
  }
}
