package dev.weir.cli.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for what other processes bring about. */
public final class Poll {
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Poll() {}

  /**
   * Looks again and again until something holds, for two minutes at most.
   *
   * @param state what to say of a state in which it does not hold, once time is up
   */
  public static void until(Callable<Boolean> holds, Supplier<String> state) throws Exception {
    until(holds, state, LONGEST);
  }

  /** The same for up to a given time. */
  static void until(Callable<Boolean> holds, Supplier<String> state, Duration longest)
      throws Exception {
    long began = System.nanoTime();
    while (!holds.call()) {
      if (System.nanoTime() - began > longest.toNanos()) {
        throw new IllegalStateException("Not after " + longest.toSeconds() + " s: " + state.get());
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }
}
