package dev.weir.profile;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** What the values of a column are, as far as a profile tells them apart. */
public enum ValueKind {
  /** Whole numbers: given as longs. */
  INTEGER,
  /** Other numbers, decimals among them: given as doubles. */
  REAL,
  /** Days, given as their number since 1970-01-01. */
  DATE,
  /** Times, given as microseconds since 1970-01-01T00:00Z. */
  TIMESTAMP,
  /** Truth values, given as 0 and 1. */
  BOOLEAN,
  /** Texts, given as UTF-8. */
  TEXT,
  /** Anything else: counted, and not looked into. */
  OTHER;

  /** Whether the values are numbers, so that they have a mean. */
  public boolean isNumber() {
    return this == INTEGER || this == REAL;
  }

  /** Whether the values lie on a line, so that they have quantiles: numbers, dates and times. */
  public boolean isOrdered() {
    return isNumber() || this == DATE || this == TIMESTAMP;
  }

  /** A value as text by the number that stands for it: that of a real number is its bits. */
  String text(long key) {
    return switch (this) {
      case REAL -> Double.toString(Double.longBitsToDouble(key));
      case DATE -> LocalDate.ofEpochDay(key).toString();
      case TIMESTAMP -> Instant.EPOCH.plus(key, ChronoUnit.MICROS).toString();
      case BOOLEAN -> Boolean.toString(key != 0);
      default -> Long.toString(key);
    };
  }
}
