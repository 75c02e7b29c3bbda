package dev.weir.run;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
import dev.weir.data.WriteKey;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.LastWords;
import dev.weir.lineage.LastWordsFile;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseClock;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.OutOfMemory;
import dev.weir.lineage.Registrations;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Concurrency;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.plan.Plan;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Planner;
import dev.weir.plan.PriorWork;
import dev.weir.plan.Verdict;
import dev.weir.session.SparkSessions;
import dev.weir.store.Home;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a pipeline in a home: takes the pipeline's lease, pins what it reads, executes the stages
 * and brings the lineage tables up to date.
 */
public final class Runner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  /** How often a run looks whether it is to be cancelled. */
  private static final Duration LISTENING = Duration.ofSeconds(1);

  private final RunRequest request;
  private final RunListener listener;
  private final Home home;
  private final Events events;
  private final Application application;
  private final ExecutorService pool;
  private @Nullable LastWordsFile lastWords;

  /** What happened before the run had begun; guarded by the listener. */
  private final List<RunEvent> early = new ArrayList<>();

  private boolean began;

  /** At zero once nobody wants the run any more. */
  private final CountDownLatch left = new CountDownLatch(1);

  private volatile @Nullable ActiveRun active;

  private Runner(RunRequest request, RunListener listener, Home home) {
    this.request = request;
    this.listener = listener;
    this.home = home;
    this.events = Events.open(home);
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
   * What a run would do.
   *
   * @param stages the plan
   * @param note what there is to say of a run that was interrupted, or null
   */
  public record Preview(Plan stages, @Nullable String note) {}

  /**
   * What a run would do if it began now. Takes no lease, writes nothing and starts no Spark.
   *
   * @throws WeirException as {@link #start} does, but for leases
   */
  public static Preview preview(RunRequest request) {
    Map<String, String> hadoop = SparkSessions.hadoop(request.spark());
    Aside aside = Aside.of(request, hadoop, false);
    Optional<Home> home = Home.existing(request.home(), hadoop);
    try {
      Optional<LineageReader> lineage = home.flatMap(Events::existing).map(LineageReader::open);
      String name = request.pipeline().name();
      Map<String, Fact.OutsideFile> known =
          lineage.map(reader -> KnownFiles.of(reader, name)).orElse(Map.of());
      Outside outside = new Outside(request.project(), aside.hadoop(), known);
      Beginning beginning = Beginning.of(request, lineage, outside);
      RunHistory resumed = beginning.resumed();
      Planner planner =
          new Planner(
              beginning.pipeline(),
              home.orElse(null),
              lineage.map(reader -> PriorWork.of(reader, name)).orElseGet(PriorWork::none),
              aside.fingerprints(),
              beginning.taken(),
              beginning.choice());
      Plan plan =
          planner.plan(resumed == null ? Map.of() : resumed.done(), (stage, definition) -> {});
      return new Preview(plan, beginning.note());
    } finally {
      home.ifPresent(Home::close);
    }
  }

  /**
   * Takes the lease and starts. Where the pipeline says so, waits first until the run that holds it
   * has ended.
   *
   * @throws WeirException {@code lease-held} if another run holds the pipeline; {@code cancelled}
   *     if {@link #cancel} came first; {@code missing-input} if something that the pipeline reads
   *     is not there; {@code attempts-exhausted} if the interrupted run's process has died too
   *     often; what a run to be resumed can't be resumed for
   */
  public ActiveRun start() {
    Waiting waiting = Waiting.of(events, request, lease(request.run(), false), this::tell);
    while (true) {
      if (waiting != null) {
        waiting.await(left);
      }
      try {
        ActiveRun run = begin();
        active = run;
        if (left.getCount() == 0) {
          run.cancel();
        }
        return run;
      } catch (Overtaken e) {
        LOG.info("Another driver came between; looking again");
      } catch (WeirException e) {
        if (waiting == null || !e.code().equals("lease-held")) {
          throw e;
        }
      }
    }
  }

  /** Cancels the run; one that has not begun begins no more. Returns at once. */
  public void cancel() {
    left.countDown();
    ActiveRun run = active;
    if (run != null) {
      run.cancel();
    }
  }

  /**
   * @param beside whether the run goes on beside others of the pipeline
   */
  private LeaseRequest lease(String run, boolean beside) {
    return new LeaseRequest(
        request.pipeline().name(), run, Holder.current(), request.leaseLength(), beside);
  }

  private ActiveRun begin() {
    Aside aside = Aside.of(request, SparkSessions.hadoop(request.spark()), true);
    LineageReader lineage = LineageReader.open(events);
    String name = request.pipeline().name();
    Outside outside = new Outside(request.project(), aside.hadoop(), KnownFiles.of(lineage, name));
    Beginning beginning = Beginning.of(request, Optional.of(lineage), outside);
    Optional<Fact.StageStarted> hopeless = beginning.hopeless(request);
    if (hopeless.isPresent()) {
      throw giveUp(beginning, lineage, hopeless.get());
    }
    Pipeline pipeline = beginning.pipeline();
    Planner planner =
        new Planner(
            pipeline,
            home,
            PriorWork.of(lineage, name),
            aside.fingerprints(),
            beginning.taken(),
            beginning.choice());
    RunHistory resumed = beginning.resumed();
    Map<String, Fact.StageFinished> done = resumed == null ? Map.of() : resumed.done();
    Plan plan = planner.plan(done, this::startSpark);
    Map<String, String> environment = RunEnvironment.of(request, aside.git());
    Instant now = Instant.now();
    String run = resumed == null ? request.run() : resumed.run();
    boolean beside =
        resumed == null
            ? pipeline.concurrency() == Concurrency.ALLOW
            : lineage.beside(name, resumed.run());
    if (left.getCount() == 0) {
      throw Waiting.cancelled();
    }
    prepareLastWords(environment);
    Lease lease =
        take(
            lineage,
            lease(run, beside),
            beginning,
            token ->
                resumed == null
                    ? new Fact.RunStarted(
                        now,
                        name,
                        run,
                        token,
                        StageJson.of(request.pipeline()),
                        texts(pipeline.params()),
                        environment,
                        pipeline.graph().order(),
                        outputs(pipeline),
                        beginning.taken().snapshot(),
                        planner.classes(),
                        beginning.choice())
                    : new Fact.RunResumed(
                        now, name, run, token, environment, String.valueOf(beginning.note())));
    if (beginning.interrupted() != null) {
      Fences.raise(home, beginning.interrupted(), lease.scope(), lease.token());
    }
    tell(
        new RunEvent.Began(
            now,
            run,
            name,
            request.home(),
            request.log(),
            pipeline.graph().order(),
            beginning.note()));
    tell(new RunEvent.Planned(Instant.now(), plan));
    RunData data =
        new RunData(
            run,
            lease.scope(),
            lease.token(),
            Layout.of(home),
            ModelStore.of(home, request.modelClasses()),
            (attempt, candidate, evaluation) ->
                register(lease, run, attempt, candidate, evaluation),
            attempt ->
                resumed == null ? List.of() : resumed.adoptable(attempt.stage(), attempt.work()),
            beginning.taken().snapshot(),
            outside);
    Execution execution =
        new Execution(
            request,
            new Execution.Work(run, pipeline, plan, planner, resumed),
            lease.log()::submit,
            data,
            application,
            pool,
            this::tell);
    CompletableFuture<RunResult> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(conduct(execution, lease, beginning.startedAt(now)));
              } catch (Throwable e) {
                OutOfMemory.endIfIn(e);
                // Whoever awaits the run is told; nothing is lost.
                result.completeExceptionally(e);
              }
            },
            "weir-run-" + run);
    thread.setDaemon(true);
    thread.start();
    listen(Cancellation.of(events, lease, run), run, execution, result);
    return new ActiveRun(run, execution, result);
  }

  /** Cancels the run once another process asks for that. */
  private void listen(
      Cancellation cancellation, String run, Execution execution, Future<RunResult> result) {
    Thread thread =
        new Thread(
            () -> {
              while (!over(result)) {
                try {
                  Optional<Fact.CancelRequested> heard = cancellation.heard();
                  if (heard.isPresent()) {
                    tell(new RunEvent.CancelAsked(heard.get().at(), heard.get().text()));
                    execution.cancel(heard.get());
                    return;
                  }
                } catch (RuntimeException e) {
                  LOG.debug("Could not look whether run {} is to be cancelled", run, e);
                }
              }
            },
            "weir-listen-" + run);
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits a moment; true once the run is over. */
  private static boolean over(Future<RunResult> result) {
    try {
      result.get(LISTENING.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      return true;
    }
  }

  /**
   * Takes the lease, if things stand as they were when it was decided how to begin.
   *
   * @param first the run's first fact under the lease, given its number
   */
  private Lease take(
      LineageReader lineage, LeaseRequest lease, Beginning beginning, LongFunction<Fact> first) {
    long seen = lineage.lease(lease).orElse(-1);
    return Lease.take(
        events,
        lease,
        (token, last, dead) -> {
          if (last != seen) {
            throw new Overtaken();
          }
          Instant now = Instant.now();
          RunHistory interrupted = beginning.interrupted();
          List<Fact> facts = new ArrayList<>();
          if (interrupted != null) {
            facts.addAll(
                beginning.resumed() == null
                    ? Endings.ofInterrupted(interrupted, now)
                    : Endings.ofAttempts(interrupted, now));
          }
          facts.add(first.apply(token));
          return facts;
        },
        () -> lease.beside() ? 0 : newestToken(beginning.pipeline()),
        LeaseClock.system());
  }

  /** Ends a run whose process has died so often that it is not tried again by itself. */
  private WeirException giveUp(
      Beginning beginning, LineageReader lineage, Fact.StageStarted hopeless) {
    RunHistory old = Objects.requireNonNull(beginning.resumed());
    String found =
        "Run %s is not resumed by itself any more: its process died %d times, the last time in stage '%s'."
            .formatted(
                old.run(), old.attempts().getOrDefault(hopeless.stage(), 0), hopeless.stage());
    Fact.Failure failure =
        new Fact.Failure("attempts-exhausted", found, WeirException.class.getName());
    DeadRun.end(events, lineage, old, request.leaseLength(), List.of(), RunState.FAILED, failure);
    return new WeirException(
        "attempts-exhausted",
        ErrorKind.DATA,
        found,
        "See ./weir show %s. Once the cause is gone, ./weir resume %s tries again, and ./weir run %s begins anew."
            .formatted(old.run(), old.run(), request.pipeline().name()));
  }

  /** Begins to start Spark as soon as a stage is known to need it. */
  private void startSpark(PlannedStage planned, StageDefinition definition) {
    Ports ports = Ports.of(definition.stage());
    if (planned.verdict() == Verdict.RUN
        && !(ports.outputs().isEmpty() && ports.modelOutputs().isEmpty())) {
      var unused = application.start(pool);
    }
  }

  private static Map<String, List<String>> outputs(Pipeline pipeline) {
    Map<String, List<String>> outputs = new LinkedHashMap<>();
    for (StageDefinition definition : pipeline.stages()) {
      Ports ports = Ports.of(definition.stage());
      List<String> names = new ArrayList<>();
      ports.outputs().forEach(port -> names.add("dataset:" + port.value()));
      ports.modelOutputs().forEach(port -> names.add("model:" + port.value()));
      if (!names.isEmpty()) {
        outputs.put(definition.name(), names);
      }
    }
    return outputs;
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
                      execution.work().run(),
                      state,
                      result.error())));
        } catch (WeirException e) {
          // A run whose end can't be made durable has not succeeded, whatever its stages did.
          result = result(execution, startedAt, RunState.FAILED, e);
        }
      }
      DeadRun.updateTables(events);
      tell(new RunEvent.Ended(Instant.now(), result));
      return result;
    }
  }

  private RunResult result(
      Execution execution, Instant startedAt, RunState state, @Nullable Throwable thrown) {
    Fact.Failure error = thrown == null ? null : Failures.of(thrown);
    Fact.CancelRequested asked = execution.cancelRequest();
    if (error == null && state == RunState.CANCELLED && asked != null) {
      error = Endings.cancelled(asked);
    }
    for (Fact.StageFinished stage : execution.finished()) {
      if (error == null && !stage.state().published()) {
        error = stage.error();
      }
    }
    return new RunResult(
        execution.work().run(),
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

  // --- What the run reads

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

  private Fact.ModelRegistered register(
      Lease lease, String run, Attempt attempt, Fact.ModelRead candidate, String evaluation) {
    ModelName model = ((ModelCandidate) ArtifactVersion.parse(candidate.reference())).name();
    Fact.ModelRegistered[] made = new Fact.ModelRegistered[1];
    var version =
        Registrations.register(
            events,
            lease,
            model,
            run,
            attempt.stage(),
            number -> {
              made[0] =
                  registered(run, attempt, candidate, evaluation, "model:" + model + "@" + number);
              return List.of(made[0]);
            });
    Fact.ModelRegistered fact = made[0];
    return fact != null && fact.reference().equals(version.reference())
        ? fact
        : registered(run, attempt, candidate, evaluation, version.reference());
  }

  private Fact.ModelRegistered registered(
      String run, Attempt attempt, Fact.ModelRead candidate, String evaluation, String reference) {
    return new Fact.ModelRegistered(
        Instant.now(),
        request.pipeline().name(),
        run,
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

  /** Tells of the run, and first of its beginning: Spark may be started before that. */
  private void tell(RunEvent event) {
    synchronized (listener) {
      if (event instanceof RunEvent.Began) {
        listener.on(event);
        early.forEach(listener::on);
        early.clear();
        began = true;
      } else if (began || event instanceof RunEvent.Waiting) {
        listener.on(event);
      } else {
        early.add(event);
      }
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
