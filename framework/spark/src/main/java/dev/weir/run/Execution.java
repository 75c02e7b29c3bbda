package dev.weir.run;

import dev.weir.alert.Alerting;
import dev.weir.alert.Occasion;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Fact.CancelRequested;
import dev.weir.lineage.Made;
import dev.weir.lineage.OutOfMemory;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageDefinition;
import dev.weir.plan.Plan;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Planner;
import dev.weir.plan.Prior;
import dev.weir.plan.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the stages of one run to their results, as many side by side as allowed. One thread decides
 * what begins; attempts run on a pool; facts are made durable beside both.
 */
final class Execution {
  private final RunRequest request;
  private final Work work;
  private final Journal journal;
  private final RunData data;
  private final Application application;
  private final ExecutorService pool;
  private final Alerting alerting;
  private final Consumer<RunEvent> events;

  private final Map<String, StageDefinition> definitions = new LinkedHashMap<>();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Map<String, StageExecution> running = new ConcurrentHashMap<>();
  private final Schedule schedule;

  /** The end of each stage's last attempt, in the order in which they ended. */
  private final Map<String, Fact.StageFinished> finished = new LinkedHashMap<>();

  private final List<Fact.ModelRegistered> registered = new ArrayList<>();
  private final Map<String, Throwable> causes = new ConcurrentHashMap<>();
  private final List<CompletableFuture<?>> unsaid = new ArrayList<>();
  private int unsaidLimit = 256;
  private volatile boolean cancelled;
  private volatile @Nullable CancelRequested cancelRequest;
  private volatile @Nullable Throwable broken;

  /**
   * What is to be done.
   *
   * @param run the run's id
   * @param pipeline the stages that take part
   * @param history what the run has done before, or null for a new one
   */
  record Work(
      String run, Pipeline pipeline, Plan plan, Planner planner, @Nullable RunHistory history) {}

  /** What the deciding thread is woken by. */
  private record Signal(@Nullable String stage, boolean succeeded) {}

  Execution(
      RunRequest request,
      Work work,
      Journal journal,
      RunData data,
      Application application,
      ExecutorService pool,
      Alerting alerting,
      Consumer<RunEvent> events) {
    this.request = request;
    this.work = work;
    this.journal = journal;
    this.data = data;
    this.application = application;
    this.pool = pool;
    this.alerting = alerting;
    this.events = events;
    this.schedule = new Schedule(work.pipeline().graph());
    work.pipeline().stages().forEach(stage -> definitions.put(stage.name(), stage));
  }

  /** Stops the run: what is under way is cancelled, nothing more is started. */
  void cancel() {
    cancelled = true;
    stopRunning("the run was cancelled");
    signals.add(new Signal(null, false));
  }

  /** Stops it because somebody outside of its process asked for that. */
  void cancel(CancelRequested request) {
    cancelRequest = request;
    cancel();
  }

  /** The wish that the run was stopped for, or null. */
  @Nullable CancelRequested cancelRequest() {
    return cancelRequest;
  }

  /** The tasks of a stage's current attempt. */
  TaskProgress.Tasks tasks(String stage) {
    StageExecution now = running.get(stage);
    return now == null ? ActiveRun.NO_TASKS : now.tasks();
  }

  List<Fact.StageFinished> finished() {
    synchronized (finished) {
      return List.copyOf(finished.values());
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
    return schedule.skipped().keySet();
  }

  /** What ended the run though no stage failed, such as a lost lease; null if nothing did. */
  @Nullable Throwable broken() {
    return broken;
  }

  // --- What stages under way need

  RunRequest request() {
    return request;
  }

  Work work() {
    return work;
  }

  RunData data() {
    return data;
  }

  Application application() {
    return application;
  }

  ExecutorService pool() {
    return pool;
  }

  void tell(RunEvent event) {
    events.accept(event);
  }

  /** Whether nothing more is to begin. */
  boolean stopping() {
    return cancelled || broken != null;
  }

  static WeirException cancellation(String stage) {
    return new WeirException(
        "cancelled", ErrorKind.USER, "Stage '%s' was cancelled with its run.".formatted(stage), "");
  }

  // --- The run

  /** Runs every stage that can be run; returns when none is under way and all facts are durable. */
  RunState run() throws InterruptedException {
    Map<String, PlannedStage> planned = work.plan().byName();
    Map<String, Made> made = new HashMap<>();
    int underWay = 0;
    while (true) {
      while (!stopping() && underWay < request.parallelism()) {
        Optional<String> next = schedule.next();
        if (next.isEmpty()) {
          break;
        }
        String stage = next.get();
        StageDefinition definition = Objects.requireNonNull(definitions.get(stage));
        PlannedStage verdict = settled(definition, planned, made);
        if (verdict.verdict() == Verdict.REUSE) {
          made.put(stage, reuse(definition, verdict));
          schedule.succeeded(stage);
        } else {
          start(definition, verdict);
          underWay++;
        }
      }
      if (underWay == 0) {
        break;
      }
      Signal signal = signals.take();
      String stage = signal.stage();
      if (stage == null) {
        continue;
      }
      underWay--;
      running.remove(stage);
      if (signal.succeeded()) {
        made.put(stage, made(stage));
        schedule.succeeded(stage);
      } else {
        alert(stage);
        for (String skipped : schedule.failed(stage)) {
          events.accept(new RunEvent.StageSkipped(Instant.now(), skipped, stage));
        }
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

  /** Whether people are told of such an end of a stage's last attempt. */
  static boolean alarming(StageState state) {
    return state == StageState.FAILED || state == StageState.HALTED;
  }

  /** Has people told of a stage that is not tried again, while others may go on for long. */
  private void alert(String stage) {
    Fact.StageFinished end;
    synchronized (finished) {
      end = finished.get(stage);
    }
    if (end == null || !alarming(end.state())) {
      return;
    }
    List<Fact> alerts = alerting.facts(Occasion.Trouble.of(end));
    if (!alerts.isEmpty()) {
      var unused =
          say(alerts)
              .whenComplete(
                  (version, error) -> {
                    if (error == null) {
                      alerting.deliver();
                    }
                  });
    }
  }

  /**
   * The plan's verdict, or what has become of it: what the plan left open is decided now, when what
   * the stage reads is there.
   */
  private PlannedStage settled(
      StageDefinition definition, Map<String, PlannedStage> planned, Map<String, Made> made) {
    PlannedStage verdict = Objects.requireNonNull(planned.get(definition.name()));
    return verdict.verdict() == Verdict.REUSE || verdict.fingerprint() != null
        ? verdict
        : work.planner().decide(definition, made);
  }

  private Made made(String stage) {
    synchronized (finished) {
      Fact.StageFinished end = finished.get(stage);
      return end == null ? Made.NOTHING : new Made(end.datasets(), end.models(), List.of());
    }
  }

  /** Takes an earlier result, or one of this run's before it was interrupted, for the stage's. */
  private Made reuse(StageDefinition definition, PlannedStage verdict) {
    Prior prior = Objects.requireNonNull(verdict.reused());
    Made made = Objects.requireNonNull(verdict.made());
    RunHistory history = work.history();
    Fact.StageFinished before = history == null ? null : history.done().get(definition.name());
    Instant now = Instant.now();
    Fact.StageFinished end =
        before != null
            ? before
            : new Fact.StageFinished(
                now,
                now,
                work.pipeline().name(),
                work.run(),
                definition.name(),
                0,
                definition.stage().getClass().getName(),
                StageState.REUSED,
                List.of(),
                made.datasets(),
                made.models(),
                List.of(),
                List.of(),
                List.of(),
                null,
                verdict.fingerprint(),
                new Fact.Reused(prior.run(), prior.attempt()));
    data.publish(end, Map.of());
    synchronized (finished) {
      finished.put(end.stage(), end);
      registered.addAll(made.registered());
    }
    RunEvent event = new RunEvent.StageReused(now, verdict.reason(), end, made.registered());
    if (before != null) {
      events.accept(event);
    } else {
      tellWhenDurable(end, List.of(), event);
    }
    return made;
  }

  private void start(StageDefinition definition, PlannedStage verdict) {
    StageExecution stage = new StageExecution(this, definition, verdict.fingerprint());
    running.put(definition.name(), stage);
    var unused =
        stage
            .start()
            .whenComplete(
                (done, error) -> signals.add(new Signal(definition.name(), error == null)));
  }

  /** Takes the end of an attempt. */
  void ended(
      Fact.StageFinished end,
      List<Fact.DatasetProfiled> profiles,
      List<Fact.ModelRegistered> models,
      @Nullable Throwable cause) {
    synchronized (finished) {
      finished.remove(end.stage());
      finished.put(end.stage(), end);
      registered.addAll(models);
    }
    if (end.state() == StageState.SUCCEEDED) {
      causes.remove(end.stage());
    } else if (end.state() != StageState.CANCELLED && cause != null) {
      causes.put(end.stage(), cause);
    }
    tellWhenDurable(end, profiles, new RunEvent.StageEnded(Instant.now(), end, models));
  }

  /** Reported only once durable; the next stage may start meanwhile. */
  private void tellWhenDurable(
      Fact.StageFinished end, List<Fact.DatasetProfiled> profiles, RunEvent event) {
    List<Fact> facts = new ArrayList<>(profiles);
    facts.add(end);
    var unused =
        say(facts)
            .whenComplete(
                (version, error) -> {
                  if (error == null) {
                    events.accept(event);
                  }
                });
  }

  private void tellSkipped() {
    Set<String> ended = new HashSet<>();
    finished().forEach(end -> ended.add(end.stage()));
    List<Fact> facts = new ArrayList<>();
    for (StageDefinition definition : definitions.values()) {
      if (!ended.contains(definition.name())) {
        String because = schedule.skipped().get(definition.name());
        facts.add(
            Endings.skipped(
                work.pipeline().name(),
                work.run(),
                definition.name(),
                definition.stage().getClass().getName(),
                Instant.now(),
                because == null
                    ? "the run was stopped before"
                    : "stage '%s' did not succeed".formatted(because)));
      }
    }
    if (!facts.isEmpty() && broken == null) {
      var unused = say(facts);
    }
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

  CompletableFuture<?> say(List<Fact> facts) {
    CompletableFuture<?> future = journal.say(facts);
    synchronized (unsaid) {
      if (unsaid.size() > unsaidLimit) {
        unsaid.removeIf(done -> done.isDone() && !done.isCompletedExceptionally());
        // Where most are still open, looking at them all again each time would take longer and
        // longer.
        unsaidLimit = Math.max(256, 2 * unsaid.size());
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
    running.values().forEach(stage -> stage.stop(reason));
  }
}
