package dev.weir.profile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is in a column.
 *
 * @param type as SQL writes it, such as {@code decimal(10,2)}
 * @param values how many values there are that are not null, NaN among them
 * @param nans how many of the values are NaN; nothing below counts them
 * @param moments of numbers, of dates as days and of times as microseconds since 1970; null if
 *     there are none
 * @param quantiles of the same; null if there are none
 * @param min the first text in the order of UTF-8's bytes, cut after {@link #TEXT} characters; null
 *     if there is none
 * @param max the last text
 * @param lengths of texts in characters
 * @param distinct how many different values there are; null if there are none, or they are not
 *     looked into
 * @param frequent the most frequent values: texts cut after {@link #TEXT} characters, dates and
 *     times in ISO's form
 * @param patterns the most frequent shapes of texts, such as {@code AA-999}
 */
public record ColumnProfile(
    String name,
    String type,
    ValueKind kind,
    long values,
    long nulls,
    long nans,
    @Nullable Moments moments,
    @Nullable Quantiles quantiles,
    @Nullable String min,
    @Nullable String max,
    @Nullable Moments lengths,
    @Nullable Distinct distinct,
    @Nullable Frequencies frequent,
    @Nullable Frequencies patterns) {
  /** How many characters of a text are kept. */
  public static final int TEXT = 100;

  /** What a text ends with that was cut. */
  static final String CUT = "…";

  private static final int KEPT_VALUES = 64;
  private static final int KEPT_PATTERNS = 16;

  public ColumnProfile {
    if (values < 0 || nulls < 0 || nans < 0 || nans > values) {
      throw new IllegalArgumentException(
          "Column %s has %d values, %d of them NaN, and %d nulls"
              .formatted(name, values, nans, nulls));
    }
  }

  /** The fraction of rows that are null; 0 of no rows. */
  public double nullFraction() {
    return nulls == 0 ? 0 : (double) nulls / (values + nulls);
  }

  /** Whether it is known how many different values there are. */
  public boolean countsDistinct() {
    return distinct != null || frequent != null || values == nans;
  }

  /** How many different values there are: exactly if few, else nearly. */
  public double distinctValues() {
    // Those that were cut may have been different.
    if (frequent != null
        && frequent.exact()
        && frequent.items().stream().noneMatch(item -> item.value().endsWith(CUT))) {
      return frequent.items().size();
    }
    return distinct == null ? 0 : distinct.estimate();
  }

  /** The first of texts, or the first day or time in ISO's form; null for anything else. */
  public @Nullable String first() {
    return moments == null || kind.isNumber() ? min : kind.text((long) moments.min());
  }

  /** The last of texts, or the last day or time in ISO's form; null for anything else. */
  public @Nullable String last() {
    return moments == null || kind.isNumber() ? max : kind.text((long) moments.max());
  }

  ColumnProfile merge(ColumnProfile other) {
    if (kind != other.kind) {
      return new ColumnProfile(
          name,
          type,
          ValueKind.OTHER,
          values + other.values,
          nulls + other.nulls,
          nans + other.nans,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null);
    }
    return new ColumnProfile(
        name,
        type,
        kind,
        values + other.values,
        nulls + other.nulls,
        nans + other.nans,
        both(moments, other.moments, Moments::merge),
        both(quantiles, other.quantiles, Quantiles::merge),
        outer(min, other.min, -1),
        outer(max, other.max, 1),
        both(lengths, other.lengths, Moments::merge),
        both(distinct, other.distinct, Distinct::merge),
        both(frequent, other.frequent, Frequencies::merge),
        both(patterns, other.patterns, Frequencies::merge));
  }

  ColumnProfile withMoreNulls(long more) {
    return new ColumnProfile(
        name,
        type,
        kind,
        values,
        nulls + more,
        nans,
        moments,
        quantiles,
        min,
        max,
        lengths,
        distinct,
        frequent,
        patterns);
  }

  ColumnProfile kept() {
    return new ColumnProfile(
        name,
        type,
        kind,
        values,
        nulls,
        nans,
        moments,
        quantiles,
        min,
        max,
        lengths,
        distinct,
        frequent == null ? null : frequent.kept(KEPT_VALUES),
        patterns == null ? null : patterns.kept(KEPT_PATTERNS));
  }

  /** The same with no sketch but those that some measures are taken from. */
  ColumnProfile only(Set<Measure> measures) {
    boolean ranks = measures.stream().anyMatch(Measure::isQuantile);
    return new ColumnProfile(
        name,
        type,
        kind,
        values,
        nulls,
        nans,
        moments,
        ranks ? quantiles : null,
        min,
        max,
        lengths,
        measures.contains(Measure.DISTINCT) ? distinct : null,
        null,
        null);
  }

  private static <T> @Nullable T both(@Nullable T one, @Nullable T other, BinaryOperator<T> merge) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return merge.apply(one, other);
  }

  /** The text that comes first in the order times {@code sign}. */
  private static @Nullable String outer(@Nullable String one, @Nullable String other, int sign) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    int order =
        Arrays.compareUnsigned(
            one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    return order * sign >= 0 ? one : other;
  }
}
