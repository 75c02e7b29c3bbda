package dev.weir.lineage;

import dev.weir.error.WeirException;
import dev.weir.store.TableSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches a run from outside of its process: what becomes durable of it, and whether it lives. Who
 * watches asks again and again; where nothing was committed that costs a look at one file's name.
 * Not for several threads.
 */
public final class RunWatch {
  /** How long the name of the next commit is believed, before the whole table is looked at. */
  private static final Duration BELIEVED = Duration.ofSeconds(5);

  private final Events events;
  private final String run;
  private final LeaseClock clock;

  /** What was told, so that nothing is told twice where all facts have to be read again. */
  private final Set<Fact> told = new HashSet<>();

  private RunState state = RunState.RUNNING;
  private Fact.@Nullable LeaseTaken lease;
  private long version = -1;
  private long lookedAt;
  private long leaseNumber = -1;
  private long leaseMovedAt;

  private RunWatch(Events events, String run, LeaseClock clock) {
    this.events = events;
    this.run = run;
    this.clock = clock;
  }

  /** Watches a run of a home. */
  public static RunWatch of(Events events, String run) {
    return of(events, run, LeaseClock.system());
  }

  static RunWatch of(Events events, String run, LeaseClock clock) {
    return new RunWatch(events, run, clock);
  }

  /**
   * The run's facts that were committed since the last call, all of them at the first, in order.
   */
  public List<Fact> news() {
    List<Fact> news = new ArrayList<>();
    if (state.finished()) {
      return news;
    }
    long now = clock.nanos();
    boolean moved = version < 0 || events.table().log().entry(version + 1).isPresent();
    if (!moved && now - lookedAt < BELIEVED.toNanos()) {
      return news;
    }
    lookedAt = now;
    TableSnapshot latest = read(news);
    if (!state.finished() && dead(latest, now)) {
      // It may have said its last word after the events were read and before it was looked for.
      read(news);
      state = state.finished() ? state : RunState.INTERRUPTED;
    }
    return news;
  }

  /**
   * What has become of the run by the last call of {@link #news}. INTERRUPTED is one whose driver's
   * process is gone from this machine, has lost its lease, or has given no sign of life for twice
   * the length of it on another.
   */
  public RunState state() {
    return state;
  }

  /** Who runs it, once its beginning was read; null where that is not known. */
  public @Nullable Holder holder() {
    return lease == null ? null : Holder.of(lease);
  }

  private TableSnapshot read(List<Fact> news) {
    TableSnapshot latest = events.table().listed();
    for (Fact fact : since(latest)) {
      if (fact instanceof Fact.Heartbeat || !told.add(fact)) {
        continue;
      }
      news.add(fact);
      if (fact instanceof Fact.LeaseTaken taken) {
        lease = taken;
      } else if (fact instanceof Fact.RunResumed) {
        state = RunState.RUNNING;
      } else if (fact instanceof Fact.RunFinished finished) {
        state = finished.state();
      }
    }
    version = latest.version();
    return latest;
  }

  private List<Fact> since(TableSnapshot latest) {
    if (version >= 0) {
      try {
        return events.between(version, latest.version()).stream()
            .map(CommittedFact::fact)
            .filter(fact -> fact.run().equals(run))
            .toList();
      } catch (WeirException e) {
        if (!e.code().equals("log-expired")) {
          throw e;
        }
        // Nobody asked for so long that the commits since are no longer told apart.
      }
    }
    return Events.ofRun(latest, run);
  }

  private boolean dead(TableSnapshot latest, long now) {
    Fact.LeaseTaken taken = lease;
    if (taken == null) {
      return false;
    }
    OptionalLong number = Lease.last(latest, taken.pipeline(), taken.run());
    if (number.isPresent() && number.getAsLong() >= Lease.released(taken.token())) {
      return true;
    }
    Holder holder = Holder.of(taken);
    if (holder.host().equals(Holder.current().host())) {
      return !holder.alive();
    }
    if (number.isPresent() && number.getAsLong() != leaseNumber) {
      leaseNumber = number.getAsLong();
      leaseMovedAt = now;
    }
    return now - leaseMovedAt > 2 * Duration.ofMillis(taken.lengthMillis()).toNanos();
  }
}
