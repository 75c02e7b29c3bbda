package dev.weir.pipeline;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.time.Duration;

/**
 * How often a stage is tried, and how long is waited in between: the wait doubles with each
 * failure, up to {@code maxBackoff}, with a jitter of a quarter either way. Only errors known to
 * pass by themselves are tried again.
 */
@Help("How often a stage is tried again after an error that may pass by itself.")
public record Retry(
    @Help("How many attempts in all, the first included.") int attempts,
    @Help("The wait before the second attempt; it doubles with each one.") @Default("1s")
        Duration backoff,
    @Help("The longest wait between two attempts.") @Default("5m") Duration maxBackoff) {

  /** One attempt, no retries. */
  public static final Retry NONE = new Retry(1, Duration.ofSeconds(1), Duration.ofMinutes(5));

  public Retry {
    if (attempts < 1 || attempts > 100) {
      throw new IllegalArgumentException("attempts is from 1 to 100, not " + attempts);
    }
    if (backoff.isNegative() || backoff.isZero()) {
      throw new IllegalArgumentException("backoff is longer than nothing");
    }
    if (maxBackoff.compareTo(backoff) < 0) {
      throw new IllegalArgumentException("max-backoff is at least backoff");
    }
  }
}
