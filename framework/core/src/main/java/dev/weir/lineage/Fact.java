package dev.weir.lineage;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a run, as it is appended to the event table. Facts are never changed;
 * the lineage tables are made from them.
 */
public sealed interface Fact {
  /** When it happened, by the clock of the machine that says so. */
  Instant at();

  /** The pipeline it happened in. */
  String pipeline();

  /** The id of the run it happened in. */
  String run();

  /**
   * A driver took the pipeline's lease for a run.
   *
   * @param token the lease's number: it grows by one with each taking and fences every write
   * @param host where the driver runs
   * @param pid the driver's process id there
   * @param processStart when that process started, which with the pid tells it from a later one
   * @param user the operating system's user
   * @param lengthMillis how long the lease is good without a sign of life
   */
  record LeaseTaken(
      Instant at,
      String pipeline,
      String run,
      long token,
      String host,
      long pid,
      @Nullable Instant processStart,
      String user,
      long lengthMillis)
      implements Fact {}

  /** A sign of life from a driver that had nothing else to say. */
  record Heartbeat(Instant at, String pipeline, String run) implements Fact {}

  /**
   * A run began.
   *
   * @param definition the pipeline as JSON
   * @param params the run's parameters by name, as text
   * @param environment where and with what it runs: user, host, java, spark, delta, weir, master,
   *     git_commit, git_dirty, home, command, last_words
   * @param stages the names of the stages, in the order of the plan
   * @param sources the files outside of Weir that each stage reads, as they were when the run began
   */
  record RunStarted(
      Instant at,
      String pipeline,
      String run,
      long token,
      String definition,
      Map<String, String> params,
      Map<String, String> environment,
      List<String> stages,
      Map<String, List<OutsideFile>> sources)
      implements Fact {
    public RunStarted {
      sources = sources == null ? Map.of() : Map.copyOf(sources);
      params = Map.copyOf(params);
      environment = Map.copyOf(environment);
      stages = List.copyOf(stages);
    }
  }

  /**
   * An attempt at a stage began. Durable before the attempt's first commit.
   *
   * @param type the stage's class
   * @param config the stage's configuration as JSON
   * @param attempt from 1
   */
  record StageStarted(
      Instant at,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String type,
      String config)
      implements Fact {}

  /**
   * An attempt at a stage ended, with everything it has to say. What it wrote counts as published
   * by this fact and by nothing else.
   *
   * @param startedAt when the attempt began
   * @param reads what it read
   * @param datasets the dataset versions that it published
   * @param models the model candidates that it published
   * @param error what went wrong, or null
   */
  record StageFinished(
      Instant at,
      Instant startedAt,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String type,
      StageState state,
      List<Read> reads,
      List<DatasetWritten> datasets,
      List<ModelWritten> models,
      List<Metric> metrics,
      List<Param> params,
      List<Check> checks,
      @Nullable Failure error)
      implements Fact {
    public StageFinished {
      reads = List.copyOf(reads);
      datasets = List.copyOf(datasets);
      models = List.copyOf(models);
      metrics = List.copyOf(metrics);
      params = List.copyOf(params);
      checks = List.copyOf(checks);
    }
  }

  /**
   * A candidate was given its number as a version of its model. The commit that holds this fact is
   * the registration.
   *
   * @param reference the new version, {@code model:credit.default@3}
   * @param candidate the candidate it was, {@code candidate:credit.default@<run>}
   * @param evaluation the evaluation it was registered on, {@code dataset:…@…}, or null
   * @param digest the digest of the candidate's files
   */
  record ModelRegistered(
      Instant at,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String reference,
      String candidate,
      @Nullable String evaluation,
      String digest)
      implements Fact {}

  /** A run ended, and gave up its lease in the same commit. */
  record RunFinished(
      Instant at,
      Instant startedAt,
      String pipeline,
      String run,
      RunState state,
      @Nullable Failure error)
      implements Fact {}

  /** What a stage notes while it works; it lands with the stage's end. */
  sealed interface Note {}

  /**
   * Something that a stage read.
   *
   * @param port the port, such as {@code from}
   * @param reference {@code dataset:…}, {@code model:…}, {@code candidate:…} or {@code file:…}
   * @param detail the Delta table's id for a dataset, the length in bytes for a file; may be null
   */
  record Read(String port, String reference, @Nullable String detail) implements Note {}

  /**
   * A file outside of Weir at one moment.
   *
   * @param path where it is, as a URI that Hadoop reads
   * @param bytes its length
   * @param modified when it was last written, in milliseconds since 1970
   * @param sha256 of its bytes, in hexadecimal
   */
  record OutsideFile(String path, long bytes, long modified, String sha256) {}

  /**
   * A dataset version that a stage published.
   *
   * @param tableId the Delta table's id: a table dropped and made again has another
   * @param rows how many rows the version holds
   * @param digest the content's digest, the same for the same rows in any order
   * @param schema Spark's JSON of the schema
   */
  record DatasetWritten(
      String port,
      String reference,
      String tableId,
      String path,
      long rows,
      String digest,
      String schema) {}

  /**
   * A fitted model that a stage published as a candidate.
   *
   * @param type the predictor's class
   * @param digest the digest over the files' digests
   * @param files how many files it has
   * @param bytes their size together
   * @param artifactsVersion the version of the artifacts table that holds them
   * @param signature the input and output schema as JSON
   */
  record ModelWritten(
      String port,
      String reference,
      String type,
      String digest,
      int files,
      long bytes,
      long artifactsVersion,
      String signature) {}

  /**
   * A measured number.
   *
   * @param subject the reference of what was measured, or null for the stage itself
   */
  record Metric(String name, double value, @Nullable String subject) implements Note {}

  /** A parameter that the stage's work was done with, as text. */
  record Param(String name, String value) implements Note {}

  /**
   * The verdict of one check.
   *
   * @param subject the reference of what was checked
   * @param column the column checked, or null for the whole
   * @param rows how many rows were looked at
   * @param failedRows how many of them broke it, or null for a check of the whole
   * @param observed the value found, as text
   * @param expected what was asked for, as text
   */
  record Check(
      String name,
      String subject,
      @Nullable String column,
      boolean passed,
      long rows,
      @Nullable Long failedRows,
      String observed,
      String expected)
      implements Note {}

  /**
   * Why something ended badly.
   *
   * @param code a stable name in kebab-case
   * @param message a sentence for a person
   * @param exception the class of the exception
   */
  record Failure(String code, String message, String exception) {}
}
