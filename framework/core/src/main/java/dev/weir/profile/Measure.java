package dev.weir.profile;

import dev.weir.config.Keys;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What is measured of a column, or of a dataset as a whole. */
public enum Measure {
  /** How many rows there are: of a dataset. */
  ROWS,
  /** How large its files are: of a dataset. */
  BYTES,
  /** The fraction of rows that are null. */
  NULL_FRACTION,
  /** The fraction of values that are NaN. */
  NAN_FRACTION,
  /** How many different values there are. */
  DISTINCT,
  /** The least number. */
  MIN,
  /** The greatest number. */
  MAX,
  /** The mean of the numbers. */
  MEAN,
  /** The standard deviation of the numbers. */
  STDDEV,
  /** The number that 5 % are not above. */
  P05,
  /** The number that 25 % are not above. */
  P25,
  /** The number that half are not above. */
  MEDIAN,
  /** The number that 75 % are not above. */
  P75,
  /** The number that 95 % are not above. */
  P95,
  /** The length of the shortest text in characters. */
  MIN_LENGTH,
  /** The length of the longest text in characters. */
  MAX_LENGTH,
  /** The mean length of the texts in characters. */
  MEAN_LENGTH;

  /** An extreme may move by this fraction of the range before that says anything. */
  private static final double EDGE = 0.01;

  /** The relative error of the count of different values. */
  private static final double DISTINCT_ERROR = 0.016;

  /** The error of a rank in a sketch of quantiles. */
  private static final double RANK_ERROR = 0.0133;

  /** Whether it is of a dataset as a whole. */
  boolean ofDataset() {
    return this == ROWS || this == BYTES;
  }

  /** Whether it is taken from the sketch of ranks. */
  boolean isQuantile() {
    return switch (this) {
      case P05, P25, MEDIAN, P75, P95 -> true;
      default -> false;
    };
  }

  /** As it is written: {@code null-fraction}. */
  public String text() {
    return Keys.of(this);
  }

  /** Its value in a column; empty if the column has nothing to measure it by. */
  OptionalDouble of(ColumnProfile column) {
    return switch (this) {
      case ROWS -> OptionalDouble.of((double) column.values() + column.nulls());
      case BYTES -> OptionalDouble.empty();
      case NULL_FRACTION -> OptionalDouble.of(column.nullFraction());
      case NAN_FRACTION ->
          column.values() == 0
              ? OptionalDouble.empty()
              : OptionalDouble.of((double) column.nans() / column.values());
      case DISTINCT ->
          column.kind() == ValueKind.OTHER || !column.countsDistinct()
              ? OptionalDouble.empty()
              : OptionalDouble.of(column.distinctValues());
      case MIN, MAX, MEAN, STDDEV ->
          column.kind().isNumber() ? moment(column.moments()) : OptionalDouble.empty();
      case P05, P25, MEDIAN, P75, P95 ->
          column.kind().isNumber() && column.quantiles() != null
              ? OptionalDouble.of(column.quantiles().quantile(fraction()))
              : OptionalDouble.empty();
      case MIN_LENGTH, MAX_LENGTH, MEAN_LENGTH -> moment(column.lengths());
    };
  }

  private OptionalDouble moment(@Nullable Moments moments) {
    if (moments == null) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        switch (this) {
          case MIN, MIN_LENGTH -> moments.min();
          case MAX, MAX_LENGTH -> moments.max();
          case MEAN, MEAN_LENGTH -> moments.mean();
          case STDDEV -> moments.deviation();
          default -> throw new IllegalStateException("No moment: " + this);
        });
  }

  private double fraction() {
    return switch (this) {
      case P05 -> 0.05;
      case P25 -> 0.25;
      case MEDIAN -> 0.5;
      case P75 -> 0.75;
      case P95 -> 0.95;
      default -> throw new IllegalStateException("No quantile: " + this);
    };
  }

  /**
   * One standard deviation of what the measure would differ by between two samples of the same, as
   * far as one of them tells: by chance, and by the error of its sketch.
   */
  double noise(ColumnProfile column) {
    return switch (this) {
      case ROWS -> Math.sqrt((double) column.values() + column.nulls());
      case BYTES -> 0;
      case NULL_FRACTION -> ofFraction(column.nulls(), column.values() + column.nulls());
      case NAN_FRACTION -> ofFraction(column.nans(), column.values());
      case DISTINCT -> {
        double distinct = column.distinctValues();
        double sketch = column.frequent() != null && column.frequent().exact() ? 0 : DISTINCT_ERROR;
        yield Math.max(distinct * sketch, Math.sqrt(distinct) / 2);
      }
      case P05, P25, MEDIAN, P75, P95 ->
          // Where many values are the same, the quantiles around are too.
          Math.max(ofQuantile(column.quantiles()), standardError(column.moments()));
      case MIN, MAX, MEAN, STDDEV -> ofMoment(column.moments());
      case MIN_LENGTH, MAX_LENGTH, MEAN_LENGTH -> ofMoment(column.lengths());
    };
  }

  /** With one more of each, so that none at all of few is not certain. */
  private static double ofFraction(long part, long whole) {
    double fraction = (part + 1.0) / (whole + 2.0);
    return Math.sqrt(fraction * (1 - fraction) / (whole + 2.0));
  }

  private double ofQuantile(@Nullable Quantiles quantiles) {
    if (quantiles == null) {
      return 0;
    }
    double fraction = fraction();
    double rank = Math.sqrt(fraction * (1 - fraction) / quantiles.count()) + RANK_ERROR;
    double[] around =
        quantiles.quantiles(Math.max(0, fraction - rank), Math.min(1, fraction + rank));
    return (around[1] - around[0]) / 2;
  }

  private static double standardError(@Nullable Moments moments) {
    return moments == null ? 0 : moments.deviation() / Math.sqrt((double) moments.count());
  }

  private double ofMoment(@Nullable Moments moments) {
    if (moments == null) {
      return 0;
    }
    return switch (this) {
      case MEAN, MEAN_LENGTH -> standardError(moments);
      case STDDEV -> moments.deviation() / Math.sqrt(2.0 * moments.count());
      default -> (moments.max() - moments.min()) * EDGE;
    };
  }
}
