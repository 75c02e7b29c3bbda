package dev.weir.lineage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The wish that a run be cancelled, as one process says it and the run's driver hears it. The wish
 * is a commit of its own, without a lease's number, so that only such commits need to be read. Not
 * for several threads.
 */
public final class Cancellation {
  private final Events events;
  private final String run;
  private long version;

  private Cancellation(Events events, String run, long after) {
    this.events = events;
    this.run = run;
    this.version = after;
  }

  /**
   * Asks for a run to be cancelled, in the name of this process. Whether there is anybody who hears
   * it is not known.
   */
  public static void ask(Events events, String pipeline, String run, @Nullable String reason) {
    events.table().append(Events.rows(List.of(request(pipeline, run, reason))), Optional.empty());
  }

  /** The same as a fact, for whoever commits it together with others. */
  public static Fact.CancelRequested request(String pipeline, String run, @Nullable String reason) {
    return new Fact.CancelRequested(Instant.now(), pipeline, run, Holder.current().text(), reason);
  }

  /**
   * Listens for the run of a lease. What was asked before the lease was taken was asked of another
   * process.
   */
  public static Cancellation of(Events events, Lease lease, String run) {
    return new Cancellation(events, run, lease.takenAt());
  }

  /**
   * The wish, if it was said since the last call. Where nothing was committed this costs a look at
   * one file's name.
   */
  public Optional<Fact.CancelRequested> heard() {
    while (true) {
      var commit = events.table().log().entry(version + 1);
      if (commit.isEmpty()) {
        return Optional.empty();
      }
      version++;
      if (commit.get().transactions().isEmpty()) {
        for (Fact fact : events.of(version)) {
          if (fact instanceof Fact.CancelRequested request && request.run().equals(run)) {
            return Optional.of(request);
          }
        }
      }
    }
  }
}
