package dev.weir.quality;

import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * A check as it is asked of one dataset.
 *
 * @param name the check, such as {@code not-null}
 * @param column the column or columns, or null for the whole
 * @param failed an aggregate: how many rows break it; null for a check of the row count
 * @param limits what the row count must be, or null for a check of rows
 * @param threshold the fraction of rows that may break it
 * @param broken what rows that break it do, such as {@code are null}
 * @param select what a query for the rows that break it selects
 * @param where the rest of that query, from {@code where} on
 */
record Probe(
    String name,
    @Nullable String column,
    @Nullable Column failed,
    @Nullable Limits limits,
    double threshold,
    String broken,
    String select,
    String where) {

  /** A probe of single rows, by an SQL condition for those that break it. */
  static Probe ofRows(
      String name,
      @Nullable String column,
      Column failed,
      double threshold,
      String broken,
      String where) {
    return new Probe(name, column, failed, null, threshold, broken, "*", "where " + where);
  }

  /** The check with its column, as reports name it. */
  String title() {
    return column == null ? name : name + " " + column;
  }

  /** A query for the rows that break it. */
  String query(String table) {
    return "select %s from %s %s".formatted(select, table, where).strip();
  }
}
