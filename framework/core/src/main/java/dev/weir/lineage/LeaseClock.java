package dev.weir.lineage;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time by which leases are judged. */
public interface LeaseClock {
  /** Nanoseconds from some origin, never going back. */
  long nanos();

  /** The time of day, for facts. */
  Instant now();

  /** Lets some time pass. */
  void pause(Duration duration) throws InterruptedException;

  /** The machine's own. */
  static LeaseClock system() {
    return new LeaseClock() {
      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public void pause(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
      }
    };
  }
}
