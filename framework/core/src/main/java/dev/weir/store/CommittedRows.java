package dev.weir.store;

import java.util.List;

/**
 * The rows that one commit added.
 *
 * @param version the commit's version
 * @param rows the rows, in the order in which they were written
 */
public record CommittedRows(long version, List<Row> rows) {
  public CommittedRows {
    rows = List.copyOf(rows);
  }
}
