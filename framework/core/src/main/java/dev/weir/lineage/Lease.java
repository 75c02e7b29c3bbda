package dev.weir.lineage;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.ConflictException;
import dev.weir.store.Filter;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * The right to run a pipeline, held by one driver at a time; or, where a pipeline's runs go on
 * beside each other, the right to one run.
 *
 * <p>It is the event table's transaction id {@code weir/<pipeline>}, or {@code
 * weir/<pipeline>/<run>}, a number {@code token × 2^32 + n}. Taking the lease is a compare-and-set
 * to the next token; every commit of the holder raises n; the holder's last one sets all lower
 * bits, which gives the lease up. A driver that lost its lease can commit nothing more, since its
 * numbers are lower than the new holder's.
 */
public final class Lease implements AutoCloseable {
  private static final int TOKEN_BITS = 32;
  private static final long RELEASED = (1L << TOKEN_BITS) - 1;

  private final LeaseRequest request;
  private final long token;
  private final EventLog log;
  private final Optional<Fact.LeaseTaken> takenFrom;
  private final long takenAt;

  private Lease(
      LeaseRequest request,
      long token,
      EventLog log,
      Optional<Fact.LeaseTaken> takenFrom,
      long takenAt) {
    this.request = request;
    this.token = token;
    this.takenAt = takenAt;
    this.log = log;
    this.takenFrom = takenFrom;
  }

  private static String key(String scope) {
    return "weir/" + scope;
  }

  static String key(LeaseRequest request) {
    return key(request.scope());
  }

  /** Whether a run has a lease of its own, since it goes on beside others of its pipeline. */
  static boolean beside(TableSnapshot events, String pipeline, String run) {
    return events.transactionVersion(key(pipeline + "/" + run)).isPresent();
  }

  /** The last number of the lease that a run is or was under. */
  static OptionalLong last(TableSnapshot events, String pipeline, String run) {
    OptionalLong own = events.transactionVersion(key(pipeline + "/" + run));
    return own.isPresent() ? own : events.transactionVersion(key(pipeline));
  }

  /** Whether a number says that the lease was given up. */
  static boolean givenUp(long number) {
    return (number & RELEASED) == RELEASED;
  }

  /** The number of the lease's taking that a number belongs to. */
  static long token(long number) {
    return number >>> TOKEN_BITS;
  }

  static long number(long token, long n) {
    return (token << TOKEN_BITS) + n;
  }

  static long released(long token) {
    return number(token, RELEASED);
  }

  /** Takes a lease; nothing else is committed with it. */
  public static Lease take(Events events, LeaseRequest request) {
    return take(events, request, (token, last, dead) -> List.of(), LeaseClock.system());
  }

  static Lease take(Events events, LeaseRequest request, Opening first, LeaseClock clock) {
    return take(events, request, first, () -> 0, clock);
  }

  /** What is committed together with the taking of a lease. */
  @FunctionalInterface
  public interface Opening {
    /**
     * Called before each try, whose outcome is open; what it throws ends the taking.
     *
     * @param token the number that the lease would have
     * @param last the last number of the lease so far, {@link LineageReader#lease}, or -1
     * @param dead the taking of a holder that died with the lease, if one did
     */
    List<Fact> facts(long token, long last, Optional<Fact.LeaseTaken> dead);
  }

  /**
   * Takes a lease that is free, or whose holder is dead: one on this host whose process is gone, or
   * one from which nothing was heard for the length of its lease. The latter is waited for; but of
   * a process on this host only if it had been silent for as long before.
   *
   * @param first facts to commit together with the taking
   * @param newest the newest token that the pipeline's outputs hold, asked for where the events
   *     know of none
   * @throws WeirException {@code lease-held} if another driver holds it
   */
  public static Lease take(
      Events events, LeaseRequest request, Opening first, LongSupplier newest, LeaseClock clock) {
    String key = key(request);
    while (true) {
      TableSnapshot snapshot = events.table().latest();
      OptionalLong last = snapshot.transactionVersion(key);
      Optional<Fact.LeaseTaken> dead = Optional.empty();
      long token;
      if (last.isEmpty()) {
        token = newest.getAsLong() + 1;
      } else {
        token = token(last.getAsLong()) + 1;
        if (!givenUp(last.getAsLong())) {
          Optional<Fact.LeaseTaken> holder = holder(events, snapshot, request, token - 1);
          if (!dead(events, request, last.getAsLong(), holder, clock)) {
            continue;
          }
          dead = holder;
        }
      }
      List<Fact> facts = new ArrayList<>();
      facts.add(
          new Fact.LeaseTaken(
              clock.now(),
              request.pipeline(),
              request.run(),
              token,
              request.holder().host(),
              request.holder().pid(),
              request.holder().processStart(),
              request.holder().user(),
              request.length().toMillis()));
      facts.addAll(first.facts(token, last.orElse(-1), dead));
      long takenAt;
      try {
        takenAt =
            events
                .table()
                .append(Events.rows(facts), Optional.of(new TransactionId(key, number(token, 0))));
      } catch (ConflictException e) {
        // Another took it first; it is asked for as a lease that is held.
        continue;
      }
      return new Lease(request, token, new EventLog(events, request, token, clock), dead, takenAt);
    }
  }

  /** The fact by which the present holder took the lease, if it can still be found. */
  static Optional<Fact.LeaseTaken> holder(
      Events events, TableSnapshot snapshot, LeaseRequest request, long token) {
    OptionalLong version =
        events.table().log().find(new TransactionId(key(request), number(token, 0)));
    List<Fact> facts =
        version.isPresent()
            ? events.of(version.getAsLong())
            : Events.byTime(
                snapshot,
                List.of(
                    Filter.equal("kind", "lease-taken"),
                    Filter.equal("pipeline", request.pipeline())));
    return facts.stream()
        .filter(Fact.LeaseTaken.class::isInstance)
        .map(Fact.LeaseTaken.class::cast)
        .filter(taken -> taken.token() == token)
        .filter(
            taken ->
                request.beside()
                    ? taken.run().equals(request.run())
                    : !beside(snapshot, taken.pipeline(), taken.run()))
        .findFirst();
  }

  /**
   * Whether the holder is dead; false if it gave the lease up while it was watched.
   *
   * @throws WeirException {@code lease-held} if it is alive
   */
  private static boolean dead(
      Events events,
      LeaseRequest request,
      long last,
      Optional<Fact.LeaseTaken> holder,
      LeaseClock clock) {
    if (holder.isPresent() && holder.get().host().equals(request.holder().host())) {
      if (!Holder.of(holder.get()).alive()) {
        return true;
      }
      if (!silent(events, holder.get(), clock)) {
        throw held(request, holder);
      }
      // It is stopped, or it hangs: watched like one that can't be seen.
    }
    Duration length =
        holder.map(taken -> Duration.ofMillis(taken.lengthMillis())).orElse(request.length());
    Duration pause = length.dividedBy(10);
    long start = clock.nanos();
    while (clock.nanos() - start < length.toNanos()) {
      try {
        clock.pause(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw held(request, holder);
      }
      long now = events.table().listed().transactionVersion(key(request)).orElse(last);
      if (givenUp(now)) {
        return false;
      }
      if (now != last) {
        throw held(request, holder);
      }
    }
    return true;
  }

  /** Whether a process on this machine has said nothing for longer than its lease is good. */
  private static boolean silent(Events events, Fact.LeaseTaken holder, LeaseClock clock) {
    Instant heard =
        Events.ofRun(events.table().listed(), holder.run()).stream()
            .map(Fact::at)
            .max(Comparator.naturalOrder())
            .orElse(holder.at());
    return Duration.between(heard, clock.now()).toMillis() > holder.lengthMillis();
  }

  private static WeirException held(LeaseRequest request, Optional<Fact.LeaseTaken> holder) {
    String pipeline = request.pipeline();
    if (holder.isEmpty()) {
      return new WeirException(
          "lease-held",
          ErrorKind.USER,
          "Pipeline %s is being run by another driver.".formatted(pipeline),
          "Wait until that run has ended.");
    }
    Fact.LeaseTaken taken = holder.get();
    return new WeirException(
        "lease-held",
        ErrorKind.USER,
        "Pipeline %s is being run: run %s holds it, on host %s in process %d of user %s, since %s."
            .formatted(
                pipeline,
                taken.run(),
                taken.host(),
                taken.pid(),
                taken.user(),
                taken.at().truncatedTo(ChronoUnit.SECONDS)),
        "Wait until it has ended, or end process %d on %s and run again: a dead run's lease is free at once on its own host, and after %d s without a sign of life on another."
            .formatted(taken.pid(), taken.host(), Math.max(1, taken.lengthMillis() / 1000)));
  }

  /** The lease's number: it grows by one with each taking and fences every write. */
  public long token() {
    return token;
  }

  /**
   * Checks that the lease is held in a version of the events.
   *
   * @throws WeirException {@code lease-lost} if another driver took it
   */
  void requireHeld(TableSnapshot snapshot) {
    long last = snapshot.transactionVersion(key(request)).orElse(-1);
    if (token(last) != token) {
      throw EventLog.lost(request, null);
    }
  }

  /** What the writes of the holder are keyed by. */
  public String scope() {
    return request.scope();
  }

  /** The version of the events in which it was taken. */
  public long takenAt() {
    return takenAt;
  }

  /** Where the holder says what happens. */
  public EventLog log() {
    return log;
  }

  /** The taking of the dead driver that held the lease before and did not give it up. */
  public Optional<Fact.LeaseTaken> takenFrom() {
    return takenFrom;
  }

  /**
   * Commits everything submitted, with it {@code last}, and gives the lease up in that commit.
   *
   * @return the version of the event table that holds it
   * @throws WeirException {@code lease-lost} if another driver took the lease
   */
  public long release(List<Fact> last) {
    return log.release(last);
  }

  /** Gives the lease up if that was not done; commits what was submitted. */
  @Override
  public void close() {
    log.close();
  }
}
