package dev.weir.run;

import dev.failsafe.Failsafe;
import dev.failsafe.Policy;
import dev.failsafe.RetryPolicy;
import dev.failsafe.TimeoutExceededException;
import dev.weir.config.Durations;
import dev.weir.error.GateException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Gate;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.Retry;
import dev.weir.pipeline.RunParams;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stage under way: its attempts, one after the other, within its policies. */
final class StageExecution {
  private static final Logger LOG = LoggerFactory.getLogger(StageExecution.class);

  private final Execution execution;
  private final StageDefinition definition;
  private final Fact.@Nullable Fingerprint fingerprint;
  private final Ports ports;

  /** How many attempts had begun before the run was interrupted. */
  private final int before;

  private volatile @Nullable Attempt attempt;
  private volatile @Nullable CompletableFuture<?> future;

  /**
   * @param fingerprint what the result will follow from, or null if that is not known
   */
  StageExecution(
      Execution execution, StageDefinition definition, Fact.@Nullable Fingerprint fingerprint) {
    this.execution = execution;
    this.definition = definition;
    this.fingerprint = fingerprint;
    this.ports = Ports.of(definition.stage());
    RunHistory history = execution.work().history();
    this.before = history == null ? 0 : history.attempts().getOrDefault(definition.name(), 0);
  }

  /** Begins; the future fails with what ended the last attempt. */
  CompletableFuture<?> start() {
    CompletableFuture<Object> started =
        Failsafe.with(policies())
            .with(execution.pool())
            .getAsync(
                context -> {
                  int number = before + context.getAttemptCount() + 1;
                  return TimeLimit.call(
                      definition.timeout(),
                      execution.pool(),
                      () -> {
                        StageLog.during(definition.name(), number, () -> attempt(number));
                        return definition.name();
                      },
                      this::failed);
                });
    future = started;
    return started;
  }

  /** The Spark tasks of the attempt under way. */
  TaskProgress.Tasks tasks() {
    Attempt now = attempt;
    return now == null ? ActiveRun.NO_TASKS : execution.application().tasks(tag(now.number()));
  }

  /** Ends it: what it does on Spark is cancelled, and it publishes nothing more. */
  void stop(String reason) {
    Attempt now = attempt;
    if (now != null) {
      execution.application().cancel(tag(now.number()), reason);
      failed(Execution.cancellation(definition.name()));
    }
    // After its end is told: the run is over as soon as its last stage is.
    CompletableFuture<?> started = future;
    if (started != null) {
      started.cancel(true);
    }
  }

  private String tag(int number) {
    return TaskProgress.TAG_PREFIX
        + execution.work().run()
        + "-"
        + definition.name()
        + "-"
        + number;
  }

  private List<Policy<Object>> policies() {
    Retry retry = definition.retry();
    List<Policy<Object>> policies = new ArrayList<>();
    var attempts =
        RetryPolicy.builder()
            .handle(Throwable.class)
            .abortIf(
                (result, error) ->
                    error != null && (execution.stopping() || !TransientErrors.include(error)))
            .withMaxAttempts(retry.attempts())
            .onFailedAttempt(event -> failed(event.getLastException()))
            .onRetryScheduled(
                event -> {
                  Attempt last = attempt;
                  Throwable error = event.getLastException();
                  if (last != null && error != null) {
                    execution.tell(
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

  private void attempt(int number) throws Exception {
    try {
      work(number);
    } catch (Throwable e) {
      execution.application().endIfOutOfMemory(e, definition.name(), number);
      throw e;
    }
  }

  private void work(int number) throws Exception {
    Execution.Work work = execution.work();
    RunHistory history = work.history();
    Fact.StageStarted start =
        new Fact.StageStarted(
            Instant.now(),
            work.pipeline().name(),
            work.run(),
            definition.name(),
            number,
            definition.stage().getClass().getName(),
            StageJson.of(definition.stage()),
            fingerprint == null ? null : fingerprint.work(),
            history == null
                ? null
                : work.planner().codeChange(definition, history.started()).orElse(null));
    CompletableFuture<?> durable = execution.say(List.of(start));
    SessionSupplier session = new SessionSupplier(number);
    RunParams params = new RunParams(work.pipeline().params());
    Attempt now =
        new Attempt(
            definition, number, ports, execution.data(), params, fingerprint, durable, session);
    attempt = now;
    execution.tell(new RunEvent.StageBegan(now.startedAt(), definition.name(), number));
    if (execution.stopping()) {
      throw Execution.cancellation(definition.name());
    }
    StageContext context =
        new StageContext(
            session,
            now,
            now,
            now,
            now,
            params,
            new StageContext.Settings(
                work.run(),
                execution.data().began(),
                definition.name(),
                number,
                execution.request().home(),
                execution.request().project(),
                execution.data().sources(definition),
                decided()),
            now);
    try {
      definition.stage().run(context);
      now.requireComplete();
    } finally {
      session.leave();
    }
    Fact.StageFinished end =
        now.end(
            work.pipeline().name(),
            work.run(),
            StageState.SUCCEEDED,
            null,
            execution.application().troubles(tag(number)));
    if (end != null) {
      execution.data().publish(end, now.fitted());
      execution.ended(end, now.profiles(end), now.registered(), null);
    }
  }

  /** What people had decided, when the run was prepared, of what the stage checks. */
  private Interventions.Decided decided() {
    if (!(definition.stage() instanceof Gate gate)) {
      return Interventions.Decided.NOTHING;
    }
    Fact.DatasetWritten checked = execution.data().resolve(gate.checked());
    return execution.work().planner().decided(definition, checked.reference(), checked.digest());
  }

  /**
   * Called by the policy for every failed attempt, and before by what ends one whose thread may
   * still hang.
   *
   * @return false if the attempt had ended before
   */
  private boolean failed(@Nullable Throwable thrown) {
    Throwable error =
        thrown == null ? new IllegalStateException("failed without an error") : thrown;
    Attempt now = attempt;
    if (now == null) {
      return true;
    }
    Throwable cause = Failures.unwrap(error);
    StageState state = StageState.FAILED;
    Fact.Failure failure;
    if (execution.stopping()) {
      state = StageState.CANCELLED;
      failure = Failures.of(Execution.cancellation(definition.name()));
    } else if (cause instanceof TimeoutExceededException) {
      execution.application().cancel(tag(now.number()), "the attempt ran into its timeout");
      failure =
          new Fact.Failure(
              "timeout",
              "Attempt %d at stage '%s' took longer than its timeout of %s; its Spark jobs were cancelled. Raise timeout: or look at what it did."
                  .formatted(
                      now.number(),
                      definition.name(),
                      Durations.text(Objects.requireNonNull(definition.timeout()))),
              cause.getClass().getName());
    } else {
      if (cause instanceof GateException) {
        state = StageState.HALTED;
      }
      failure = Failures.of(error);
    }
    Execution.Work work = execution.work();
    Fact.StageFinished end =
        now.end(
            work.pipeline().name(),
            work.run(),
            state,
            failure,
            execution.application().troubles(tag(now.number())));
    if (end != null) {
      StageLog.during(
          end.stage(),
          end.attempt(),
          () ->
              LOG.error("Stage {} {}, attempt {}", end.stage(), end.state(), end.attempt(), error));
      execution.ended(end, now.profiles(end), List.of(), cause);
    }
    return end != null;
  }

  /** An attempt's own session, made when it is first asked for. */
  private final class SessionSupplier implements Supplier<SparkSession> {
    private final int attempt;
    private @Nullable SparkSession session;

    SessionSupplier(int attempt) {
      this.attempt = attempt;
    }

    @Override
    public synchronized SparkSession get() {
      if (session == null) {
        try {
          session =
              execution
                  .application()
                  .session(tag(attempt), definition.name(), attempt, execution.pool());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new CompletionException(e);
        }
      }
      return session;
    }

    synchronized void leave() {
      if (session != null) {
        execution.application().leave();
      }
    }
  }
}
