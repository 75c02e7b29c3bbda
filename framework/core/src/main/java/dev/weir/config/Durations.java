package dev.weir.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 1h30m}, {@code 2d}. */
public final class Durations {
  /** What {@link #parse} accepts, as a regular expression. */
  static final String GRAMMAR = "^(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$";

  private static final Pattern PATTERN =
      Pattern.compile("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?");
  private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1_000, 1};
  private static final String[] UNITS = {"d", "h", "m", "s", "ms"};

  private Durations() {}

  /** Reads a duration; throws {@link IllegalArgumentException} that says what one looks like. */
  public static Duration parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new IllegalArgumentException("a duration is written 500ms, 10s, 5m, 1h30m or 2d");
    }
    BigInteger millis = BigInteger.ZERO;
    for (int i = 0; i < MILLIS.length; i++) {
      String digits = matcher.group(i + 1);
      if (digits != null) {
        millis = millis.add(new BigInteger(digits).multiply(BigInteger.valueOf(MILLIS[i])));
      }
    }
    if (millis.bitLength() > 63) {
      throw new IllegalArgumentException("a duration is at most 106751991167d");
    }
    return Duration.ofMillis(millis.longValue());
  }

  /** Writes a duration so that {@link #parse} reads it, to the millisecond. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 0) {
      return duration.toString();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < MILLIS.length; i++) {
      if (millis >= MILLIS[i]) {
        text.append(millis / MILLIS[i]).append(UNITS[i]);
        millis %= MILLIS[i];
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}
