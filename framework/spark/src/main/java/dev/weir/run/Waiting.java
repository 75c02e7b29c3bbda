package dev.weir.run;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.Turn;
import dev.weir.pipeline.Concurrency;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a run for its pipeline's lease, before anything is planned: what it reads is settled
 * only when its turn has come.
 */
final class Waiting {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Events events;
  private final LeaseRequest lease;
  private final boolean cancelling;
  private final Consumer<RunEvent> tell;
  private final Turn turn;

  /** The run that was told to be waited for. */
  private @Nullable String told;

  private Waiting(Events events, LeaseRequest lease, boolean cancelling, Consumer<RunEvent> tell) {
    this.events = events;
    this.lease = lease;
    this.cancelling = cancelling;
    this.tell = tell;
    this.turn = Turn.of(events, lease);
  }

  /** The wait for a lease; null where a run does not wait. A run that goes on never does. */
  static @Nullable Waiting of(
      Events events, RunRequest request, LeaseRequest lease, Consumer<RunEvent> tell) {
    Concurrency concurrency = request.pipeline().concurrency();
    return request.resumes() == null
            && (concurrency == Concurrency.QUEUE || concurrency == Concurrency.CANCEL_PREVIOUS)
        ? new Waiting(events, lease, concurrency == Concurrency.CANCEL_PREVIOUS, tell)
        : null;
  }

  /**
   * Waits until the lease looks free. Of several who wait one will have it, and the others wait on.
   *
   * @param left at zero once nobody wants the run any more
   * @throws WeirException {@code cancelled} if nobody does
   */
  void await(CountDownLatch left) {
    while (turn.taken()) {
      turn.holder().ifPresent(this::waitFor);
      try {
        if (left.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          throw cancelled();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw cancelled();
      }
    }
  }

  private void waitFor(Fact.LeaseTaken holder) {
    if (holder.run().equals(told)) {
      return;
    }
    told = holder.run();
    tell.accept(new RunEvent.Waiting(Instant.now(), holder, cancelling));
    if (cancelling) {
      Cancellation.ask(
          events,
          lease.pipeline(),
          holder.run(),
          "run %s takes its place, as concurrency: cancel-previous says".formatted(lease.run()));
    }
  }

  /** What is said of a run that was cancelled before it began. */
  static WeirException cancelled() {
    return new WeirException(
        "cancelled", ErrorKind.USER, "The run was cancelled before it began.", "Nothing was done.");
  }
}
