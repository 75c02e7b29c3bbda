package dev.weir.jobs;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for what other processes bring about. */
final class Poll {
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Poll() {}

  /**
   * Looks again and again until something holds.
   *
   * @param state what to say of a state in which it does not hold, once time is up
   */
  static void until(Callable<Boolean> holds, Supplier<String> state) throws Exception {
    long began = System.nanoTime();
    while (!holds.call()) {
      if (System.nanoTime() - began > LONGEST.toNanos()) {
        throw new AssertionError("Not after " + LONGEST.toSeconds() + " s: " + state.get());
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }
}
