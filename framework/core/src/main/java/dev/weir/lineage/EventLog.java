package dev.weir.lineage;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.ConflictException;
import dev.weir.store.TransactionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the holder of a lease has to say. One thread commits it: whatever was submitted while a
 * commit was under way goes into the next one together. Where nothing is submitted for a third of
 * the lease's length, it gives a sign of life.
 */
public final class EventLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

  /** How long the writer waits for more to commit together; a commit takes ten times as long. */
  private static final Duration GROUPING = Duration.ofMillis(2);

  private record Batch(List<Fact> facts, boolean last, CompletableFuture<Long> committed) {}

  private final Events events;
  private final LeaseRequest lease;
  private final long token;
  private final LeaseClock clock;
  private final LinkedBlockingQueue<Batch> queue = new LinkedBlockingQueue<>();
  private final Thread thread;

  /** Guards the queue's end and {@link #ended}. */
  private final Object lock = new Object();

  private boolean ended;
  private volatile @Nullable WeirException lost;
  private long n;
  private long version;

  EventLog(Events events, LeaseRequest lease, long token, LeaseClock clock) {
    this.events = events;
    this.lease = lease;
    this.token = token;
    this.clock = clock;
    this.thread = new Thread(this::write, "weir-events-" + lease.pipeline());
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Hands facts over, in order.
   *
   * @return done when they are durable, with the event table's version; fails with {@code
   *     lease-lost} if another driver took the lease, or with the store's error: nothing was
   *     committed then, except that of {@code commit-unknown} nobody can say yet. No facts at all
   *     are done when everything submitted before is.
   */
  public CompletableFuture<Long> submit(List<Fact> facts) {
    return enqueue(List.copyOf(facts), false);
  }

  /** Hands facts over and waits until they are durable; throws what {@link #submit} fails with. */
  public long commit(List<Fact> facts) {
    return await(submit(facts));
  }

  private CompletableFuture<Long> enqueue(List<Fact> facts, boolean last) {
    CompletableFuture<Long> committed = new CompletableFuture<>();
    synchronized (lock) {
      if (ended) {
        committed.completeExceptionally(
            new WeirException(
                "lease-released",
                ErrorKind.INTERNAL,
                "Run %s gave its lease up and has no more to say.".formatted(lease.run()),
                ""));
        return committed;
      }
      ended = last;
      queue.add(new Batch(facts, last, committed));
    }
    return committed;
  }

  private static long await(CompletableFuture<Long> committed) {
    try {
      return committed.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WeirException cause) {
        throw cause;
      }
      throw e;
    }
  }

  long release(List<Fact> last) {
    return await(enqueue(List.copyOf(last), true));
  }

  /** Commits what was submitted and gives the lease up, if that was not done. */
  @Override
  public void close() {
    CompletableFuture<Long> released = enqueue(List.of(), true);
    try {
      released.join();
    } catch (CompletionException e) {
      // Whoever submitted something has heard of it; the lease is not held any more, or expires.
      LOG.debug("Closing the event log of run {}", lease.run(), e.getCause());
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    long heartbeat = Duration.ofMillis(lease.length().toMillis()).dividedBy(3).toNanos();
    List<Batch> batches = new ArrayList<>();
    boolean last = false;
    while (!last) {
      batches.clear();
      try {
        Batch first =
            lost == null ? queue.poll(Math.max(1, heartbeat), TimeUnit.NANOSECONDS) : queue.take();
        if (first == null) {
          first =
              new Batch(
                  List.of(new Fact.Heartbeat(clock.now(), lease.pipeline(), lease.run())),
                  false,
                  new CompletableFuture<>());
        }
        batches.add(first);
        if (!first.last()) {
          // What ends a stage and what starts the next one are said within a millisecond of each
          // other: one commit for both is worth waiting for.
          TimeUnit.NANOSECONDS.sleep(GROUPING.toNanos());
        }
        queue.drainTo(batches);
      } catch (InterruptedException e) {
        // Nobody but this class has the thread; the lease then expires by itself.
        fail(batches, e);
        return;
      }
      last = batches.get(batches.size() - 1).last();
      commit(batches, last);
    }
  }

  private void commit(List<Batch> batches, boolean last) {
    WeirException before = lost;
    if (before != null) {
      fail(batches, before);
      return;
    }
    try {
      List<Fact> facts = new ArrayList<>();
      batches.forEach(batch -> facts.addAll(batch.facts()));
      if (!facts.isEmpty() || last) {
        // Raised even if the commit fails: one that was made after all has the number.
        long number = last ? Lease.released(token) : Lease.number(token, ++n);
        version =
            events
                .table()
                .append(
                    Events.rows(facts), Optional.of(new TransactionId(Lease.key(lease), number)));
      }
      batches.forEach(batch -> batch.committed().complete(version));
    } catch (ConflictException e) {
      WeirException error = lost(lease, e);
      lost = error;
      fail(batches, error);
    } catch (RuntimeException | Error e) {
      OutOfMemory.endIfIn(e);
      LOG.warn("Could not commit what run {} has to say", lease.run(), e);
      fail(batches, e);
    }
  }

  static WeirException lost(LeaseRequest lease, @Nullable Throwable cause) {
    return new WeirException(
        "lease-lost",
        ErrorKind.USER,
        "Run %s lost the lease of pipeline %s: another driver took it, after this one gave no sign of life for %d s."
            .formatted(lease.run(), lease.pipeline(), Math.max(1, lease.length().toSeconds())),
        "Look at the other run; what this one did not publish before is discarded.",
        cause);
  }

  private static void fail(List<Batch> batches, Throwable error) {
    batches.forEach(batch -> batch.committed().completeExceptionally(error));
  }
}
