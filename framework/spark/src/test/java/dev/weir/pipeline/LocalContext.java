package dev.weir.pipeline;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelVersion;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Runs a stage without a runner: Delta tables and models under a folder, notes in lists. */
public final class LocalContext {
  /** When every run here begins. */
  public static final Instant BEGAN = Instant.parse("2024-03-01T12:00:00Z");

  private final SparkSession spark;
  private final Path home;
  private final Path project;
  private final Map<String, Object> params = new HashMap<>();

  public final List<Fact.Metric> metrics = new ArrayList<>();
  public final List<Fact.Check> checks = new ArrayList<>();
  public final List<Fact.Profile> profiles = new ArrayList<>();
  public final List<Fact.Read> reads = new ArrayList<>();
  public final List<Fact.DatasetWritten> written = new ArrayList<>();

  public LocalContext(SparkSession spark, Path home, Path project) {
    this.spark = spark;
    this.home = home;
    this.project = project;
  }

  /** Sets a parameter of the run. */
  public LocalContext param(String key, Object value) {
    params.put(key, value);
    return this;
  }

  /** Runs a stage as the runner would, in a session of its own. */
  public void run(Stage stage) throws Exception {
    stage.run(
        context(
            stage instanceof OutsideReader reader
                ? reader.pin(
                    new Outside(project.toUri(), spark.sparkContext().hadoopConfiguration()))
                : List.of()));
  }

  /** A context for one attempt at a stage that reads nothing from outside. */
  public StageContext context() {
    return context(List.of());
  }

  private StageContext context(List<Fact.OutsideFile> sources) {
    SparkSession own = spark.newSession();
    return new StageContext(
        () -> own,
        new Tables(own),
        new Models(),
        new Versions(own),
        this::note,
        new RunParams(params),
        new StageContext.Settings("run", BEGAN, "stage", 1, home.toUri(), project.toUri(), sources),
        new Unknown());
  }

  /** Nothing is known of what was before. */
  public static final class Unknown implements StageContext.Knowledge {
    @Override
    public StageContext.Stored stored(Input input) {
      return new StageContext.Stored("table", 0, BEGAN);
    }

    @Override
    public LineageReader lineage() {
      throw new UnsupportedOperationException("There is no lineage without a runner");
    }
  }

  private void note(Fact.Note note) {
    if (note instanceof Fact.Metric metric) {
      metrics.add(metric);
    } else if (note instanceof Fact.Check check) {
      checks.add(check);
    } else if (note instanceof Fact.Profile profile) {
      profiles.add(profile);
    } else if (note instanceof Fact.Read read) {
      reads.add(read);
    }
  }

  /** What a dataset holds now. */
  public Dataset<Row> table(String name) {
    return spark.read().format("delta").load(path(Input.from(name).name().toString()));
  }

  /** The last value noted under a name. */
  public double metric(String name) {
    return metrics.stream()
        .filter(m -> m.name().equals(name))
        .reduce((a, b) -> b)
        .orElseThrow(() -> new AssertionError("No metric " + name + " in " + metrics))
        .value();
  }

  private String path(String name) {
    return home.resolve("datasets").resolve(name.replace('.', '/')).toString();
  }

  private final class Tables implements StageContext.Datasets {
    private final SparkSession session;

    Tables(SparkSession session) {
      this.session = session;
    }

    @Override
    public Dataset<Row> read(Input input) {
      return session.read().format("delta").load(path(input.name().toString()));
    }

    @Override
    public Fact.DatasetWritten write(Output output, Dataset<Row> rows) {
      String path = path(output.name().toString());
      rows.write().format("delta").mode("overwrite").option("overwriteSchema", true).save(path);
      Dataset<Row> now = session.read().format("delta").load(path);
      Fact.DatasetWritten fact =
          new Fact.DatasetWritten(
              output.toString(),
              new DatasetVersion(output.name(), version(session, path)).reference(),
              "table",
              path,
              now.count(),
              "",
              now.schema().json());
      written.add(fact);
      return fact;
    }
  }

  private long version(SparkSession session, String path) {
    return io.delta.tables.DeltaTable.forPath(session, path).history(1).head().getAs("version");
  }

  private final class Versions implements StageContext.Versions {
    private final SparkSession session;

    Versions(SparkSession session) {
      this.session = session;
    }

    @Override
    public DatasetVersion version(Input input) {
      return new DatasetVersion(
          input.name(), LocalContext.this.version(session, path(input.name().toString())));
    }

    @Override
    public ArtifactVersion version(ModelInput input) {
      return new ModelCandidate(input.name(), "run");
    }
  }

  private final class Models implements StageContext.Models {
    @Override
    public PipelineModel load(ModelInput input) {
      return PipelineModel.load(folder(input.name().toString()).toString());
    }

    @Override
    public Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn) {
      try {
        model.write().overwrite().save(folder(output.name().toString()).toString());
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return new Fact.ModelWritten(
          output.toString(),
          "candidate:" + output.name() + "@run",
          model.getClass().getName(),
          "",
          "",
          0,
          0,
          0,
          trainedOn.schema().json());
    }

    @Override
    public ModelVersion register(ModelInput candidate, Input evaluation) {
      return new ModelVersion(candidate.name(), 1);
    }

    private URI folder(String name) {
      return home.resolve("models").resolve(name).toUri();
    }
  }
}
