package dev.weir.ml;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.jspecify.annotations.Nullable;

/**
 * The label of an evaluation.
 *
 * @param baseline the rows whose label gives the constant prediction, or null for the predictions'
 *     own
 */
record Labels(String name, @Nullable Dataset<Row> baseline) {
  /** The label as a double; a boolean counts as 0 and 1. */
  Column in(Dataset<Row> rows, String dataset) {
    return number(rows, name, dataset, "is the label");
  }

  /** A column of numbers as doubles; says why if there is none. */
  static Column number(Dataset<Row> rows, String column, String dataset, String role) {
    DataType type = type(rows, column, dataset, role);
    if (!(type instanceof NumericType) && !(type instanceof BooleanType)) {
      throw WeirException.user(
          "not-a-number",
          "Column '%s' of %s %s and holds %s, not numbers."
              .formatted(column, dataset, role, type.catalogString()),
          "Turn it into numbers where the dataset is made, in a sql stage for one.");
    }
    return Identifiers.column(column).cast(DataTypes.DoubleType);
  }

  /** The type of a column; says what there is if it is missing. */
  static DataType type(Dataset<Row> rows, String column, String dataset, String role) {
    List<String> columns = List.of(rows.columns());
    if (!columns.contains(column)) {
      throw WeirException.user(
          "unknown-column",
          "%s has no column '%s', which %s%s"
              .formatted(dataset, column, role, Nearest.ending(column, columns)),
          "It has " + String.join(", ", columns) + ".");
    }
    return rows.schema().apply(column).dataType();
  }

  /** The mean of the label in the baseline's rows, or null if there are none to ask. */
  @Nullable Double baselineMean() {
    if (baseline == null) {
      return null;
    }
    Row mean = baseline.agg(Exactly.mean(in(baseline, "the baseline"))).head();
    if (mean.isNullAt(0)) {
      throw WeirException.data(
          "no-labels",
          "The baseline has no row with a label in '%s'.".formatted(name),
          "Look at the stage that makes it.");
    }
    return mean.getDouble(0);
  }

  /** Refuses no rows, and rows without a label or a usable prediction. */
  static void require(
      String dataset, long rows, long noLabel, String label, long bad, String column) {
    if (rows == 0) {
      throw WeirException.data(
          "no-predictions",
          "%s has no rows to evaluate.".formatted(dataset),
          "Look at the stages that make it.");
    }
    if (noLabel > 0) {
      throw WeirException.data(
          "null-labels",
          "%,d of the %,d rows of %s have no label in '%s'."
              .formatted(noLabel, rows, dataset, label),
          "Leave out rows whose label is not known yet.");
    }
    if (bad > 0) {
      throw WeirException.data(
          "null-predictions",
          "%,d of the %,d rows of %s have null or NaN in '%s'."
              .formatted(bad, rows, dataset, column),
          "Look for missing values in the features that the model was given.");
    }
  }
}
