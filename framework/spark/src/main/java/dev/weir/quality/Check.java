package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Something that rows must satisfy to be accepted.
 *
 * <p>Nulls pass every check but not-null, as they do in SQL's constraints: what must be there and
 * what it must be are said separately. NaN is not null; it breaks every range, and is compared as
 * equal to NaN elsewhere. {@code threshold} is the fraction of rows that may break the check, 0
 * unless given. No rows break nothing, so an empty dataset passes all but a row count.
 */
public sealed interface Check {

  /** No value is null. Each column is judged by itself. */
  @Help("Values that may not be null.")
  record NotNull(
      @Help("The column, or a list of columns that are judged each by itself.") Columns notNull,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public NotNull {
      Objects.requireNonNull(notNull);
      requireFraction(threshold);
    }
  }

  /**
   * No two rows have the same values in all these columns. Rows with a null in one of them are not
   * compared. The rows that break it are those beyond the first with their values.
   */
  @Help("Columns whose values together are in one row only.")
  record Unique(
      @Help("The column, or the columns whose values together are in one row only.") Columns unique,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public Unique {
      Objects.requireNonNull(unique);
      requireFraction(threshold);
    }
  }

  /** Every value lies between the bounds, which are included unless {@code exclusive}. */
  @Help("Bounds that values lie between.")
  record Range(
      @Help("The column: of numbers, dates or timestamps.") String range,
      @Help("The lower bound; a time without an offset is in the session's time zone.")
          @Nullable Bound min,
      @Help("The upper bound.") @Nullable Bound max,
      @Help("Whether the bounds themselves are outside.") @Default("false") boolean exclusive,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public Range {
      requireColumn(range);
      if (min == null && max == null) {
        throw new IllegalArgumentException("give min, max or both");
      }
      requireFraction(threshold);
    }
  }

  /** Every value is one of these. */
  @Help("The only values that a column may have.")
  record Allowed(
      @Help("The column.") String allowed,
      @Help("The values, written as text; they are read by the column's type.") List<String> values,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public Allowed {
      requireColumn(allowed);
      values = List.copyOf(values);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("give at least one value");
      }
      requireFraction(threshold);
    }
  }

  /** Every value as a whole matches a regular expression of {@link Pattern}. */
  @Help("A regular expression that text matches as a whole.")
  record Matches(
      @Help("The column: of text.") String matches,
      @Help("A regular expression of Java's that the whole value matches.") String pattern,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public Matches {
      requireColumn(matches);
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "'%s' is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
      }
      requireFraction(threshold);
    }
  }

  /** How many rows there are. */
  @Help("How many rows there are.")
  record RowCount(@Help("The fewest and the most rows.") Limits rowCount) implements Check {
    public RowCount {
      Objects.requireNonNull(rowCount);
    }
  }

  /** A boolean SQL expression over one row is not false. */
  @Help("A boolean SQL expression over the columns that is not false.")
  record Expression(
      @Help("The expression: deterministic, without subqueries and aggregates.") String expression,
      @Help("What the check is called in reports; the expression itself unless given.")
          @Nullable String name,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold)
      implements Check {
    public Expression {
      requireColumn(expression);
      if (name != null && name.isBlank()) {
        throw new IllegalArgumentException("a name is not blank");
      }
      requireFraction(threshold);
    }
  }

  /** No value of these columns is null. */
  static NotNull notNull(String... columns) {
    return new NotNull(Columns.of(columns), 0);
  }

  /** No two rows have the same values in all these columns. */
  static Unique unique(String... columns) {
    return new Unique(Columns.of(columns), 0);
  }

  /** Every number is from {@code min} to {@code max}, both included; null for no bound. */
  static Range range(String column, @Nullable Number min, @Nullable Number max) {
    return new Range(
        column, min == null ? null : Bound.of(min), max == null ? null : Bound.of(max), false, 0);
  }

  /** Every value is from {@code min} to {@code max}, both included; null for no bound. */
  static Range range(String column, @Nullable String min, @Nullable String max) {
    return new Range(
        column,
        min == null ? null : Bound.parse(min),
        max == null ? null : Bound.parse(max),
        false,
        0);
  }

  /** Every value is one of these. */
  static Allowed allowed(String column, String... values) {
    return new Allowed(column, List.of(values), 0);
  }

  /** Every value as a whole matches a regular expression. */
  static Matches matches(String column, String pattern) {
    return new Matches(column, pattern, 0);
  }

  /** There are at least this many rows. */
  static RowCount rowCount(long min) {
    return new RowCount(new Limits(min, null));
  }

  /** There are from {@code min} to {@code max} rows. */
  static RowCount rowCount(long min, long max) {
    return new RowCount(new Limits(min, max));
  }

  /** A boolean SQL expression over one row is not false. */
  static Expression expression(String sql) {
    return new Expression(sql, null, 0);
  }

  private static void requireColumn(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the text is blank");
    }
  }

  private static void requireFraction(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold is a fraction from 0 to 1, not " + threshold);
    }
  }
}
