package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.run.RunEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How numbers, times and names are written for people. */
final class Text {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private Text() {}

  /** {@code 0.8 s}, {@code 42.1 s}, {@code 3 min 5 s}, {@code 2 h 10 min}. */
  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
    if (seconds < 3600) {
      return "%d min %d s".formatted(seconds / 60, seconds % 60);
    }
    return "%d h %d min".formatted(seconds / 3600, seconds % 3600 / 60);
  }

  /** {@code 48,000}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 row}, {@code 2 rows}. */
  static String count(long number, String what) {
    return count(number) + " " + what + (number == 1 ? "" : "s");
  }

  /** {@code 312 kB}, by powers of a thousand. */
  static String bytes(long number) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = number;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(
        Locale.ROOT, unit == 0 || value >= 10 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  /** A measured number, with as many digits as a person compares. */
  static String metric(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e15) {
      return count((long) value);
    }
    return String.format(
        Locale.ROOT, size >= 1e6 || size < 1e-4 ? "%.3e" : size >= 100 ? "%,.1f" : "%.4f", value);
  }

  /** {@code 2026-01-31 17:45:12}, in UTC. */
  static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** Cut to a width, with an ellipsis where something is missing. */
  static String fit(String text, int width) {
    String line = text.replace('\n', ' ');
    if (line.codePointCount(0, line.length()) <= width) {
      return line;
    }
    return width < 1 ? "" : line.substring(0, line.offsetByCodePoints(0, width - 1)) + "…";
  }

  /** Cut to a width in its middle: of a long name, both ends tell it from others. */
  static String fitMiddle(String text, int width) {
    int length = text.codePointCount(0, text.length());
    if (length <= width) {
      return text;
    }
    int end = Math.max(0, width - 1) / 2;
    return fit(text, width - end) + text.substring(text.offsetByCodePoints(0, length - end));
  }

  /** Cut to a width at its beginning: of a path, the end tells it from others. */
  static String fitEnd(String text, int width) {
    int length = text.codePointCount(0, text.length());
    return length <= width
        ? text
        : "…" + text.substring(text.offsetByCodePoints(0, length - width + 1));
  }

  /** As a shell takes it for one word. */
  static String shell(String word) {
    return word.matches("[\\p{L}\\p{N}_@%+=:,./-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }

  /** Padded on the right to a width. */
  static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.codePointCount(0, text.length())));
  }

  /** The name of a class without its package. */
  static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  /** What a run waits for, in a line. */
  static String waiting(RunEvent.Waiting event) {
    Fact.LeaseTaken holder = event.holder();
    return "waiting for run %s, which holds the pipeline since %s in process %d on host %s%s"
        .formatted(
            holder.run(),
            holder.at().truncatedTo(ChronoUnit.SECONDS),
            holder.pid(),
            holder.host(),
            event.cancelling() ? " and was asked to cancel" : "");
  }
}
