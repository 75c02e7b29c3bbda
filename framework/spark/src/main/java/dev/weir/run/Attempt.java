package dev.weir.run;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelVersion;
import dev.weir.data.ModelStore;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.RunParams;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a stage: holds it to its ports, and collects what it has to say. Once ended, by
 * its own return, an error, a timeout or a cancellation, it takes nothing more.
 */
final class Attempt
    implements StageContext.Datasets,
        StageContext.Models,
        StageContext.Versions,
        StageContext.Knowledge,
        StageContext.Notes {
  private final StageDefinition definition;
  private final int number;
  private final Ports ports;
  private final RunData data;
  private final RunParams params;
  private final Fact.@Nullable Fingerprint fingerprint;
  private final Instant startedAt = Instant.now();
  private final CompletableFuture<?> startDurable;
  private final Supplier<SparkSession> session;

  // Guarded by this.
  private boolean ended;
  private @Nullable LineageReader lineage;
  private final Map<String, Fact.Read> reads = new LinkedHashMap<>();
  private final Map<String, Fact.DatasetWritten> datasets = new LinkedHashMap<>();
  private final Map<String, Fact.ModelWritten> models = new LinkedHashMap<>();
  private final Map<String, PipelineModel> fitted = new LinkedHashMap<>();
  private final List<Fact.ModelRegistered> registered = new ArrayList<>();
  private final List<Fact.Metric> metrics = new ArrayList<>();
  private final List<Fact.Param> notedParams = new ArrayList<>();
  private final List<Fact.Check> checks = new ArrayList<>();
  private final Map<String, Fact.Profile> profiles = new LinkedHashMap<>();

  Attempt(
      StageDefinition definition,
      int number,
      Ports ports,
      RunData data,
      RunParams params,
      Fact.@Nullable Fingerprint fingerprint,
      CompletableFuture<?> startDurable,
      Supplier<SparkSession> session) {
    this.definition = definition;
    this.number = number;
    this.ports = ports;
    this.data = data;
    this.params = params;
    this.fingerprint = fingerprint;
    this.startDurable = startDurable;
    this.session = session;
  }

  int number() {
    return number;
  }

  String stage() {
    return definition.name();
  }

  /** What it is about to do, by the digest of the work; null if that is not known. */
  @Nullable String work() {
    return fingerprint == null ? null : fingerprint.work();
  }

  RunParams params() {
    return params;
  }

  Instant startedAt() {
    return startedAt;
  }

  synchronized List<Fact.ModelRegistered> registered() {
    return List.copyOf(registered);
  }

  synchronized Map<String, PipelineModel> fitted() {
    return Map.copyOf(fitted);
  }

  /**
   * Ends the attempt, once: the first caller gets its facts, later ones null.
   *
   * @param error why it ended, or null when the stage returned
   * @param troubles what went wrong beneath it, made up for or not
   */
  synchronized Fact.@Nullable StageFinished end(
      String pipeline,
      String run,
      StageState state,
      Fact.@Nullable Failure error,
      List<Fact.Metric> troubles) {
    if (ended) {
      return null;
    }
    ended = true;
    metrics.addAll(troubles);
    // Only what a successful attempt wrote is published; a reader never resolves the rest.
    boolean published = state == StageState.SUCCEEDED;
    return new Fact.StageFinished(
        Instant.now(),
        startedAt,
        pipeline,
        run,
        definition.name(),
        number,
        definition.stage().getClass().getName(),
        state,
        List.copyOf(reads.values()),
        published ? List.copyOf(datasets.values()) : List.of(),
        published ? List.copyOf(models.values()) : List.of(),
        List.copyOf(metrics),
        List.copyOf(notedParams),
        List.copyOf(checks),
        error,
        fingerprint == null ? null : fingerprint.withParams(params.asked()),
        null);
  }

  /** What it looked at, as facts that belong to its end. */
  synchronized List<Fact.DatasetProfiled> profiles(Fact.StageFinished end) {
    Map<String, String> tables = new HashMap<>();
    datasets.values().forEach(written -> tables.put(written.reference(), written.tableId()));
    reads.values().forEach(read -> tables.put(read.reference(), String.valueOf(read.detail())));
    return profiles.values().stream()
        .map(
            noted ->
                new Fact.DatasetProfiled(
                    end.at(),
                    end.pipeline(),
                    end.run(),
                    end.stage(),
                    end.attempt(),
                    noted.reference(),
                    Objects.requireNonNull(tables.get(noted.reference())),
                    end.state() == StageState.SUCCEEDED,
                    noted.profile().kept().json(),
                    noted.part(),
                    noted.committedAt()))
        .toList();
  }

  /** Throws unless everything that the stage declares was written. */
  synchronized void requireComplete() {
    List<String> missing = new ArrayList<>();
    for (Ports.Port<Output> port : ports.outputs()) {
      if (!datasets.containsKey(port.value().toString())) {
        missing.add("dataset " + port.value());
      }
    }
    for (Ports.Port<ModelOutput> port : ports.modelOutputs()) {
      if (!models.containsKey(port.value().toString())) {
        missing.add("model " + port.value());
      }
    }
    if (!missing.isEmpty()) {
      throw WeirException.user(
          "output-not-written",
          "Stage '%s' declares %s, but returned without writing %s."
              .formatted(
                  stage(), String.join(" and ", missing), missing.size() == 1 ? "it" : "them"),
          "Write every output with context.write or context.save, or take the port away.");
    }
  }

  // --- StageContext.Datasets

  @Override
  public Dataset<Row> read(Input input) {
    Fact.DatasetWritten pinned = pinned(input);
    return data.read(pinned, session.get());
  }

  private Fact.DatasetWritten pinned(Input input) {
    Ports.Port<Input> port = declared(ports.inputs(), input, "dataset", "input");
    Fact.DatasetWritten pinned = data.resolve(input);
    note(new Fact.Read(port.name(), pinned.reference(), pinned.tableId()));
    return pinned;
  }

  @Override
  public Fact.DatasetWritten write(Output output, Dataset<Row> rows) {
    Ports.Port<Output> port = declared(ports.outputs(), output, "dataset", "output");
    synchronized (this) {
      requireOpen();
      if (datasets.containsKey(output.toString())) {
        throw WeirException.user(
            "written-twice",
            "Stage '%s' writes dataset %s a second time.".formatted(stage(), output),
            "Write each output once; union the rows first.");
      }
    }
    awaitStart();
    Fact.DatasetWritten written = data.write(this, port.name(), output, rows);
    synchronized (this) {
      requireOpen();
      datasets.put(output.toString(), written);
    }
    return written;
  }

  // --- StageContext.Models

  private Fact.ModelRead pinned(ModelInput input) {
    Ports.Port<ModelInput> port = declared(ports.modelInputs(), input, "model", "input");
    Fact.ModelRead pinned = data.resolve(input);
    note(new Fact.Read(port.name(), pinned.reference(), pinned.written().digest()));
    return pinned;
  }

  @Override
  public PipelineModel load(ModelInput input) {
    return data.load(pinned(input), session.get());
  }

  @Override
  public Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn) {
    Ports.Port<ModelOutput> port = declared(ports.modelOutputs(), output, "model", "output");
    synchronized (this) {
      requireOpen();
      if (models.containsKey(output.toString())) {
        throw WeirException.user(
            "written-twice",
            "Stage '%s' saves model %s a second time.".formatted(stage(), output),
            "Save each model once.");
      }
    }
    awaitStart();
    ModelStore.Saved saved = data.save(this, port.name(), output, model, trainedOn);
    Fact.ModelWritten written = saved.written();
    synchronized (this) {
      requireOpen();
      models.put(output.toString(), written);
      if (!saved.adopted()) {
        fitted.put(written.reference(), model);
      }
    }
    return written;
  }

  @Override
  public ModelVersion register(ModelInput candidate, Input evaluation) {
    Fact.ModelRead pinned = pinned(candidate);
    Fact.DatasetWritten looked = pinned(evaluation);
    synchronized (this) {
      requireOpen();
    }
    awaitStart();
    Fact.ModelRegistered fact = data.register(this, pinned, looked.reference());
    synchronized (this) {
      registered.add(fact);
    }
    return (ModelVersion) ArtifactVersion.parse(fact.reference());
  }

  // --- StageContext.Versions

  @Override
  public DatasetVersion version(Input input) {
    return RunData.version(pinned(input));
  }

  @Override
  public ArtifactVersion version(ModelInput input) {
    return ArtifactVersion.parse(pinned(input).reference());
  }

  // --- StageContext.Knowledge

  @Override
  public StageContext.Stored stored(Input input) {
    return data.stored(pinned(input), session.get());
  }

  @Override
  public synchronized LineageReader lineage() {
    if (lineage == null) {
      lineage = data.lineage();
    }
    return lineage;
  }

  // --- StageContext.Notes

  @Override
  public synchronized void note(Fact.Note note) {
    requireOpen();
    if (note instanceof Fact.Metric metric) {
      metrics.add(metric);
    } else if (note instanceof Fact.Param param) {
      notedParams.add(param);
    } else if (note instanceof Fact.Check check) {
      checks.add(check);
    } else if (note instanceof Fact.Read read) {
      reads.putIfAbsent(read.port() + " " + read.reference(), read);
    } else if (note instanceof Fact.Profile profile) {
      requireTouched(profile.reference());
      profiles.put(profile.reference() + "/" + profile.part(), profile);
    }
  }

  private void requireTouched(String reference) {
    if (reads.values().stream().noneMatch(read -> read.reference().equals(reference))
        && datasets.values().stream().noneMatch(made -> made.reference().equals(reference))) {
      throw WeirException.user(
          "profile-of-another",
          "Stage '%s' gives a profile of %s, which it neither read nor wrote."
              .formatted(stage(), reference),
          "Give the profile of a version that context.version or context.write returned.");
    }
  }

  private void requireOpen() {
    if (ended) {
      throw new WeirException(
          "attempt-ended",
          ErrorKind.INTERNAL,
          "Attempt %d at stage '%s' has ended; it can publish nothing more."
              .formatted(number, stage()),
          "");
    }
  }

  /** An attempt's start is durable before its first commit. */
  private void awaitStart() {
    startDurable.join();
  }

  private <T> Ports.Port<T> declared(
      List<Ports.Port<T>> declared, T asked, String what, String direction) {
    for (Ports.Port<T> port : declared) {
      if (port.value().equals(asked)) {
        return port;
      }
    }
    throw WeirException.user(
        "undeclared-port",
        "Stage '%s' touches %s %s, which is not among its %ss (%s)."
            .formatted(
                stage(),
                what,
                asked,
                direction,
                declared.isEmpty()
                    ? "it has none"
                    : String.join(", ", declared.stream().map(p -> p.value().toString()).toList())),
        "Declare it as a component of the stage's record.");
  }
}
