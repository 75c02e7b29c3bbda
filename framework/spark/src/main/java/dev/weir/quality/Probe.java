package dev.weir.quality;

import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * A check as it is asked of one dataset.
 *
 * @param name the check, such as {@code not-null}
 * @param column the column or columns, or null for the whole
 * @param broken true for rows that break it, else false or null; null for a check that is not of
 *     single rows
 * @param onFailure what becomes of rows that break it; those of other checks halt
 * @param judge finds the outcome in what a scan found
 * @param select what a query that shows what breaks it selects
 * @param rest that query from behind the table on
 * @param expectation the digest of the check's configuration
 */
record Probe(
    String name,
    @Nullable String column,
    Terms terms,
    @Nullable Column broken,
    OnFailure onFailure,
    Function<Figures, Outcome> judge,
    String select,
    String rest,
    String expectation) {

  /** Of a check that puts no rows aside, and is still to be named. */
  Probe(
      String name,
      @Nullable String column,
      Terms terms,
      @Nullable Column broken,
      Function<Figures, Outcome> judge,
      String select,
      String rest) {
    this(name, column, terms, broken, OnFailure.HALT, judge, select, rest, "");
  }

  /** The same for a check. */
  Probe of(Check check) {
    return new Probe(
        name, column, terms, broken, onFailure, judge, select, rest, Texts.digest((Record) check));
  }

  /**
   * What is found of a check.
   *
   * @param rows how many rows were looked at
   * @param failedRows how many of them break it, or null for a check of the whole
   * @param value what was found as a number, or null if there is none
   */
  record Outcome(
      boolean passed,
      long rows,
      @Nullable Long failedRows,
      @Nullable Double value,
      String observed,
      String expected) {}

  /** The check with its column, as reports name it. */
  String title() {
    return column == null ? name : name + " " + column;
  }

  /** A query that shows what breaks it. */
  String query(String table) {
    return "select %s from %s %s".formatted(select, table, rest).strip();
  }
}
