package dev.weir.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.session.TestSpark;
import dev.weir.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  private static final SparkSession SPARK = TestSpark.session().newSession();
  private static PipelineModel model;
  private static Dataset<Row> rows;
  private static ModelFiles.Manifest manifest;

  @BeforeAll
  static void fit(@TempDir Path scratch) {
    model =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new Imputer()
                      .setInputCols(new String[] {"income"})
                      .setOutputCols(new String[] {"known"}),
                  new SQLTransformer().setStatement("select *, known * 2 as more from __THIS__"),
                  new VectorAssembler()
                      .setInputCols(new String[] {"known", "more"})
                      .setOutputCol("features"),
                  new LogisticRegression().setMaxIter(3)
                })
            .fit(people());
    try (CapturedModel captured = ModelFiles.capture(model, scratch.toUri(), SPARK)) {
      manifest = captured.manifest();
      rows = SPARK.createDataFrame(captured.rows().collectAsList(), ModelFiles.SCHEMA);
    }
    assertThat(scratch).isEmptyDirectory();
  }

  private static Dataset<Row> people() {
    return SPARK
        .range(100)
        .select(
            when(col("id").mod(7).notEqual(0), col("id").cast("double")).as("income"),
            lit("x").as("unused"),
            expr("cast(id % 3 = 0 as double)").as("label"));
  }

  @Test
  void holdsWhatMllibSavesAndNothingElse() {
    List<String> paths =
        rows.select("path").distinct().collectAsList().stream().map(r -> r.getString(0)).toList();
    assertThat(paths)
        .hasSize(manifest.files())
        .contains("metadata/part-00000.txt")
        .anyMatch(path -> path.startsWith("stages/3_"))
        .noneMatch(path -> path.endsWith(".crc") || path.endsWith("_SUCCESS"));
    assertThat(rows.selectExpr("sum(length(content))").head().getLong(0))
        .isEqualTo(manifest.bytes());
  }

  @Test
  void whatIsSavedLoadsWithPlainMllib(@TempDir Path folder) throws IOException {
    for (Row row : rows.collectAsList()) {
      Path file = folder.resolve(row.getString(0));
      Files.createDirectories(file.getParent());
      Files.write(file, row.<byte[]>getAs("content"));
    }
    PipelineModel loaded = PipelineModel.load(folder.toString());
    assertThat(loaded.uid()).isEqualTo(model.uid());
    assertThat(predictions(loaded)).isEqualTo(predictions(model));
  }

  @Test
  void restoresFromRowsInAnyOrder(@TempDir Path scratch) {
    PipelineModel restored = restore(rows.orderBy(col("sha256")), manifest, scratch);
    assertThat(predictions(restored)).isEqualTo(predictions(model));
  }

  @Test
  void aFlippedByteIsRefusedAndTheFileNamed(@TempDir Path scratch) {
    Dataset<Row> flipped = change("stages/0_.*/data/.*", content -> content[20] ^= 1);
    assertThatThrownBy(() -> restore(flipped, manifest, scratch))
        .isInstanceOf(WeirException.class)
        .hasMessageMatching(
            "The model's files are not those that were published. Its file stages/0_imputer_\\w+/data/part-\\S+ has \\d+ bytes with sha-256 \\w{64}, and \\d+ with \\w{64} were recorded\\.");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aMissingFileAndAnotherDigestAreRefused(@TempDir Path scratch) {
    assertThatThrownBy(
            () -> restore(rows.filter("path not like 'stages/3_%/data/%'"), manifest, scratch))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("files have the digest")
        .hasMessageContaining(
            "%d with %s were recorded".formatted(manifest.files(), manifest.digest()));
    ModelFiles.Manifest other =
        new ModelFiles.Manifest("0".repeat(64), manifest.files(), manifest.bytes());
    assertThatThrownBy(() -> restore(rows, other, scratch))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("with " + "0".repeat(64) + " were recorded");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aPathOutOfTheFolderIsRefused(@TempDir Path scratch) {
    for (String path : List.of("../out", "/etc/passwd", "a//b", "file:x")) {
      Dataset<Row> outside =
          SPARK.createDataFrame(
              List.of(RowFactory.create(path, "0".repeat(64), 1L, 0, 1, new byte[1])),
              ModelFiles.SCHEMA);
      assertThatThrownBy(() -> restore(outside, manifest, scratch))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("Its file '%s' would lie outside its folder.".formatted(path));
    }
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void onlyAllowedClassesAreLoaded(@TempDir Path scratch) {
    String metadata = "{\"class\":\"com.example.Evil\",\"uid\":\"x\"}\n";
    Dataset<Row> evil = replace("stages/1_.*/metadata/.*", metadata);
    assertThatThrownBy(() -> restore(evil, digestOf(evil), scratch))
        .isInstanceOf(WeirException.class)
        .hasMessageMatching(
            "The model's file stages/1_sql_\\w+/metadata/part-\\S+ names the class com.example.Evil, which is neither MLlib's nor on the list of allowed ones\\.");
    Dataset<Row> broken = replace("stages/1_.*/metadata/.*", "not json");
    assertThatThrownBy(() -> restore(broken, digestOf(broken), scratch))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("is not metadata as MLlib writes it: it names no class.");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void longFilesAreSplit(@TempDir Path home) throws IOException {
    ScratchFolder folder =
        ScratchFolder.under(home.toUri(), SPARK.sparkContext().hadoopConfiguration());
    byte[] content = new byte[ModelFiles.PART_BYTES * 8 + 5];
    new java.util.Random(1).nextBytes(content);
    try (var out = folder.create("a/big")) {
      out.write(content);
    }
    try (CapturedModel captured = new CapturedModel(folder, folder.list(), SPARK)) {
      // Above 64 MiB the rows are read by tasks.
      List<Row> pieces =
          captured
              .rows()
              .selectExpr("part", "parts", "length(content)", "sha2(content, 256)")
              .orderBy("part")
              .collectAsList();
      assertThat(pieces).hasSize(9).allMatch(row -> row.getInt(1) == 9);
      assertThat(pieces.get(0).getInt(2)).isEqualTo(ModelFiles.PART_BYTES);
      assertThat(pieces.get(8).getInt(2)).isEqualTo(5);
      assertThat(captured.files()).hasSize(1);
      var sha = Sha256.start();
      sha.update(content);
      assertThat(captured.files().get(0))
          .isEqualTo(new ModelFile("a/big", Sha256.hex(sha), content.length));
    }
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void theSignatureNamesWhatTheModelNeedsAndGives() {
    assertThat(ModelSignature.of(model, people().schema()).json())
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"income\",\"type\":\"double\"}],\"outputs\":[{\"name\":\"prediction\",\"type\":\"double\"},{\"name\":\"probability\",\"type\":\"array<double>\"},{\"name\":\"score\",\"type\":\"double\"}]}");
  }

  private static PipelineModel restore(
      Dataset<Row> from, ModelFiles.Manifest expected, Path scratch) {
    return ModelFiles.restore(from, expected, scratch.toUri(), SPARK, List.of());
  }

  private static List<Row> predictions(PipelineModel of) {
    return Predictions.score(of, people(), List.of("income")).orderBy("income").collectAsList();
  }

  private interface Change {
    void of(byte[] content);
  }

  private static Dataset<Row> change(String path, Change change) {
    List<Row> changed = new ArrayList<>();
    for (Row row : rows.collectAsList()) {
      byte[] content = row.<byte[]>getAs("content").clone();
      if (row.getString(0).matches(path)) {
        change.of(content);
      }
      changed.add(
          RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), content));
    }
    return SPARK.createDataFrame(changed, ModelFiles.SCHEMA);
  }

  /** A file with other content, and its digest made to fit. */
  private static Dataset<Row> replace(String path, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    var digest = Sha256.start();
    digest.update(content);
    String sha = Sha256.hex(digest);
    Stream<Row> replaced =
        rows.collectAsList().stream()
            .map(
                row ->
                    row.getString(0).matches(path)
                        ? RowFactory.create(row.get(0), sha, (long) content.length, 0, 1, content)
                        : row);
    return SPARK.createDataFrame(replaced.toList(), ModelFiles.SCHEMA);
  }

  private static ModelFiles.Manifest digestOf(Dataset<Row> changed) {
    List<ModelFile> files =
        changed.collectAsList().stream()
            .map(row -> new ModelFile(row.getString(0), row.getString(1), row.getLong(2)))
            .toList();
    return new ModelFiles.Manifest(
        ModelFile.digest(files), files.size(), files.stream().mapToLong(ModelFile::bytes).sum());
  }
}
