package dev.weir.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table: values in the order of its columns.
 *
 * @param columns the names of the columns
 * @param values one value for each, of the class that {@link ColumnType} names, or null
 */
public record Row(List<String> columns, List<@Nullable Object> values) {
  public Row {
    columns = List.copyOf(columns);
    // List.copyOf refuses nulls.
    values = Collections.unmodifiableList(new ArrayList<>(values));
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(
          "%d columns have %d values".formatted(columns.size(), values.size()));
    }
  }

  /** The value of a column, or null; throws {@link IllegalArgumentException} for an unknown one. */
  public @Nullable Object get(String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException("No column is named " + column + " in " + columns);
    }
    return values.get(index);
  }

  /** A text, or null. */
  public @Nullable String text(String column) {
    return (String) get(column);
  }

  /** A text that is there. */
  public String string(String column) {
    return Objects.requireNonNull(text(column), column);
  }

  /** A 64-bit whole number that is there. */
  public long number(String column) {
    return (Long) Objects.requireNonNull(get(column), column);
  }

  /** A 32-bit whole number that is there. */
  public int integer(String column) {
    return (Integer) Objects.requireNonNull(get(column), column);
  }

  /** A moment, or null. */
  public @Nullable Instant instant(String column) {
    return (Instant) get(column);
  }
}
