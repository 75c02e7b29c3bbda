package dev.weir.store;

import io.delta.kernel.expressions.And;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one column. Files whose statistics rule it out are not read; in the others each
 * row is looked at. A null never meets it.
 *
 * @param value of the class that the column's {@link ColumnType} names
 */
public record Filter(String column, Comparison comparison, Object value) {
  /** How a column is compared. */
  public enum Comparison {
    /** The column equals the value. */
    EQUAL("="),
    /** The column is the value or more. */
    AT_LEAST(">="),
    /** The column is the value or less. */
    AT_MOST("<=");

    private final String operator;

    Comparison(String operator) {
      this.operator = operator;
    }
  }

  public Filter {
    Objects.requireNonNull(column);
    Objects.requireNonNull(comparison);
    Objects.requireNonNull(value);
  }

  /** The column equals the value. */
  public static Filter equal(String column, Object value) {
    return new Filter(column, Comparison.EQUAL, value);
  }

  /** The column is the value or more. */
  public static Filter atLeast(String column, Object value) {
    return new Filter(column, Comparison.AT_LEAST, value);
  }

  /** The column is the value or less. */
  public static Filter atMost(String column, Object value) {
    return new Filter(column, Comparison.AT_MOST, value);
  }

  /** Whether a column's value meets the condition. */
  public boolean matches(@Nullable Object found) {
    if (found == null) {
      return false;
    }
    if (comparison == Comparison.EQUAL) {
      return found.equals(value);
    }
    @SuppressWarnings("unchecked")
    int order = ((Comparable<Object>) found).compareTo(value);
    return comparison == Comparison.AT_LEAST ? order >= 0 : order <= 0;
  }

  /** All of them, as Kernel's predicate for skipping files; empty when there are none. */
  static Optional<Predicate> predicate(List<Filter> filters) {
    return filters.stream().map(Filter::predicate).reduce(And::new);
  }

  private Predicate predicate() {
    return new Predicate(
        comparison.operator, new io.delta.kernel.expressions.Column(column), literal());
  }

  private Literal literal() {
    if (value instanceof String text) {
      return Literal.ofString(text);
    } else if (value instanceof Integer number) {
      return Literal.ofInt(number);
    } else if (value instanceof Long number) {
      return Literal.ofLong(number);
    } else if (value instanceof Double number) {
      return Literal.ofDouble(number);
    } else if (value instanceof Boolean truth) {
      return Literal.ofBoolean(truth);
    } else if (value instanceof Instant instant) {
      return Literal.ofTimestamp(RowBatch.micros(instant));
    }
    throw new IllegalArgumentException("No filter compares a " + value.getClass().getName());
  }
}
