package dev.weir.run;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.data.DatasetReader;
import dev.weir.data.DatasetWriter;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
import dev.weir.data.WriteKey;
import dev.weir.data.WriteOrigin;
import dev.weir.data.Written;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageDefinition;
import dev.weir.store.TableSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The data of one run: what it read when it started, what its stages have published since, and how
 * more is read and written.
 */
final class RunData {
  /**
   * Of two runs that replace a dataset at once Delta refuses one, which then simply comes after the
   * other. What else may pass by itself is for the stage's own retries.
   */
  private static final RetryPolicy<Written> CONFLICTS =
      RetryPolicy.<Written>builder()
          .handleIf(
              error ->
                  error instanceof WeirException weir && weir.code().equals("concurrent-write"))
          .withMaxAttempts(6)
          .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(5))
          .withJitter(0.25)
          .build();

  private final String run;
  private final Instant began;
  private final String scope;
  private final long token;
  private final Events events;
  private final Layout layout;
  private final ModelStore models;
  private final Registrar registrar;
  private final Earlier earlier;

  /** What nobody in the pipeline makes, as it was when the run started. */
  private final Fact.Snapshot snapshot;

  private final Outside outside;

  /** Files outside of Weir by stage, as they were when the run began. */
  private final Map<String, List<Fact.OutsideFile>> sources;

  private final Map<String, Fact.DatasetWritten> datasets = new ConcurrentHashMap<>();
  private final Map<ModelName, Fact.ModelRead> candidates = new ConcurrentHashMap<>();

  /** Candidates fitted by this process, so that the next stage need not read them back. */
  private final Map<String, PipelineModel> fitted = new ConcurrentHashMap<>();

  /**
   * @param began when the run began, whichever process began it
   * @param scope what the run's writes are keyed by
   * @param token the number of its lease
   */
  RunData(
      String run,
      Instant began,
      String scope,
      long token,
      Events events,
      Layout layout,
      ModelStore models,
      Registrar registrar,
      Earlier earlier,
      Fact.Snapshot snapshot,
      Outside outside) {
    this.run = run;
    this.began = began;
    this.scope = scope;
    this.token = token;
    this.events = events;
    this.layout = layout;
    this.models = models;
    this.registrar = registrar;
    this.earlier = earlier;
    this.snapshot = snapshot;
    this.outside = outside;
    this.sources = new ConcurrentHashMap<>(snapshot.sources());
  }

  /** When the run began, whichever process began it. */
  Instant began() {
    return began;
  }

  /**
   * The files that a stage reads from outside of Weir. What could not be found when the run began
   * is looked for again, and then holds for every further attempt.
   */
  List<Fact.OutsideFile> sources(StageDefinition definition) {
    return definition.stage() instanceof OutsideReader reader
        ? sources.computeIfAbsent(definition.name(), name -> reader.pin(outside))
        : List.of();
  }

  /** What the run was doing before it was interrupted. */
  @FunctionalInterface
  interface Earlier {
    /** Nothing. */
    Earlier NONE = attempt -> List.of();

    /** The tokens under which the attempt's writes may have been committed already. */
    List<Long> tokens(Attempt attempt);
  }

  /** Gives candidates their numbers. */
  @FunctionalInterface
  interface Registrar {
    /** Registers a candidate, or returns what an earlier attempt registered. */
    Fact.ModelRegistered register(Attempt attempt, Fact.ModelRead candidate, String evaluation);
  }

  /** Makes what a stage published visible to the stages after it. */
  void publish(Fact.StageFinished end, Map<String, PipelineModel> inMemory) {
    for (Fact.DatasetWritten dataset : end.datasets()) {
      datasets.put(version(dataset).name().toString(), dataset);
    }
    for (Fact.ModelWritten model : end.models()) {
      ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(model.reference());
      PipelineModel live = inMemory.get(model.reference());
      // A model's summary holds its session, and a session that has observed a write can't be sent
      // to Spark's tasks: such a model is read back.
      if (live != null && end.datasets().isEmpty()) {
        fitted.put(model.reference(), live);
      }
      candidates.put(candidate.name(), new Fact.ModelRead(model.reference(), model));
    }
  }

  // --- Datasets

  static DatasetVersion version(Fact.DatasetWritten written) {
    return (DatasetVersion) ArtifactVersion.parse(written.reference());
  }

  /** The version of a dataset that this run reads. */
  Fact.DatasetWritten resolve(Input input) {
    Fact.DatasetWritten made =
        input.version() == null ? datasets.get(input.name().toString()) : null;
    return made != null
        ? made
        : Objects.requireNonNull(
            snapshot.datasets().get(input.toString()), () -> "not pinned: " + input);
  }

  Dataset<Row> read(Fact.DatasetWritten pinned, SparkSession session) {
    return new DatasetReader(session)
        .read(pinned.path(), version(pinned).version(), pinned.tableId());
  }

  /** Where a version stands. */
  StageContext.Stored stored(Fact.DatasetWritten pinned, SparkSession session) {
    TableSnapshot snapshot =
        new DatasetReader(session).look(pinned.path(), version(pinned).version());
    return new StageContext.Stored(pinned.tableId(), snapshot.bytes(), snapshot.committedAt());
  }

  /** What the lineage says now. */
  LineageReader lineage() {
    return LineageReader.open(events);
  }

  Fact.DatasetWritten write(Attempt attempt, String port, Output output, Dataset<Row> rows) {
    String path = layout.dataset(output.name());
    // The rows belong to a session that the stage may have made itself.
    Written written =
        Failsafe.with(CONFLICTS)
            .get(
                () ->
                    new DatasetWriter(rows.sparkSession())
                        .write(
                            rows,
                            path,
                            key(attempt, output.toString(), token),
                            earlier(attempt, output.toString()),
                            new WriteOrigin(run, attempt.stage(), attempt.number())));
    return new Fact.DatasetWritten(
        port,
        new DatasetVersion(output.name(), written.version()).reference(),
        written.tableId(),
        path,
        written.rows(),
        written.digest(),
        written.schema());
  }

  private WriteKey key(Attempt attempt, String output, long number) {
    return WriteKey.of(scope, attempt.stage(), output, number);
  }

  private List<WriteKey> earlier(Attempt attempt, String output) {
    return earlier.tokens(attempt).stream().map(number -> key(attempt, output, number)).toList();
  }

  // --- Models

  /** The model that this run reads. */
  Fact.ModelRead resolve(ModelInput input) {
    Fact.ModelRead made = input.number() == null ? candidates.get(input.name()) : null;
    return made != null
        ? made
        : Objects.requireNonNull(
            snapshot.models().get(input.toString()), () -> "not pinned: " + input);
  }

  PipelineModel load(Fact.ModelRead pinned, SparkSession session) {
    PipelineModel live = fitted.get(pinned.written().reference());
    return live != null ? live : models.load(pinned.written(), session);
  }

  ModelStore.Saved save(
      Attempt attempt,
      String port,
      ModelOutput output,
      PipelineModel model,
      Dataset<Row> trainedOn) {
    return models.save(
        key(attempt, output.toString(), token),
        earlier(attempt, output.toString()),
        port,
        new ModelCandidate(output.name(), run),
        attempt.stage(),
        model,
        trainedOn);
  }

  Fact.ModelRegistered register(Attempt attempt, Fact.ModelRead candidate, String evaluation) {
    if (!(ArtifactVersion.parse(candidate.reference()) instanceof ModelCandidate)) {
      throw new WeirException(
          "not-a-candidate",
          ErrorKind.USER,
          "Stage '%s' would register %s, which is registered already."
              .formatted(attempt.stage(), candidate.reference()),
          "Register a candidate that a stage of the same pipeline trained.");
    }
    return registrar.register(attempt, candidate, evaluation);
  }
}
