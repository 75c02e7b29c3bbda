package dev.weir.lineage;

import dev.weir.store.TableSnapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Waits for a pipeline's lease. Whoever waits asks again and again; where nothing was committed
 * that costs a look at one file's name. Not for several threads.
 */
public final class Turn {
  private final Events events;
  private final LeaseRequest request;
  private final LeaseClock clock;
  private Optional<Fact.LeaseTaken> holder = Optional.empty();
  private long version = -1;
  private long number = -1;
  private long movedAt;

  private Turn(Events events, LeaseRequest request, LeaseClock clock) {
    this.events = events;
    this.request = request;
    this.clock = clock;
  }

  /** A wait for a lease. */
  public static Turn of(Events events, LeaseRequest request) {
    return of(events, request, LeaseClock.system());
  }

  static Turn of(Events events, LeaseRequest request, LeaseClock clock) {
    return new Turn(events, request, clock);
  }

  /**
   * Whether another has the lease now: it was not given up, and its holder's process is not known
   * to be gone. One that was silent for the length of its lease, stopped or on another machine, is
   * for {@link Lease#take} to judge.
   */
  public boolean taken() {
    if (version < 0 || events.table().log().entry(version + 1).isPresent()) {
      look(events.table().latest());
    }
    if (number < 0 || Lease.givenUp(number)) {
      return false;
    }
    if (holder.isPresent() && Holder.of(holder.get()).here() && !Holder.of(holder.get()).alive()) {
      return false;
    }
    Duration length =
        holder.map(taken -> Duration.ofMillis(taken.lengthMillis())).orElse(request.length());
    if (clock.nanos() - movedAt < length.toNanos()) {
      return true;
    }
    // Silent for so long; the next commit's name alone may be what is not told.
    look(events.table().listed());
    return number >= 0 && !Lease.givenUp(number) && clock.nanos() - movedAt < length.toNanos();
  }

  private void look(TableSnapshot latest) {
    OptionalLong last = latest.transactionVersion(Lease.key(request));
    long now = last.orElse(-1);
    if (now != number) {
      boolean another = number < 0 || Lease.token(now) != Lease.token(number);
      movedAt = clock.nanos();
      number = now;
      if (now < 0 || Lease.givenUp(now)) {
        holder = Optional.empty();
      } else if (another || holder.isEmpty()) {
        holder = Lease.holder(events, latest, request, Lease.token(now));
      }
    }
    version = latest.version();
  }

  /** Who has it by the last call of {@link #taken}, if that is known. */
  public Optional<Fact.LeaseTaken> holder() {
    return holder;
  }
}
