package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Durations;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import dev.weir.pipeline.Input;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Something that a dataset must satisfy to be accepted.
 *
 * <p>Nulls pass every check but not-null, as they do in SQL's constraints: what must be there and
 * what it must be are said separately. NaN is not null; it breaks every range, is compared as equal
 * to NaN elsewhere, and a statistic of numbers with a NaN among them is NaN, which lies within no
 * bounds. No rows break nothing, and a statistic of no values is none, which is not judged: an
 * empty dataset passes all but a number of rows or of distinct values, and freshness.
 */
public sealed interface Check {
  /** What it was told beside what must hold. */
  Terms terms();

  /** A check of single rows. */
  sealed interface OfRows extends Check {
    /** Which rows, and how many may break it. */
    Rows rows();

    @Override
    default Terms terms() {
      return rows().terms();
    }
  }

  /** No value is null. Each column is judged by itself. */
  @Help("Values that may not be null.")
  record NotNull(
      @Help("The column, or a list of columns that are judged each by itself.") Columns notNull,
      @Inline Rows rows)
      implements OfRows {
    public NotNull {
      Objects.requireNonNull(notNull);
    }

    /** All rows, of which a fraction may break it. */
    public NotNull(Columns notNull, double threshold) {
      this(notNull, Rows.upTo(threshold));
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
      @Inline Rows rows)
      implements OfRows {
    public Range {
      requireText(range);
      requireBound(min, max);
    }

    /** All rows, of which a fraction may break it. */
    public Range(
        String range,
        @Nullable Bound min,
        @Nullable Bound max,
        boolean exclusive,
        double threshold) {
      this(range, min, max, exclusive, Rows.upTo(threshold));
    }
  }

  /** Every value is one of these. */
  @Help("The only values that a column may have.")
  record Allowed(
      @Help("The column.") String allowed,
      @Help("The values, written as text; they are read by the column's type.") List<String> values,
      @Inline Rows rows)
      implements OfRows {
    public Allowed {
      requireText(allowed);
      values = List.copyOf(values);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("give at least one value");
      }
    }

    /** All rows, of which a fraction may break it. */
    public Allowed(String allowed, List<String> values, double threshold) {
      this(allowed, values, Rows.upTo(threshold));
    }
  }

  /** Every value as a whole matches a regular expression of {@link Pattern}. */
  @Help("A regular expression that text matches as a whole.")
  record Matches(
      @Help("The column: of text.") String matches,
      @Help("A regular expression of Java's that the whole value matches.") String pattern,
      @Inline Rows rows)
      implements OfRows {
    public Matches {
      requireText(matches);
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "'%s' is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
      }
    }
  }

  /** Every text is the writing of something: a number, an e-mail address. */
  @Help("What text is the writing of, such as numeric or email.")
  record Conforms(
      @Help("The column: of text.") String conforms,
      @Help("What each of its values is the writing of.") Format to,
      @Inline Rows rows)
      implements OfRows {
    public Conforms {
      requireText(conforms);
      Objects.requireNonNull(to);
    }
  }

  /** Every text is so long, in characters. */
  @Help("How many characters text has.")
  record Length(
      @Help("The column: of text.") String length,
      @Help("The fewest characters.") @Nullable Integer min,
      @Help("The most characters.") @Nullable Integer max,
      @Inline Rows rows)
      implements OfRows {
    public Length {
      requireText(length);
      requireBound(min, max);
      if ((min != null && min < 0) || (max != null && max < 0)) {
        throw new IllegalArgumentException("a number of characters is 0 or more");
      }
      if (min != null && max != null && min > max) {
        throw new IllegalArgumentException("min %d is more than max %d".formatted(min, max));
      }
    }
  }

  /** The values of two columns compare so in every row that has both. */
  @Help("How the values of two columns compare in each row.")
  record Compare(
      @Help("The column on the left.") String compare,
      @Help("How it compares to the other.") Comparison is,
      @Help("The column on the right.") String to,
      @Inline Rows rows)
      implements OfRows {
    public Compare {
      requireText(compare);
      Objects.requireNonNull(is);
      requireText(to);
    }
  }

  /** A boolean SQL expression over one row is not false. */
  @Help("A boolean SQL expression over the columns that is not false.")
  record Expression(
      @Help("The expression: deterministic, without subqueries and aggregates.") String expression,
      @Help("What the check is called in reports; the expression itself unless given.")
          @Nullable String name,
      @Inline Rows rows)
      implements OfRows {
    public Expression {
      requireText(expression);
      if (name != null && name.isBlank()) {
        throw new IllegalArgumentException("a name is not blank");
      }
    }

    /** All rows, of which a fraction may break it. */
    public Expression(String expression, @Nullable String name, double threshold) {
      this(expression, name, Rows.upTo(threshold));
    }
  }

  /**
   * No two rows have the same values in all these columns. Rows with a null in one of them are not
   * compared. The rows that break it are those beyond the first with their values.
   */
  @Help("Columns whose values together are in one row only.")
  record Unique(
      @Help("The column, or the columns whose values together are in one row only.") Columns unique,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold,
      @Inline Terms terms)
      implements Check {
    public Unique {
      Objects.requireNonNull(unique);
      Rows.requireFraction(threshold);
    }
  }

  /** Every value is in a column of another dataset. Rows with a null are not looked for. */
  @Help("Columns whose values together are all in another dataset.")
  record References(
      @Help("The column, or the columns whose values together are in the other dataset.")
          Columns references,
      @Help("The other dataset.") Input in,
      @Help("Its columns, in the same order; of the same names unless given.")
          @Nullable Columns columns,
      @Help("The fraction of rows that may break the check.") @Default("0") double threshold,
      @Inline Terms terms)
      implements Check {
    public References {
      Objects.requireNonNull(references);
      Objects.requireNonNull(in);
      if (columns != null && columns.names().size() != references.names().size()) {
        throw new IllegalArgumentException(
            "%d columns (%s) can't be looked for in %d (%s)"
                .formatted(references.names().size(), references, columns.names().size(), columns));
      }
      Rows.requireFraction(threshold);
    }

    /** Its columns, in the order of those that are looked for. */
    Columns there() {
      return columns == null ? references : columns;
    }
  }

  /** How many rows there are. */
  @Help("How many rows there are.")
  record RowCount(@Help("The fewest and the most rows.") Limits rowCount, @Inline Terms terms)
      implements Check {
    public RowCount {
      Objects.requireNonNull(rowCount);
    }

    /** All rows. */
    public RowCount(Limits rowCount) {
      this(rowCount, Terms.USUAL);
    }
  }

  /** A figure of a column lies between bounds, which are included. */
  @Help("Bounds of a figure of a column, such as its mean.")
  record Statistic(
      @Help("The figure.") Measure statistic,
      @Help("The column; two for a correlation and mutual information.") Columns of,
      @Help("Of a quantile: the fraction of values that are not greater, such as 0.5.")
          @Nullable Double at,
      @Help("The least that passes.") @Nullable Double min,
      @Help("The most that passes.") @Nullable Double max,
      @Inline Terms terms)
      implements Check {
    public Statistic {
      Objects.requireNonNull(statistic);
      Objects.requireNonNull(of);
      requireBound(min, max);
      if (min != null && max != null && !(min <= max)) {
        throw new IllegalArgumentException("min %s is more than max %s".formatted(min, max));
      }
      int columns = of.names().size();
      if (statistic.columns() > 0 && columns != statistic.columns()) {
        throw new IllegalArgumentException(
            "it is of %s, not of %s"
                .formatted(statistic.columns() == 1 ? "one column" : "two columns", of));
      }
      if ((statistic == Measure.QUANTILE) != (at != null)) {
        throw new IllegalArgumentException("'at' is given for a quantile, and only for one");
      }
      if (at != null && !(at >= 0 && at <= 1)) {
        throw new IllegalArgumentException("at is a fraction from 0 to 1, not " + at);
      }
    }
  }

  /** The newest value of a column of times is not long before the run began. */
  @Help("How old the newest value of a column may be when the run begins.")
  record Fresh(
      @Help("The column: of dates or timestamps.") String fresh,
      @Help("How long before the run began it may be.") Duration within,
      @Inline Terms terms)
      implements Check {
    public Fresh {
      requireText(fresh);
      if (within.isNegative() || within.isZero()) {
        throw new IllegalArgumentException(
            "within is longer than 0s, not " + Durations.text(within));
      }
    }
  }

  /** The columns are these, and of these types. */
  @Help("The columns that there are, with their types.")
  record Schema(
      @Help("Types by column, as SQL writes them.") Map<String, String> schema,
      @Help("What may differ: missing, added, retyped.") @Default("[]") Set<SchemaChange> allow,
      @Inline Terms terms)
      implements Check {
    public Schema {
      schema = Collections.unmodifiableMap(new LinkedHashMap<>(schema));
      allow = Set.copyOf(allow);
      if (schema.isEmpty()) {
        throw new IllegalArgumentException("name at least one column");
      }
      if (terms.where() != null) {
        throw new IllegalArgumentException("a schema has no where: it is of the whole dataset");
      }
    }
  }

  /** No value of these columns is null. */
  static NotNull notNull(String... columns) {
    return new NotNull(Columns.of(columns), Rows.ALL);
  }

  /** No two rows have the same values in all these columns. */
  static Unique unique(String... columns) {
    return new Unique(Columns.of(columns), 0, Terms.USUAL);
  }

  /** Every number is from {@code min} to {@code max}, both included; null for no bound. */
  static Range range(String column, @Nullable Number min, @Nullable Number max) {
    return new Range(
        column,
        min == null ? null : Bound.of(min),
        max == null ? null : Bound.of(max),
        false,
        Rows.ALL);
  }

  /** Every value is from {@code min} to {@code max}, both included; null for no bound. */
  static Range range(String column, @Nullable String min, @Nullable String max) {
    return new Range(
        column,
        min == null ? null : Bound.parse(min),
        max == null ? null : Bound.parse(max),
        false,
        Rows.ALL);
  }

  /** Every value is one of these. */
  static Allowed allowed(String column, String... values) {
    return new Allowed(column, List.of(values), Rows.ALL);
  }

  /** Every value as a whole matches a regular expression. */
  static Matches matches(String column, String pattern) {
    return new Matches(column, pattern, Rows.ALL);
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
    return new Expression(sql, null, Rows.ALL);
  }

  /** A figure of a column is from {@code min} to {@code max}, both included; null for no bound. */
  static Statistic statistic(
      Measure measure, String column, @Nullable Double min, @Nullable Double max) {
    return new Statistic(measure, Columns.of(column), null, min, max, Terms.USUAL);
  }

  private static void requireText(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the text is blank");
    }
  }

  private static void requireBound(@Nullable Object min, @Nullable Object max) {
    if (min == null && max == null) {
      throw new IllegalArgumentException("give min, max or both");
    }
  }
}
