package dev.weir.run;

import dev.weir.alert.Alerting;
import dev.weir.alert.Occasion;
import dev.weir.audit.AuditChain;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.StageDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees a run that has its lease through to its end: has the stages executed, makes the end durable,
 * brings the lineage tables and the audit chain up to date, and has people told.
 */
final class Conduct {
  private static final Logger LOG = LoggerFactory.getLogger(Conduct.class);

  private final RunRequest request;
  private final Events events;
  private final Application application;
  private final ExecutorService pool;
  private final AuditChain chain;
  private final Alerting alerting;
  private final Consumer<RunEvent> told;

  Conduct(
      RunRequest request,
      Events events,
      Application application,
      ExecutorService pool,
      AuditChain chain,
      Alerting alerting,
      Consumer<RunEvent> told) {
    this.request = request;
    this.events = events;
    this.application = application;
    this.pool = pool;
    this.chain = chain;
    this.alerting = alerting;
    this.told = told;
  }

  /** Executes the stages, gives the lease up and says how the run ended. */
  RunResult toItsEnd(Execution execution, Lease lease, Instant startedAt)
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
      Fact.RunFinished end =
          new Fact.RunFinished(
              result.finishedAt(),
              startedAt,
              request.pipeline().name(),
              execution.work().run(),
              state,
              result.error());
      List<Fact> alerts = alerts(execution, end);
      if (execution.broken() == null) {
        try {
          lease.release(withAlerts(alerts, end));
        } catch (WeirException e) {
          // A run whose end can't be made durable has not succeeded, whatever its stages did.
          result = result(execution, startedAt, RunState.FAILED, e);
          alerts = alerts(execution, failed(end, result));
          tellAnyway(alerts);
        }
      } else {
        tellAnyway(alerts);
      }
      if (!alerts.isEmpty()) {
        alerting.deliver();
      }
      bringUpToDate();
      told.accept(new RunEvent.Ended(Instant.now(), result));
      alerting.await(result.state() == RunState.SUCCEEDED);
      return result;
    }
  }

  private static Fact.RunFinished failed(Fact.RunFinished end, RunResult result) {
    return new Fact.RunFinished(
        end.at(), end.startedAt(), end.pipeline(), end.run(), result.state(), result.error());
  }

  /** What people are told of the run's end, beside what they were told of its stages. */
  private List<Fact> alerts(Execution execution, Fact.RunFinished end) {
    if (end.state() == RunState.SUCCEEDED) {
      return alerting.facts(
          new Occasion.Success(
              end,
              execution.finished().stream()
                  .filter(stage -> stage.state().published())
                  .map(Fact.StageFinished::stage)
                  .collect(Collectors.toSet()),
              request.pipeline().stages().stream()
                  .map(StageDefinition::name)
                  .collect(Collectors.toSet())));
    }
    boolean said =
        execution.broken() == null
            && execution.finished().stream().anyMatch(stage -> Execution.alarming(stage.state()));
    return said || end.state() != RunState.FAILED
        ? List.of()
        : alerting.facts(Occasion.Trouble.of(end));
  }

  /** Has people told of a run's end that itself can't be made durable under its lease. */
  private void tellAnyway(List<Fact> alerts) {
    List<Fact.Alert> those =
        alerts.stream().filter(Fact.Alert.class::isInstance).map(Fact.Alert.class::cast).toList();
    if (those.isEmpty()) {
      return;
    }
    try {
      var unused = events.tell(those);
    } catch (RuntimeException e) {
      LOG.warn("That the run failed could not be recorded", e);
    }
  }

  /** What is made of the run's facts once the last is durable; a failure takes nothing back. */
  private void bringUpToDate() {
    CompletableFuture<Boolean> extended = CompletableFuture.supplyAsync(chain::tryToExtend, pool);
    DeadRun.updateTables(events);
    var unused = extended.join();
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

  /** Ends a run that could not begin though it has its lease. */
  void abandon(Lease lease, String run, Instant startedAt, RuntimeException error) {
    Fact.RunFinished end =
        new Fact.RunFinished(
            Instant.now(),
            startedAt,
            request.pipeline().name(),
            run,
            RunState.FAILED,
            Failures.of(error));
    try (lease) {
      lease.release(withAlerts(alerting.facts(Occasion.Trouble.of(end)), end));
      alerting.deliver();
      chain.tryToExtend();
      alerting.await(false);
    } catch (WeirException e) {
      error.addSuppressed(e);
    }
  }

  private static List<Fact> withAlerts(List<Fact> alerts, Fact.RunFinished end) {
    List<Fact> facts = new ArrayList<>(alerts);
    facts.add(end);
    return facts;
  }
}
