package dev.weir.run;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Policy;
import dev.failsafe.RetryPolicy;
import dev.failsafe.TimeoutExceededException;
import dev.weir.config.Durations;
import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.OutOfMemory;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.Retry;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the stages of one run through their attempts, as many side by side as allowed. One thread
 * decides; attempts run on a pool; facts are made durable beside both.
 */
final class Execution {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  private final RunRequest request;
  private final Journal journal;
  private final RunData data;
  private final Application application;
  private final ExecutorService pool;
  private final Consumer<RunEvent> events;

  private final Map<String, StageDefinition> definitions = new LinkedHashMap<>();
  private final Map<String, Integer> waitingFor = new LinkedHashMap<>();
  private final Map<String, List<String>> dependents = new LinkedHashMap<>();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Map<String, Running> running = new ConcurrentHashMap<>();

  private final List<Fact.StageFinished> finished = new ArrayList<>();
  private final List<Fact.ModelRegistered> registered = new ArrayList<>();
  private final Map<String, Throwable> causes = new ConcurrentHashMap<>();
  private final Map<String, String> skipped = new LinkedHashMap<>();
  private final List<CompletableFuture<?>> unsaid = new ArrayList<>();
  private volatile boolean cancelled;
  private volatile @Nullable Throwable broken;

  /** What the deciding thread is woken by. */
  private record Signal(@Nullable String stage, boolean succeeded) {}

  /** A stage under way: its latest attempt and the future of the whole. */
  private static final class Running {
    volatile @Nullable Attempt attempt;
    volatile @Nullable CompletableFuture<?> future;
  }

  Execution(
      RunRequest request,
      Journal journal,
      RunData data,
      Application application,
      ExecutorService pool,
      Consumer<RunEvent> events) {
    this.request = request;
    this.journal = journal;
    this.data = data;
    this.application = application;
    this.pool = pool;
    this.events = events;
  }

  /** Stops the run: what is under way is cancelled, nothing more is started. */
  void cancel() {
    cancelled = true;
    stopRunning("the run was cancelled");
    signals.add(new Signal(null, false));
  }

  /** The tasks of a stage's current attempt. */
  TaskProgress.Tasks tasks(String stage) {
    Running now = running.get(stage);
    Attempt attempt = now == null ? null : now.attempt;
    return attempt == null ? ActiveRun.NO_TASKS : application.tasks(tag(attempt));
  }

  List<Fact.StageFinished> finished() {
    synchronized (finished) {
      return List.copyOf(finished);
    }
  }

  List<Fact.ModelRegistered> registered() {
    synchronized (finished) {
      return List.copyOf(registered);
    }
  }

  Map<String, Throwable> causes() {
    return Map.copyOf(causes);
  }

  Set<String> skipped() {
    return skipped.keySet();
  }

  /** What ended the run though no stage failed, such as a lost lease; null if nothing did. */
  @Nullable Throwable broken() {
    return broken;
  }

  /** Runs every stage that can be run; returns when none is under way and all facts are durable. */
  RunState run() throws InterruptedException {
    Graph graph = request.pipeline().graph();
    Deque<String> ready = new ArrayDeque<>();
    for (StageDefinition definition : request.pipeline().stages()) {
      String name = definition.name();
      Set<String> needs = Objects.requireNonNull(graph.dependencies().get(name));
      definitions.put(name, definition);
      waitingFor.put(name, needs.size());
      needs.forEach(need -> dependents.computeIfAbsent(need, n -> new ArrayList<>()).add(name));
      if (needs.isEmpty()) {
        ready.add(name);
      }
    }
    int underWay = 0;
    while (true) {
      while (!stopping() && underWay < request.parallelism() && !ready.isEmpty()) {
        start(Objects.requireNonNull(definitions.get(ready.remove())));
        underWay++;
      }
      if (underWay == 0) {
        break;
      }
      Signal signal = signals.take();
      if (signal.stage() == null) {
        continue;
      }
      underWay--;
      running.remove(signal.stage());
      if (signal.succeeded()) {
        for (String next : dependents.getOrDefault(signal.stage(), List.of())) {
          if (waitingFor.merge(next, -1, Integer::sum) == 0) {
            ready.add(next);
          }
        }
      } else {
        skipAllAfter(signal.stage());
      }
    }
    tellSkipped();
    List<CompletableFuture<?>> open;
    synchronized (unsaid) {
      open = List.copyOf(unsaid);
    }
    for (CompletableFuture<?> future : open) {
      future.handle((version, error) -> note(error)).join();
    }
    return state();
  }

  /** A stage that never began is a fact too: what the plan had and the run has not. */
  private void tellSkipped() {
    Set<String> ended = new HashSet<>();
    finished().forEach(end -> ended.add(end.stage()));
    List<Fact> facts = new ArrayList<>();
    for (StageDefinition definition : definitions.values()) {
      if (!ended.contains(definition.name())) {
        facts.add(skipped(definition));
      }
    }
    if (!facts.isEmpty() && broken == null) {
      var unused = say(facts);
    }
  }

  private Fact skipped(StageDefinition definition) {
    Instant now = Instant.now();
    String because = skipped.get(definition.name());
    return new Fact.StageFinished(
        now,
        now,
        request.pipeline().name(),
        request.run(),
        definition.name(),
        0,
        definition.stage().getClass().getName(),
        StageState.SKIPPED,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        new Fact.Failure(
            "skipped",
            because == null
                ? "It never began, since the run was stopped before."
                : "It never began, since stage '%s' did not succeed.".formatted(because),
            ""));
  }

  private boolean stopping() {
    return cancelled || broken != null;
  }

  private RunState state() {
    if (cancelled) {
      return RunState.CANCELLED;
    }
    if (broken != null) {
      return RunState.FAILED;
    }
    boolean halted = false;
    for (Fact.StageFinished end : finished()) {
      if (end.state() == StageState.FAILED || end.state() == StageState.CANCELLED) {
        return RunState.FAILED;
      }
      halted |= end.state() == StageState.HALTED;
    }
    return halted ? RunState.HALTED : RunState.SUCCEEDED;
  }

  private void skipAllAfter(String failed) {
    Deque<String> open = new ArrayDeque<>(dependents.getOrDefault(failed, List.of()));
    while (!open.isEmpty()) {
      String next = open.remove();
      if (skipped.putIfAbsent(next, failed) == null) {
        events.accept(new RunEvent.StageSkipped(Instant.now(), next, failed));
        open.addAll(dependents.getOrDefault(next, List.of()));
      }
    }
  }

  // --- One stage

  private void start(StageDefinition definition) {
    Running slot = new Running();
    running.put(definition.name(), slot);
    Ports ports = Ports.of(definition.stage());
    FailsafeExecutor<Object> executor = Failsafe.with(policies(definition, slot)).with(pool);
    CompletableFuture<Object> future =
        executor.getAsync(
            context -> {
              int number = context.getAttemptCount() + 1;
              TimeLimit.call(
                  definition.timeout(),
                  pool,
                  () -> {
                    try {
                      attempt(definition, slot, ports, number);
                    } catch (Throwable e) {
                      application.endIfOutOfMemory(e, definition.name(), number);
                      throw e;
                    }
                    return definition.name();
                  },
                  late -> failed(definition, slot, late));
              return definition.name();
            });
    slot.future = future;
    var unused =
        future.whenComplete(
            (done, error) -> signals.add(new Signal(definition.name(), error == null)));
  }

  private List<Policy<Object>> policies(StageDefinition definition, Running slot) {
    Retry retry = definition.retry();
    List<Policy<Object>> policies = new ArrayList<>();
    var attempts =
        RetryPolicy.builder()
            .handle(Throwable.class)
            .abortIf((result, error) -> error != null && (stopping() || !retryable(error)))
            .withMaxAttempts(retry.attempts())
            .onFailedAttempt(event -> failed(definition, slot, event.getLastException()))
            .onRetryScheduled(
                event -> {
                  Attempt last = slot.attempt;
                  Throwable error = event.getLastException();
                  if (last != null && error != null) {
                    events.accept(
                        new RunEvent.StageRetried(
                            Instant.now(),
                            definition.name(),
                            last.number(),
                            Failures.of(error),
                            event.getDelay()));
                  }
                });
    if (retry.maxBackoff().compareTo(retry.backoff()) > 0) {
      attempts.withBackoff(retry.backoff(), retry.maxBackoff(), 2.0).withJitter(0.25);
    } else {
      attempts.withDelay(retry.backoff()).withJitter(0.25);
    }
    policies.add(attempts.build());
    return policies;
  }

  private static boolean retryable(Throwable error) {
    return TransientErrors.include(error);
  }

  private void attempt(StageDefinition definition, Running slot, Ports ports, int number)
      throws Exception {
    Fact.StageStarted start =
        new Fact.StageStarted(
            Instant.now(),
            request.pipeline().name(),
            request.run(),
            definition.name(),
            number,
            definition.stage().getClass().getName(),
            StageJson.of(definition.stage()));
    CompletableFuture<?> durable = say(List.of(start));
    SessionSupplier session = new SessionSupplier(definition.name(), number);
    Attempt attempt = new Attempt(definition, number, ports, data, durable, session);
    slot.attempt = attempt;
    events.accept(new RunEvent.StageBegan(attempt.startedAt(), definition.name(), number));
    if (stopping()) {
      throw cancellation(definition.name());
    }
    StageContext context =
        new StageContext(
            session,
            attempt,
            attempt,
            attempt,
            attempt,
            new StageContext.Settings(
                request.run(),
                definition.name(),
                number,
                request.home(),
                request.project(),
                data.seed(),
                request.pipeline().params(),
                data.sources(definition)));
    try {
      definition.stage().run(context);
      attempt.requireComplete();
    } finally {
      session.leave();
    }
    Fact.StageFinished end =
        attempt.end(
            request.pipeline().name(),
            request.run(),
            StageState.SUCCEEDED,
            null,
            application.troubles(tag(attempt)));
    if (end != null) {
      data.publish(end, attempt.fitted());
      ended(end, attempt.registered());
    }
  }

  /**
   * Called by the policy for every failed attempt, and before by what ends one whose thread may
   * still hang.
   *
   * @return false if the attempt had ended before
   */
  private boolean failed(StageDefinition definition, Running slot, @Nullable Throwable thrown) {
    Throwable error =
        thrown == null ? new IllegalStateException("failed without an error") : thrown;
    Attempt attempt = slot.attempt;
    if (attempt == null) {
      return true;
    }
    Throwable cause = Failures.unwrap(error);
    StageState state = StageState.FAILED;
    Fact.Failure failure;
    if (stopping()) {
      state = StageState.CANCELLED;
      failure = Failures.of(cancellation(definition.name()));
    } else if (cause instanceof TimeoutExceededException) {
      application.cancel(tag(attempt), "the attempt ran into its timeout");
      failure =
          new Fact.Failure(
              "timeout",
              "Attempt %d at stage '%s' took longer than its timeout of %s; its Spark jobs were cancelled. Raise timeout: or look at what it did."
                  .formatted(
                      attempt.number(),
                      definition.name(),
                      Durations.text(Objects.requireNonNull(definition.timeout()))),
              cause.getClass().getName());
    } else {
      if (cause instanceof GateException) {
        state = StageState.HALTED;
      }
      failure = Failures.of(error);
    }
    Fact.StageFinished end =
        attempt.end(
            request.pipeline().name(),
            request.run(),
            state,
            failure,
            application.troubles(tag(attempt)));
    if (end != null) {
      if (state != StageState.CANCELLED) {
        causes.put(end.stage(), cause);
      }
      LOG.error("Stage {} {}, attempt {}", end.stage(), state, end.attempt(), error);
      ended(end, List.of());
    }
    return end != null;
  }

  private void ended(Fact.StageFinished end, List<Fact.ModelRegistered> models) {
    synchronized (finished) {
      finished.removeIf(earlier -> earlier.stage().equals(end.stage()));
      finished.add(end);
      if (end.state() == StageState.SUCCEEDED) {
        causes.remove(end.stage());
      }
      registered.addAll(models);
    }
    // Reported only once durable; the next stage may start meanwhile.
    var unused =
        say(List.of(end))
            .whenComplete(
                (version, error) -> {
                  if (error == null) {
                    events.accept(new RunEvent.StageEnded(Instant.now(), end, models));
                  }
                });
  }

  private CompletableFuture<?> say(List<Fact> facts) {
    CompletableFuture<?> future = journal.say(facts);
    synchronized (unsaid) {
      if (unsaid.size() > 256) {
        unsaid.removeIf(done -> done.isDone() && !done.isCompletedExceptionally());
      }
      unsaid.add(future);
    }
    var unused = future.whenComplete((version, error) -> note(error));
    return future;
  }

  /** A fact that can't be made durable ends the run: what follows could not be told either. */
  private @Nullable Void note(@Nullable Throwable error) {
    OutOfMemory.endIfIn(error);
    if (error != null && broken == null) {
      broken = Failures.unwrap(error);
      stopRunning("the run's facts could not be written");
      signals.add(new Signal(null, false));
    }
    return null;
  }

  private void stopRunning(String reason) {
    running
        .values()
        .forEach(
            now -> {
              Attempt attempt = now.attempt;
              if (attempt != null) {
                application.cancel(tag(attempt), reason);
              }
              StageDefinition definition =
                  attempt == null ? null : definitions.get(attempt.stage());
              if (definition != null) {
                failed(definition, now, cancellation(definition.name()));
              }
              // After its end is told: the run is over as soon as its last stage is.
              CompletableFuture<?> future = now.future;
              if (future != null) {
                future.cancel(true);
              }
            });
  }

  private static WeirException cancellation(String stage) {
    return new WeirException(
        "cancelled", ErrorKind.USER, "Stage '%s' was cancelled with its run.".formatted(stage), "");
  }

  private String tag(Attempt attempt) {
    return tag(attempt.stage(), attempt.number());
  }

  private String tag(String stage, int number) {
    return TaskProgress.TAG_PREFIX + request.run() + "-" + stage + "-" + number;
  }

  /** An attempt's own session, made when it is first asked for. */
  final class SessionSupplier implements Supplier<SparkSession> {
    private final String stage;
    private final int attempt;
    private @Nullable SparkSession session;

    SessionSupplier(String stage, int attempt) {
      this.stage = stage;
      this.attempt = attempt;
    }

    @Override
    public synchronized SparkSession get() {
      if (session == null) {
        try {
          session = application.session(tag(stage, attempt), stage, attempt, pool);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new CompletionException(e);
        }
      }
      return session;
    }

    synchronized void leave() {
      if (session != null) {
        application.leave();
      }
    }
  }
}
