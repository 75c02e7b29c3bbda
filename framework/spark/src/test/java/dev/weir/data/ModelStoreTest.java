package dev.weir.data;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
  private static final int FLIPS = 24;
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

  @Test
  void aFlippedByteOfTheTableIsRefusedAndTheFileNamed(@TempDir Path folder) throws Exception {
    PipelineModel model = fit(3);
    ModelCandidate candidate = new ModelCandidate(ModelName.parse("t.model"), "run-1");
    try (Home home = Home.open(folder)) {
      ModelStore store = ModelStore.of(home, List.of());
      Fact.ModelWritten written =
          store
              .save(
                  WriteKey.of("t", "train", "t.model", 1),
                  List.of(),
                  "into",
                  candidate,
                  "train",
                  model,
                  people())
              .written();
      Path file = parquet(folder.resolve("models/artifacts"));
      byte[] whole = Files.readAllBytes(file);
      int refused = 0;
      for (int i = 0; i < FLIPS; i++) {
        byte[] flipped = whole.clone();
        int at = (int) ((i + 0.5) * whole.length / FLIPS);
        flipped[at] ^= 0x10;
        Files.write(file, flipped);
        try {
          // What is in no file of the model, such as who wrote the table, may be another.
          assertThat(intercept(store.load(written, SPARK))).isEqualTo(intercept(model));
        } catch (WeirException e) {
          refused++;
          assertThat(e.kind()).as("byte %d: %s", at, e.text()).isEqualTo(ErrorKind.DATA);
          assertThat(e.getMessage())
              .containsPattern(
                  "Its file (metadata|stages)/\\S+ has|Piece \\d+ of its file \\S+|Its file '.*' would|Its \\d+ files have the digest|models/artifacts/\\S+\\.parquet ");
        }
      }
      // Most of the table is the model's files.
      assertThat(refused).isGreaterThan(FLIPS / 2);
      Files.write(file, whole);
      assertThat(intercept(store.load(written, SPARK))).isEqualTo(intercept(model));
    }
  }

  private static Path parquet(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }
}
