package dev.weir.run;

import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long something is waited for. Failsafe's timeout interrupts and then waits until the
 * thread gives in, which one that hears no interrupt never does; here such a thread is left behind.
 */
final class TimeLimit {
  private TimeLimit() {}

  /**
   * Calls something, on a thread of the pool's if there is a limit. When this thread is interrupted
   * or the time is over, so is that one.
   *
   * @param limit how long it may take, or null
   * @param late told that the time is over; answers false if the call came to its end just before,
   *     which counts then
   * @throws TimeoutExceededException if the time is over
   */
  static <T> T call(
      @Nullable Duration limit,
      ExecutorService pool,
      Callable<T> work,
      Predicate<TimeoutExceededException> late)
      throws Throwable {
    if (limit == null) {
      return work.call();
    }
    Future<T> future = pool.submit(work);
    try {
      try {
        return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        TimeoutExceededException error = new TimeoutExceededException(Timeout.of(limit));
        if (!late.test(error)) {
          return future.get();
        }
        throw error;
      }
    } catch (ExecutionException e) {
      throw e.getCause();
    } finally {
      // Without effect on what has ended.
      future.cancel(true);
    }
  }
}
