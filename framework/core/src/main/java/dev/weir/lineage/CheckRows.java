package dev.weir.lineage;

import dev.weir.store.Row;

/** Verdicts as rows of {@code lineage.checks}, read back. */
public final class CheckRows {
  private CheckRows() {}

  /** The verdict as it was found, without what somebody decided about it since. */
  public static Fact.Check check(Row row) {
    return new Fact.Check(
        row.string("name"),
        row.string("subject"),
        row.text("column_name"),
        Boolean.TRUE.equals(row.get("passed")),
        row.number("row_count"),
        (Long) row.get("failed_row_count"),
        row.string("observed"),
        row.string("expected"),
        row.string("severity"),
        row.text("owner"),
        (Double) row.get("value"));
  }
}
