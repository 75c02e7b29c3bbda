package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Verdicts as rows of {@code lineage.checks}, read back. */
public final class CheckRows {
  private CheckRows() {}

  /** The verdict with what it was judged by, and with what somebody decided about it. */
  public static Fact.Check check(Row row) {
    return check(row, basis(row), row.text("overridden"));
  }

  /** What was found alone: by that, what somebody decides about it is known again. */
  static Fact.Check found(Row row) {
    return check(row, null, null);
  }

  private static Fact.Check check(
      Row row, Fact.@Nullable Basis basis, @Nullable String overridden) {
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
        (Double) row.get("value"),
        basis,
        overridden);
  }

  private static Fact.@Nullable Basis basis(Row row) {
    String expectation = row.text("expectation");
    String learned = row.text("learned_from");
    if (expectation == null) {
      return null;
    }
    try {
      return new Fact.Basis(
          expectation,
          (Double) row.get("expected_low"),
          (Double) row.get("expected_high"),
          learned == null
              ? List.of()
              : Facts.json().readValue(learned, new TypeReference<List<String>>() {}));
    } catch (JsonProcessingException e) {
      throw new WeirException(
          "lineage-damaged",
          ErrorKind.DATA,
          "What lineage.checks says that the check %s of %s was learned from can't be read: %s"
              .formatted(row.string("name"), row.string("subject"), e.getMessage()),
          "Make the lineage tables anew: ./weir lineage rebuild.",
          e);
    }
  }
}
