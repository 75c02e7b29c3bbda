package dev.weir.config;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long something is kept: {@code forever}, or a duration such as {@code 365d}.
 *
 * @param length the duration, or null for ever
 */
public record Period(@Nullable Duration length) {
  /** Without an end. */
  public static final Period FOREVER = new Period(null);

  private static final Duration LONGEST = Duration.ofDays(100_000);

  public Period {
    if (length != null && length.isNegative()) {
      throw new IllegalArgumentException("a period is not negative");
    }
    if (length != null && length.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("a period is at most 100000d: write forever");
    }
  }

  /** So many days. */
  public static Period days(long days) {
    return new Period(Duration.ofDays(days));
  }

  /** Reads {@code forever} or a duration; throws {@link IllegalArgumentException} otherwise. */
  public static Period parse(String text) {
    if (text.equals("forever")) {
      return FOREVER;
    }
    Duration length;
    try {
      length = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no period: write forever, 365d or 12h".formatted(text), e);
    }
    return new Period(length);
  }

  /** When it ends, if it began at a moment; empty if it never does. */
  public Optional<Instant> end(Instant since) {
    return Optional.ofNullable(length).map(since::plus);
  }

  @Override
  public String toString() {
    return length == null ? "forever" : Durations.text(length);
  }
}
