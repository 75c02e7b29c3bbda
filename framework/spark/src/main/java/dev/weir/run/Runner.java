package dev.weir.run;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
import dev.weir.data.WriteKey;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.LastWords;
import dev.weir.lineage.LastWordsFile;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseClock;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.OutOfMemory;
import dev.weir.lineage.Published;
import dev.weir.lineage.Registrations;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.session.SparkSessions;
import dev.weir.store.Home;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a pipeline in a home: takes the pipeline's lease, pins what it reads, executes the stages
 * and brings the lineage tables up to date.
 */
public final class Runner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  private final RunRequest request;
  private final RunListener listener;
  private final Home home;
  private final Events events;
  private final Published published;
  private final Application application;
  private final ExecutorService pool;
  private @Nullable LastWordsFile lastWords;

  private Runner(RunRequest request, RunListener listener, Home home) {
    this.request = request;
    this.listener = listener;
    this.home = home;
    this.events = Events.open(home);
    this.published = Published.of(home);
    this.application =
        new Application("weir " + request.pipeline().name(), request.spark(), this::tell);
    AtomicInteger number = new AtomicInteger();
    this.pool =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "weir-stage-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Opens the home, and makes it if it is not there; runs nothing yet.
   *
   * @param listener told what happens, one call at a time
   */
  public static Runner open(RunRequest request, RunListener listener) {
    Home home = Home.open(request.home(), SparkSessions.hadoop(request.spark()));
    try {
      return new Runner(request, listener, home);
    } catch (RuntimeException e) {
      home.close();
      throw e;
    }
  }

  /**
   * Takes the lease and starts.
   *
   * @throws WeirException {@code lease-held} if another run holds the pipeline; {@code
   *     missing-input} if something that the pipeline reads is not there
   */
  public ActiveRun start() {
    Pipeline pipeline = request.pipeline();
    Graph graph = pipeline.graph();
    Instant startedAt = Instant.now();
    Outside outside = new Outside(request.project(), configuration());
    RunData.Pins pins = pin(graph, outside);
    Fact.RunStarted[] begun = new Fact.RunStarted[1];
    Map<String, String> environment = RunEnvironment.of(request);
    prepareLastWords(environment);
    Lease lease =
        Lease.take(
            events,
            new LeaseRequest(
                pipeline.name(), request.run(), Holder.current(), request.leaseLength()),
            token -> {
              begun[0] =
                  new Fact.RunStarted(
                      startedAt,
                      pipeline.name(),
                      request.run(),
                      token,
                      StageJson.of(pipeline),
                      texts(pipeline.params()),
                      environment,
                      graph.order(),
                      pins.sources());
              return List.of(begun[0]);
            },
            () -> newestToken(pipeline),
            LeaseClock.system());
    tell(
        new RunEvent.Began(
            startedAt,
            request.run(),
            pipeline.name(),
            request.home(),
            request.log(),
            graph.order()));
    if (graph.readsOrWrites()) {
      // Nearly every stage needs it, and it takes seconds to start.
      var unused = application.start(pool);
    }
    RunData data =
        new RunData(
            request.run(),
            pipeline,
            lease.token(),
            Layout.of(home),
            ModelStore.of(home, request.modelClasses()),
            this::register,
            pins,
            outside);
    Execution execution =
        new Execution(request, lease.log()::submit, data, application, pool, this::tell);
    CompletableFuture<RunResult> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(conduct(execution, lease, startedAt));
              } catch (Throwable e) {
                OutOfMemory.endIfIn(e);
                // Whoever awaits the run is told; nothing is lost.
                result.completeExceptionally(e);
              }
            },
            "weir-run-" + request.run());
    thread.setDaemon(true);
    thread.start();
    return new ActiveRun(execution, result);
  }

  /** Nothing can be prepared any more once memory is out. */
  private void prepareLastWords(Map<String, String> environment) {
    Path path = LastWords.path(request.home(), request.run());
    try {
      lastWords = LastWordsFile.open(path, request.run(), request.pipeline().name());
      environment.put(LastWords.ENVIRONMENT_KEY, path.toString());
    } catch (UncheckedIOException e) {
      OutOfMemory.install();
      LOG.warn("Should the process run out of memory, it will not say so: see the cause", e);
    }
  }

  private RunResult conduct(Execution execution, Lease lease, Instant startedAt)
      throws InterruptedException {
    RunState state;
    Throwable thrown = null;
    try (lease) {
      try {
        state = execution.run();
        thrown = execution.broken();
      } catch (RuntimeException e) {
        state = RunState.FAILED;
        thrown = e;
      }
      RunResult result = result(execution, startedAt, state, thrown);
      if (execution.broken() == null) {
        try {
          lease.release(
              List.of(
                  new Fact.RunFinished(
                      result.finishedAt(),
                      startedAt,
                      request.pipeline().name(),
                      request.run(),
                      state,
                      result.error())));
        } catch (WeirException e) {
          // A run whose end can't be made durable has not succeeded, whatever its stages did.
          result = result(execution, startedAt, RunState.FAILED, e);
        }
      }
      updateTables();
      tell(new RunEvent.Ended(Instant.now(), result));
      return result;
    }
  }

  private RunResult result(
      Execution execution, Instant startedAt, RunState state, @Nullable Throwable thrown) {
    Fact.Failure error = thrown == null ? null : Failures.of(thrown);
    for (Fact.StageFinished stage : execution.finished()) {
      if (error == null && stage.state() != StageState.SUCCEEDED) {
        error = stage.error();
      }
    }
    return new RunResult(
        request.run(),
        request.pipeline().name(),
        state,
        startedAt,
        Instant.now(),
        execution.finished(),
        List.copyOf(execution.skipped()),
        execution.registered(),
        error,
        application.took(),
        request.log());
  }

  /** The tables can always be made from the events, so a failure here takes nothing back. */
  private void updateTables() {
    try {
      LineageTables.of(events).update();
    } catch (RuntimeException e) {
      LOG.warn("The lineage tables could not be brought up to date; the next command will", e);
    }
  }

  // --- What the run reads

  private Configuration configuration() {
    Configuration configuration = new Configuration();
    SparkSessions.hadoop(request.spark()).forEach(configuration::set);
    return configuration;
  }

  /**
   * Takes stock of what stages read from outside. What is not there is no reason to refuse the run:
   * its stage looks again, and fails in the lineage where somebody sees it.
   */
  private static Map<String, List<Fact.OutsideFile>> sources(Pipeline pipeline, Outside outside) {
    Map<String, List<Fact.OutsideFile>> sources = new LinkedHashMap<>();
    for (StageDefinition definition : pipeline.stages()) {
      if (definition.stage() instanceof OutsideReader reader) {
        try {
          sources.put(definition.name(), reader.pin(outside));
        } catch (WeirException e) {
          LOG.warn("The sources of stage {} can't be pinned yet", definition.name(), e);
        }
      }
    }
    return sources;
  }

  /**
   * The highest token that the outputs' own logs hold, 0 for none: a home whose lineage was lost
   * would otherwise count from 1 again, and Delta would skip what it writes.
   */
  private long newestToken(Pipeline pipeline) {
    Layout layout = Layout.of(home);
    long newest = 0;
    for (StageDefinition definition : pipeline.stages()) {
      Ports ports = Ports.of(definition.stage());
      for (Ports.Port<Output> port : ports.outputs()) {
        newest =
            Math.max(
                newest,
                token(definition, port.value().toString(), layout.relative(port.value().name())));
      }
      for (Ports.Port<ModelOutput> port : ports.modelOutputs()) {
        newest = Math.max(newest, token(definition, port.value().toString(), Layout.ARTIFACTS));
      }
    }
    return newest;
  }

  private long token(StageDefinition definition, String output, String table) {
    String application =
        WriteKey.of(request.pipeline().name(), definition.name(), output, 0).application();
    return home.table(table)
        .find()
        .map(snapshot -> snapshot.transactionVersion(application))
        .filter(OptionalLong::isPresent)
        .map(version -> version.getAsLong() / 2)
        .orElse(0L);
  }

  private RunData.Pins pin(Graph graph, Outside outside) {
    Map<Input, Fact.DatasetWritten> datasets = new LinkedHashMap<>();
    Map<ModelInput, RunData.PinnedModel> models = new LinkedHashMap<>();
    for (Graph.Use<Input> use : graph.external().inputs()) {
      Input input = use.value();
      datasets.computeIfAbsent(
          input,
          key ->
              published
                  .dataset(key.name(), key.version())
                  .orElseThrow(() -> missing(use.stage(), "dataset " + key)));
    }
    for (Graph.Use<ModelInput> use : graph.external().models()) {
      ModelInput input = use.value();
      models.computeIfAbsent(
          input,
          key ->
              published
                  .model(key.name(), key.number())
                  .map(found -> new RunData.PinnedModel(found.reference(), found.written()))
                  .orElseThrow(() -> missing(use.stage(), "model " + key)));
    }
    return new RunData.Pins(datasets, models, sources(request.pipeline(), outside));
  }

  private static WeirException missing(String stage, String what) {
    return WeirException.user(
        "missing-input",
        "Stage '%s' reads %s, which no stage of the pipeline makes and the home does not hold."
            .formatted(stage, what),
        "Run the pipeline that makes it first, or name a version that is there.");
  }

  private Fact.ModelRegistered register(
      Attempt attempt, RunData.PinnedModel candidate, String evaluation) {
    ModelName model = ((ModelCandidate) ArtifactVersion.parse(candidate.reference())).name();
    Fact.ModelRegistered[] made = new Fact.ModelRegistered[1];
    var version =
        Registrations.register(
            events,
            model,
            request.run(),
            attempt.stage(),
            number -> {
              made[0] = registered(attempt, candidate, evaluation, "model:" + model + "@" + number);
              return List.of(made[0]);
            });
    Fact.ModelRegistered fact = made[0];
    return fact != null && fact.reference().equals(version.reference())
        ? fact
        : registered(attempt, candidate, evaluation, version.reference());
  }

  private Fact.ModelRegistered registered(
      Attempt attempt, RunData.PinnedModel candidate, String evaluation, String reference) {
    return new Fact.ModelRegistered(
        Instant.now(),
        request.pipeline().name(),
        request.run(),
        attempt.stage(),
        attempt.number(),
        reference,
        candidate.reference(),
        evaluation,
        candidate.written().digest());
  }

  private static Map<String, String> texts(Map<String, Object> params) {
    Map<String, String> texts = new LinkedHashMap<>();
    params.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return texts;
  }

  private void tell(RunEvent event) {
    synchronized (listener) {
      listener.on(event);
    }
  }

  /** Stops Spark if the run started it. */
  @Override
  public void close() {
    application.close();
    pool.shutdownNow();
    home.close();
    if (lastWords != null) {
      lastWords.close();
    }
  }
}
