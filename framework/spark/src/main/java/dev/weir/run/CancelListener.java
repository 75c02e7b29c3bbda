package dev.weir.run;

import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Fact;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks, as long as a run goes on, whether another process asks for it to be cancelled. */
final class CancelListener {
  private static final Logger LOG = LoggerFactory.getLogger(CancelListener.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private CancelListener() {}

  /**
   * Begins to look.
   *
   * @param result done when the run is over
   * @param heard told of the wish, once
   */
  static void start(
      Cancellation cancellation,
      String run,
      Future<?> result,
      Consumer<Fact.CancelRequested> heard) {
    Thread thread =
        new Thread(() -> listen(cancellation, run, result, heard), "weir-listen-" + run);
    thread.setDaemon(true);
    thread.start();
  }

  private static void listen(
      Cancellation cancellation,
      String run,
      Future<?> result,
      Consumer<Fact.CancelRequested> heard) {
    while (!over(result)) {
      try {
        Optional<Fact.CancelRequested> request = cancellation.heard();
        if (request.isPresent()) {
          heard.accept(request.get());
          return;
        }
      } catch (RuntimeException e) {
        LOG.debug("Could not look whether run {} is to be cancelled", run, e);
      }
    }
  }

  /** Waits a moment; true once the run is over. */
  private static boolean over(Future<?> result) {
    try {
      result.get(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      return true;
    }
  }
}
