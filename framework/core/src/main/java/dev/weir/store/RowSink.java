package dev.weir.store;

import org.jspecify.annotations.Nullable;

/** Takes rows one by one, where a list of them would be too much. */
@FunctionalInterface
public interface RowSink {
  /**
   * Takes a row.
   *
   * @param values in the order of the columns that were asked for, each of the class that {@link
   *     ColumnType} names, or null
   */
  void take(@Nullable Object[] values);
}
