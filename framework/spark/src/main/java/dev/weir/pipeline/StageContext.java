package dev.weir.pipeline;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelVersion;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.profile.DatasetProfile;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a stage may touch while it runs. Reading or writing through a port that the stage does not
 * declare is an error.
 */
public final class StageContext {
  private final Supplier<SparkSession> spark;
  private final Datasets datasets;
  private final Models models;
  private final Versions versions;
  private final Notes notes;
  private final RunParams params;
  private final Settings settings;
  private final Knowledge knowledge;

  /** Datasets by port. */
  public interface Datasets {
    /** The dataset at the version that the run reads. */
    Dataset<Row> read(Input input);

    /** Commits {@code rows} as the next version, and returns what was committed. */
    Fact.DatasetWritten write(Output output, Dataset<Row> rows);
  }

  /** Models by port. */
  public interface Models {
    /** The model, every file of it verified. */
    PipelineModel load(ModelInput input);

    /**
     * Commits a fitted model as a candidate.
     *
     * @param trainedOn the columns that it was fitted on, for its signature
     */
    Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn);

    /** Gives the candidate its number, bound to the evaluation it passed. */
    ModelVersion register(ModelInput candidate, Input evaluation);
  }

  /** Which versions the run reads, without reading them. */
  public interface Versions {
    /** The version of a dataset. */
    DatasetVersion version(Input input);

    /** The candidate or registered version of a model. */
    ArtifactVersion version(ModelInput input);
  }

  /** What is known of datasets without reading them. */
  public interface Knowledge {
    /** Where the version of a dataset that the run reads stands. */
    Stored stored(Input input);

    /** The lineage as it was when the attempt first asked for it. */
    LineageReader lineage();
  }

  /**
   * Where a dataset version stands.
   *
   * @param tableId the Delta table's id
   * @param bytes how large its files are
   * @param committedAt when it was committed
   */
  public record Stored(String tableId, long bytes, Instant committedAt) {
    public Stored {
      Objects.requireNonNull(tableId);
      Objects.requireNonNull(committedAt);
    }
  }

  /** What a stage has to say of its work; all of it lands with the stage's end. */
  public interface Notes {
    /** Takes a note. */
    void note(Fact.Note note);
  }

  /**
   * What the run gives to every stage.
   *
   * @param run the run's id
   * @param began when the run began, whichever process began it
   * @param stage the stage's name
   * @param attempt from 1
   * @param home the home, as a URI
   * @param project the folder that relative paths resolve against, as a URI
   * @param sources the files outside of Weir that an {@link OutsideReader} reads, as they were when
   *     the run began
   * @param decided what people have decided of what a {@link Gate} checks
   */
  public record Settings(
      String run,
      Instant began,
      String stage,
      int attempt,
      URI home,
      URI project,
      List<Fact.OutsideFile> sources,
      Interventions.Decided decided) {
    public Settings {
      sources = List.copyOf(sources);
      Objects.requireNonNull(decided);
    }

    /** Of a stage about which nobody has decided anything. */
    public Settings(
        String run,
        Instant began,
        String stage,
        int attempt,
        URI home,
        URI project,
        List<Fact.OutsideFile> sources) {
      this(run, began, stage, attempt, home, project, sources, Interventions.Decided.NOTHING);
    }
  }

  /**
   * Made by the runner.
   *
   * @param spark gives this attempt's session; a stage that never asks starts none
   */
  public StageContext(
      Supplier<SparkSession> spark,
      Datasets datasets,
      Models models,
      Versions versions,
      Notes notes,
      RunParams params,
      Settings settings,
      Knowledge knowledge) {
    this.spark = Objects.requireNonNull(spark);
    this.datasets = Objects.requireNonNull(datasets);
    this.models = Objects.requireNonNull(models);
    this.versions = Objects.requireNonNull(versions);
    this.notes = Objects.requireNonNull(notes);
    this.params = Objects.requireNonNull(params);
    this.settings = Objects.requireNonNull(settings);
    this.knowledge = Objects.requireNonNull(knowledge);
  }

  /** A Spark session of this attempt's own. */
  public SparkSession spark() {
    return spark.get();
  }

  /** What the run gives to every stage. */
  public Settings settings() {
    return settings;
  }

  /** The run's parameters; what is asked of them counts as a part of the stage's configuration. */
  public RunParams params() {
    return params;
  }

  /** The dataset at the version that the run reads. */
  public Dataset<Row> read(Input input) {
    return datasets.read(input);
  }

  /** The version of the dataset that the run reads. */
  public DatasetVersion version(Input input) {
    return versions.version(input);
  }

  /** Commits rows as the output's next version; once per output and attempt. */
  public Fact.DatasetWritten write(Output output, Dataset<Row> rows) {
    return datasets.write(output, rows);
  }

  /** The model that the run reads, every file of it verified. */
  public PipelineModel load(ModelInput input) {
    return models.load(input);
  }

  /** The candidate or registered version of a model that the run reads. */
  public ArtifactVersion version(ModelInput input) {
    return versions.version(input);
  }

  /** Commits a fitted model as a candidate. */
  public Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn) {
    return models.save(output, model, trainedOn);
  }

  /** Gives the candidate its version number, bound to the evaluation it passed. */
  public ModelVersion register(ModelInput candidate, Input evaluation) {
    return models.register(candidate, evaluation);
  }

  /** Notes a measured number of the stage itself. */
  public void metric(String name, double value) {
    notes.note(new Fact.Metric(name, value, null));
  }

  /** Notes a measured number of something, by its reference. */
  public void metric(String name, double value, String subject) {
    notes.note(new Fact.Metric(name, value, subject));
  }

  /** Notes a parameter that the work was done with, as text. */
  public void param(String name, String value) {
    notes.note(new Fact.Param(name, value));
  }

  /** Notes the verdict of a check. */
  public void check(Fact.Check check) {
    notes.note(check);
  }

  /** Notes what is in a dataset version that the stage read or wrote. */
  public void profile(DatasetProfile profile, DatasetVersion version) {
    profile(new Fact.Profile(version.reference(), profile, null, null));
  }

  /** Notes what is in a dataset version that the stage read or wrote, or in a part of it. */
  public void profile(Fact.Profile profile) {
    notes.note(profile);
  }

  /** Where the version of the dataset that the run reads stands. */
  public Stored stored(Input input) {
    return knowledge.stored(input);
  }

  /**
   * The lineage as it was when the attempt first asked for it. What a stage takes from there is no
   * part of its fingerprint: it says by which versions it judged in the facts that it notes.
   */
  public LineageReader lineage() {
    return knowledge.lineage();
  }

  /** Notes something read from outside Weir. */
  public void readOutside(Fact.Read read) {
    notes.note(read);
  }
}
