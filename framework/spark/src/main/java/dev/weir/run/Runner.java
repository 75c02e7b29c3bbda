package dev.weir.run;

import dev.weir.alert.Alerting;
import dev.weir.alert.Occasion;
import dev.weir.audit.AuditChain;
import dev.weir.audit.AuditKey;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
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
import dev.weir.lineage.RunState;
import dev.weir.lineage.Turn;
import dev.weir.pipeline.Concurrency;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.plan.Plan;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Verdict;
import dev.weir.session.SparkSessions;
import dev.weir.store.Home;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
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
  private final Application application;
  private final ExecutorService pool;
  private final AuditChain chain;
  private final Alerting alerting;
  private final Conduct conduct;
  private @Nullable LastWordsFile lastWords;

  /** What happened before the run had begun; guarded by the listener. */
  private final List<RunEvent> early = new ArrayList<>();

  /** What the lineage said when the home was opened; the first look at it. */
  private @Nullable Past opened;

  private boolean began;

  /** At zero once nobody wants the run any more. */
  private final CountDownLatch left = new CountDownLatch(1);

  private volatile @Nullable ActiveRun active;

  private Runner(
      RunRequest request,
      RunListener listener,
      Home home,
      Events events,
      Optional<AuditKey> auditKey,
      Function<Events, Alerting> alerting) {
    this.request = request;
    this.listener = listener;
    this.home = home;
    this.events = events;
    this.chain = AuditChain.of(events, auditKey);
    this.alerting = alerting.apply(events);
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
    this.conduct =
        new Conduct(request, events, application, pool, chain, this.alerting, this::tell);
  }

  /**
   * Opens the home, and makes it if it is not there; runs nothing yet.
   *
   * @param listener told what happens, one call at a time
   */
  public static Runner open(RunRequest request, RunListener listener) {
    return open(request, listener, Optional.empty(), events -> Alerting.logging());
  }

  /**
   * The same with a key, and with people to tell.
   *
   * @param auditKey by which the audit chain is signed, if at all
   * @param alerting by which people are told what goes wrong in the home of these events
   */
  public static Runner open(
      RunRequest request,
      RunListener listener,
      Optional<AuditKey> auditKey,
      Function<Events, Alerting> alerting) {
    return open(request, listener, auditKey, alerting, LineageAhead.none());
  }

  /**
   * The same where the home may have been opened before the request was known.
   *
   * @param ahead of the request's home; not to be used by another
   */
  public static Runner open(
      RunRequest request,
      RunListener listener,
      Optional<AuditKey> auditKey,
      Function<Events, Alerting> alerting,
      LineageAhead ahead) {
    Optional<Past> past = ahead.past();
    Home home =
        past.map(read -> read.lineage().table().home())
            .orElseGet(() -> Home.open(request.home(), SparkSessions.hadoop(request.spark())));
    try {
      Events events = past.map(read -> read.lineage().table()).orElseGet(() -> Events.open(home));
      Runner runner = new Runner(request, listener, home, events, auditKey, alerting);
      runner.opened = past.orElse(null);
      return runner;
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
    Aside aside = new Aside(request, hadoop, false);
    Optional<Home> home = Home.existing(request.home(), hadoop);
    try {
      Optional<LineageReader> lineage = home.flatMap(LineageReader::existing);
      Set<String> underWay =
          lineage.map(reader -> underWay(reader, request.pipeline())).orElse(Set.of());
      Optional<Past> past = lineage.map(reader -> Past.of(reader, request.pipeline().name()));
      Preparation preparation =
          Preparation.of(request, aside, home, past, run -> !underWay.contains(run));
      Plan plan = preparation.plan((stage, definition) -> {});
      String note = preparation.beginning().note();
      return new Preview(
          plan,
          note == null && !underWay.isEmpty()
              ? "Run %s of it is under way.".formatted(String.join(" and ", underWay))
              : note);
    } finally {
      home.ifPresent(Home::close);
    }
  }

  /** The runs of a pipeline whose processes are not known to be gone. */
  private static Set<String> underWay(LineageReader lineage, Pipeline pipeline) {
    return lineage.openRuns(pipeline.name()).stream()
        .filter(
            run -> lineage.run(run).filter(view -> view.state() == RunState.RUNNING).isPresent())
        .collect(Collectors.toCollection(TreeSet::new));
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
        // However long that took: what is read is settled now.
        opened = null;
      }
      try {
        return started(begin(false).orElseThrow());
      } catch (Overtaken e) {
        LOG.info("Another driver came between; looking again");
      } catch (WeirException e) {
        if (waiting == null || !e.code().equals("lease-held")) {
          throw e;
        }
      }
    }
  }

  /**
   * Takes the lease and starts if nothing is in the way and all that the run would do is to use
   * again what is there; it needs no Spark then.
   *
   * @return nothing where there is more to do, or to wait for: nothing was taken, written or told
   * @throws WeirException as {@link #start} does, but for leases
   */
  public Optional<ActiveRun> startIfIdle() {
    try {
      return begin(true).map(this::started);
    } catch (HasWork | Overtaken e) {
      return Optional.empty();
    } catch (WeirException e) {
      if (e.code().equals("lease-held")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private ActiveRun started(ActiveRun run) {
    active = run;
    if (left.getCount() == 0) {
      run.cancel();
    }
    return run;
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

  private Past look() {
    String name = request.pipeline().name();
    Past first = opened;
    opened = null;
    if (first == null) {
      return Past.of(LineageReader.open(events), name);
    }
    return first.pipeline().equals(name) ? first : Past.of(first.lineage(), name);
  }

  /**
   * @param idle whether only a run that has nothing to do begins
   */
  private Optional<ActiveRun> begin(boolean idle) {
    Aside aside = new Aside(request, SparkSessions.hadoop(request.spark()), true);
    Past past = look();
    LineageReader lineage = past.lineage();
    Preparation preparation =
        Preparation.of(request, aside, Optional.of(home), Optional.of(past), run -> true);
    if (idle && (preparation.beginning().interrupted() != null || preparation.resumed() != null)) {
      return Optional.empty();
    }
    Optional<Fact.StageStarted> hopeless = preparation.beginning().hopeless(request);
    if (hopeless.isPresent()) {
      throw giveUp(preparation.beginning(), lineage, hopeless.get());
    }
    RunHistory resumed = preparation.resumed();
    String name = request.pipeline().name();
    boolean beside =
        resumed == null
            ? preparation.pipeline().concurrency() == Concurrency.ALLOW
            : lineage.beside(name, resumed.run());
    LeaseRequest wanted = lease(preparation.run(), beside);
    // A run that is going to be refused would wait for Spark's start before it says so.
    boolean free = !Turn.of(events, wanted).taken();
    if (idle && !free) {
      return Optional.empty();
    }
    Plan plan =
        preparation.plan(
            idle ? Runner::requireIdle : free ? this::startSpark : (stage, definition) -> {});
    Map<String, String> environment = RunEnvironment.of(request, aside.git());
    if (left.getCount() == 0) {
      throw Waiting.cancelled();
    }
    prepareLastWords(environment);
    Instant now = Instant.now();
    Lease lease = take(lineage, wanted, preparation, now, environment, died(preparation));
    // What was raised just now, and what earlier commands have left.
    alerting.deliver();
    try {
      requireUntouched(lineage, lease, preparation);
      return Optional.of(run(preparation, plan, lease, now));
    } catch (RuntimeException e) {
      // Nobody goes on with it here, and nobody else could while the lease is held.
      conduct.abandon(lease, preparation.run(), preparation.beginning().startedAt(now), e);
      throw e;
    }
  }

  /** What people are told of the run whose process was found dead, if one was. */
  private List<Fact> died(Preparation preparation) {
    RunHistory dead = preparation.beginning().interrupted();
    return dead == null
        ? List.of()
        : alerting.facts(
            Occasion.Trouble.died(
                dead.lastSeen(),
                dead.started().pipeline(),
                dead.run(),
                Endings.ofProcess(dead).message()
                    + (preparation.resumed() == null
                        ? " Run %s begins in its place.".formatted(preparation.run())
                        : " The run goes on."),
                true));
  }

  /**
   * What was resolved before the lease was taken must not have been deleted until then. Whoever
   * deletes after that sees the run, and leaves what it needs.
   */
  private void requireUntouched(LineageReader lineage, Lease lease, Preparation preparation) {
    if (lease.takenAt() == lineage.eventsVersion() + 1) {
      return;
    }
    Set<String> names = new TreeSet<>();
    preparation
        .beginning()
        .taken()
        .snapshot()
        .datasets()
        .values()
        .forEach(dataset -> names.add(RunData.version(dataset).name().toString()));
    Outputs.of(preparation.pipeline()).values().stream()
        .flatMap(List::stream)
        .forEach(output -> names.add(Outputs.name(output)));
    for (Fact.FilesDeleted deleted : events.deletions(lineage.eventsVersion(), lease.takenAt())) {
      if (names.contains(deleted.dataset())) {
        throw new WeirException(
            "deleted-meanwhile",
            ErrorKind.TRANSIENT,
            "Files of the dataset %s were deleted by %s while run %s began."
                .formatted(deleted.dataset(), deleted.by().text(), preparation.run()),
            "Run again: what is gone is made again.");
      }
    }
  }

  /** Runs what was prepared, under the lease. */
  private ActiveRun run(Preparation preparation, Plan plan, Lease lease, Instant now) {
    RunHistory resumed = preparation.resumed();
    RunHistory interrupted = preparation.beginning().interrupted();
    Pipeline pipeline = preparation.pipeline();
    String run = preparation.run();
    if (interrupted != null) {
      Fences.raise(home, interrupted, lease.scope(), lease.token());
    }
    tell(
        new RunEvent.Began(
            now,
            run,
            pipeline.name(),
            request.home(),
            request.log(),
            pipeline.graph().order(),
            preparation.beginning().note()));
    tell(new RunEvent.Planned(Instant.now(), plan));
    RunData data =
        new RunData(
            run,
            preparation.beginning().startedAt(now),
            lease.scope(),
            lease.token(),
            events,
            Layout.of(home),
            ModelStore.of(home, request.modelClasses()),
            new ModelRegistrar(events, lease, pipeline.name(), run),
            attempt ->
                resumed == null ? List.of() : resumed.adoptable(attempt.stage(), attempt.work()),
            preparation.beginning().taken().snapshot(),
            preparation.outside());
    Execution execution =
        new Execution(
            request,
            new Execution.Work(run, pipeline, plan, preparation.planner(), resumed),
            lease.log()::submit,
            data,
            application,
            pool,
            alerting,
            this::tell);
    CompletableFuture<RunResult> result = new CompletableFuture<>();
    Cancellation cancellation = Cancellation.of(events, lease, run);
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(
                    conduct.toItsEnd(execution, lease, preparation.beginning().startedAt(now)));
              } catch (Throwable e) {
                OutOfMemory.endIfIn(e);
                // Whoever awaits the run is told; nothing is lost.
                result.completeExceptionally(e);
              }
            },
            "weir-run-" + run);
    thread.setDaemon(true);
    thread.start();
    CancelListener.start(
        cancellation,
        run,
        result,
        request -> {
          tell(new RunEvent.CancelAsked(request.at(), request.text()));
          execution.cancel(request);
        });
    return new ActiveRun(run, execution, result);
  }

  /** Takes the lease, if things stand as they were when it was decided how to begin. */
  private Lease take(
      LineageReader lineage,
      LeaseRequest wanted,
      Preparation preparation,
      Instant now,
      Map<String, String> environment,
      List<Fact> alerts) {
    long seen = lineage.lease(wanted).orElse(-1);
    return Lease.take(
        events,
        wanted,
        (token, last, dead) -> {
          if (last != seen) {
            throw new Overtaken();
          }
          List<Fact> facts = preparation.opening(token, now, environment);
          facts.addAll(alerts);
          return facts;
        },
        () -> wanted.beside() ? 0 : Outputs.newestToken(home, preparation.pipeline()),
        LeaseClock.system());
  }

  /** Ends a run whose process has died so often that it is not tried again by itself. */
  private WeirException giveUp(
      Beginning beginning, LineageReader lineage, Fact.StageStarted hopeless) {
    RunHistory old = Objects.requireNonNull(beginning.resumed());
    String found =
        "Run %s is not resumed by itself any more: its process died %d times, the last time in stage '%s'."
            .formatted(old.run(), old.deaths(hopeless.stage()), hopeless.stage());
    Fact.Failure failure =
        new Fact.Failure("attempts-exhausted", found, WeirException.class.getName());
    List<Fact> alerts =
        alerting.facts(
            Occasion.Trouble.died(
                old.lastSeen(), old.started().pipeline(), old.run(), found, false));
    DeadRun.end(events, lineage, old, request.leaseLength(), alerts, RunState.FAILED, failure);
    alerting.deliver();
    chain.tryToExtend();
    alerting.await(false);
    return new WeirException(
        "attempts-exhausted",
        ErrorKind.DATA,
        found,
        "See ./weir show %s. Once the cause is gone, ./weir resume %s tries again, and ./weir run %s begins anew."
            .formatted(old.run(), old.run(), request.pipeline().name()));
  }

  /** Thrown as soon as a stage has work to do, where only a run without any is to begin. */
  private static final class HasWork extends RuntimeException {
    private static final long serialVersionUID = 1;

    HasWork() {
      super(null, null, false, false);
    }
  }

  private static void requireIdle(PlannedStage planned, StageDefinition definition) {
    if (planned.verdict() != Verdict.REUSE) {
      throw new HasWork();
    }
  }

  /** Begins to start Spark as soon as a stage is known to need it. */
  private void startSpark(PlannedStage planned, StageDefinition definition) {
    Ports ports = Ports.of(definition.stage());
    if (planned.verdict() == Verdict.RUN
        && !(ports.outputs().isEmpty() && ports.modelOutputs().isEmpty())) {
      var unused = application.start(pool);
    }
  }

  /** Nothing can be prepared any more once memory is out. */
  private void prepareLastWords(Map<String, String> environment) {
    Path path = LastWords.path(request.home(), request.run());
    try {
      if (lastWords == null) {
        lastWords = LastWordsFile.open(path, request.run(), request.pipeline().name());
      }
      environment.put(LastWords.ENVIRONMENT_KEY, path.toString());
    } catch (UncheckedIOException e) {
      OutOfMemory.install();
      LOG.warn("Should the process run out of memory, it will not say so: see the cause", e);
    }
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
