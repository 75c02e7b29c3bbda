package dev.weir.run;

import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseClock;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a run whose driver is dead: another process takes its lease, shuts it out of what it
 * could still publish, and says for it how it ended. Needs no Spark.
 */
public final class DeadRun {
  private static final Logger LOG = LoggerFactory.getLogger(DeadRun.class);

  private DeadRun() {}

  /**
   * Ends a run as cancelled, so that nothing goes on with it by itself. A driver on another machine
   * is watched for the length of its lease first.
   *
   * @param reason why, or null
   * @return false if there is nothing to end any more: it has ended, or somebody went on with it
   * @throws dev.weir.error.WeirException {@code lease-held} if its driver is alive
   */
  public static boolean cancel(Events events, String run, @Nullable String reason) {
    LineageReader lineage = LineageReader.open(events);
    RunHistory old = RunHistory.of(lineage.facts(run)).orElse(null);
    if (old == null || old.ended() != null) {
      return false;
    }
    Fact.CancelRequested before = old.cancelRequest();
    Fact.CancelRequested request =
        before != null ? before : Cancellation.request(old.started().pipeline(), run, reason);
    try {
      end(
          events,
          lineage,
          old,
          LeaseRequest.DEFAULT_LENGTH,
          before != null ? List.of() : List.of(request),
          RunState.CANCELLED,
          Endings.cancelled(request));
      return true;
    } catch (Overtaken e) {
      return false;
    }
  }

  /**
   * Ends a run for its dead driver.
   *
   * @param lineage by which it was decided; if its lease has moved since, nothing is done
   * @param first what to say with the taking of the lease
   * @throws Overtaken if the lease has moved
   */
  static void end(
      Events events,
      LineageReader lineage,
      RunHistory old,
      Duration leaseLength,
      List<Fact> first,
      RunState state,
      Fact.Failure because) {
    String pipeline = old.started().pipeline();
    LeaseRequest request =
        new LeaseRequest(
            pipeline,
            old.run(),
            Holder.current(),
            leaseLength,
            lineage.beside(pipeline, old.run()));
    long seen = lineage.lease(request).orElse(-1);
    try (Lease lease =
        Lease.take(
            events,
            request,
            (token, last, dead) -> {
              if (last != seen) {
                throw new Overtaken();
              }
              return first;
            },
            () -> 0,
            LeaseClock.system())) {
      Fences.raise(events.home(), old, lease.scope(), lease.token());
      lease.release(Endings.ofRun(old, Instant.now(), state, because));
    }
    updateTables(events);
  }

  /** The tables can always be made from the events, so a failure here takes nothing back. */
  static void updateTables(Events events) {
    try {
      LineageTables.of(events).update();
    } catch (RuntimeException e) {
      LOG.warn("The lineage tables could not be brought up to date; the next command will", e);
    }
  }
}
