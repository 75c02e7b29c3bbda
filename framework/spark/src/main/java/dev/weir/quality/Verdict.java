package dev.weir.quality;

import dev.weir.lineage.Fact;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * What was found of a probe.
 *
 * @param rows how many rows were looked at
 * @param failedRows how many of them break it; 0 for a check of the row count
 */
record Verdict(Probe probe, long rows, long failedRows) {

  boolean passed() {
    Limits limits = probe.limits();
    if (limits != null) {
      Long min = limits.min();
      Long max = limits.max();
      return (min == null || rows >= min) && (max == null || rows <= max);
    }
    return BigDecimal.valueOf(failedRows)
            .compareTo(BigDecimal.valueOf(probe.threshold()).multiply(BigDecimal.valueOf(rows)))
        <= 0;
  }

  /** The value against the expectation. */
  String sentence() {
    return probe.title() + ": " + observed() + "; " + expected();
  }

  Fact.Check fact(String subject) {
    return new Fact.Check(
        probe.name(),
        subject,
        probe.column(),
        passed(),
        rows,
        probe.limits() == null ? Long.valueOf(failedRows) : null,
        observed(),
        expected());
  }

  private String observed() {
    if (probe.limits() != null) {
      return "there are %s rows".formatted(count(rows));
    }
    return "%s of %s rows (%s) %s"
        .formatted(count(failedRows), count(rows), percent(failedRows, rows), probe.broken());
  }

  private String expected() {
    Limits limits = probe.limits();
    if (limits == null) {
      String may = probe.broken().startsWith("are ") ? "may be" : "may";
      return "at most %s %s".formatted(percent(BigDecimal.valueOf(probe.threshold())), may);
    }
    Long min = limits.min();
    Long max = limits.max();
    if (max == null) {
      return "at least %s are expected".formatted(count(min == null ? 0 : min));
    }
    return min == null
        ? "at most %s are expected".formatted(count(max))
        : "from %s to %s are expected".formatted(count(min), count(max));
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(long part, long whole) {
    if (part == 0 || whole == 0) {
      return "0 %";
    }
    BigDecimal fraction =
        BigDecimal.valueOf(part).divide(BigDecimal.valueOf(whole), 8, RoundingMode.HALF_UP);
    BigDecimal rounded = fraction.movePointRight(2).setScale(2, RoundingMode.HALF_UP);
    if (rounded.signum() == 0) {
      return "less than 0.01 %";
    }
    if (part < whole && rounded.compareTo(BigDecimal.valueOf(100)) >= 0) {
      return "more than 99.99 %";
    }
    return percent(rounded.movePointLeft(2));
  }

  private static String percent(BigDecimal fraction) {
    BigDecimal percent = fraction.movePointRight(2).stripTrailingZeros();
    return percent.toPlainString() + " %";
  }
}
