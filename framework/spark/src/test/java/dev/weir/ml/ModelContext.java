package dev.weir.ml;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelVersion;
import dev.weir.data.CapturedModel;
import dev.weir.data.ModelFiles;
import dev.weir.data.ModelSignature;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.RunParams;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** Runs a stage without a runner: datasets and models' files in Delta tables, notes in lists. */
final class ModelContext {
  private final SparkSession spark;
  private final Path home;
  private final Map<String, Fact.ModelWritten> candidates = new HashMap<>();

  /** The model that was fitted last, as it was. */
  @Nullable PipelineModel fitted;

  /** False to spare a test the saving of models that nobody loads. */
  boolean keepsFiles = true;

  final List<Fact.Metric> metrics = new ArrayList<>();
  final List<Fact.Check> checks = new ArrayList<>();
  final Map<String, String> params = new TreeMap<>();
  final List<String> registered = new ArrayList<>();

  ModelContext(SparkSession spark, Path home) {
    this.spark = spark;
    this.home = home;
  }

  /** Runs a stage. */
  ModelContext run(Stage stage) throws Exception {
    stage.run(context());
    return this;
  }

  /** Writes a dataset's next version. */
  void put(String name, Dataset<Row> rows) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(path(DatasetName.parse(name)));
  }

  Dataset<Row> table(String name) {
    return spark.read().format("delta").load(path(DatasetName.parse(name)));
  }

  Fact.ModelWritten candidate(String name) {
    Fact.ModelWritten written = candidates.get(name);
    if (written == null) {
      throw new AssertionError("No candidate of " + name);
    }
    return written;
  }

  PipelineModel load(String name) {
    Fact.ModelWritten written = candidate(name);
    return ModelFiles.restore(
        spark
            .read()
            .format("delta")
            .load(artifacts())
            .filter(functions.col("model").equalTo(written.digest())),
        new ModelFiles.Manifest(written.digest(), written.files(), written.bytes()),
        home.resolve("scratch").toUri(),
        spark,
        List.of("dev.weir."));
  }

  /** The last value noted under a name. */
  double metric(String name) {
    return metrics.stream()
        .filter(m -> m.name().equals(name))
        .reduce((a, b) -> b)
        .orElseThrow(() -> new AssertionError("No metric " + name + " in " + metrics))
        .value();
  }

  StageContext context() {
    return new StageContext(
        () -> spark,
        new Tables(),
        new Models(),
        new Versions(),
        this::note,
        new RunParams(Map.of()),
        new StageContext.Settings(
            "run1", Instant.EPOCH, "stage", 1, home.toUri(), home.toUri(), List.of()),
        new LocalContext.Unknown());
  }

  private void note(Fact.Note note) {
    if (note instanceof Fact.Metric metric) {
      metrics.add(metric);
    } else if (note instanceof Fact.Check check) {
      checks.add(check);
    } else if (note instanceof Fact.Param param) {
      params.put(param.name(), param.value());
    }
  }

  private String path(DatasetName name) {
    return home.resolve("datasets").resolve(name.namespace()).resolve(name.name()).toString();
  }

  private String artifacts() {
    return home.resolve("models").resolve("artifacts").toString();
  }

  private final class Tables implements StageContext.Datasets {
    @Override
    public Dataset<Row> read(Input input) {
      return spark.read().format("delta").load(path(input.name()));
    }

    @Override
    public Fact.DatasetWritten write(Output output, Dataset<Row> rows) {
      put(output.toString(), rows);
      String path = path(output.name());
      return new Fact.DatasetWritten(
          "into",
          new DatasetVersion(output.name(), 0).reference(),
          "table",
          path,
          table(output.toString()).count(),
          "",
          rows.schema().json());
    }
  }

  private static final class Versions implements StageContext.Versions {
    @Override
    public DatasetVersion version(Input input) {
      return new DatasetVersion(input.name(), 0);
    }

    @Override
    public ArtifactVersion version(ModelInput input) {
      return new ModelCandidate(input.name(), "run1");
    }
  }

  private final class Models implements StageContext.Models {
    @Override
    public PipelineModel load(ModelInput input) {
      return ModelContext.this.load(input.name().toString());
    }

    @Override
    public Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn) {
      String reference = new ModelCandidate(output.name(), "run1").reference();
      fitted = model;
      if (!keepsFiles) {
        return new Fact.ModelWritten("into", reference, "", "", "", 0, 0, 0, "");
      }
      try (CapturedModel captured =
          ModelFiles.capture(model, home.resolve("scratch").toUri(), spark)) {
        ModelFiles.Manifest manifest = captured.manifest();
        captured
            .rows()
            .withColumn("model", functions.lit(manifest.digest()))
            .write()
            .format("delta")
            .mode("append")
            .save(artifacts());
        Fact.ModelWritten written =
            new Fact.ModelWritten(
                "into",
                reference,
                model.stages()[model.stages().length - 1].getClass().getName(),
                manifest.digest(),
                captured.content(),
                manifest.files(),
                manifest.bytes(),
                0,
                ModelSignature.of(model, trainedOn.schema()).json());
        candidates.put(output.toString(), written);
        return written;
      }
    }

    @Override
    public ModelVersion register(ModelInput candidate, Input evaluation) {
      registered.add(candidate + " on " + evaluation);
      return new ModelVersion(candidate.name(), 1);
    }
  }
}
