package dev.weir.ml;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order and partitions that make a fit repeatable: distributed by the hash of a key and
 * sorted by it, so that files, cores and earlier shuffles leave no trace. Held in memory or on disk
 * until closed.
 */
final class TrainingRows implements AutoCloseable {
  private static final long PER_PARTITION = 500_000;

  private final Dataset<Row> rows;
  private final int partitions;
  private final long count;
  private final long dropped;

  private TrainingRows(Dataset<Row> rows, int partitions, long count, long dropped) {
    this.rows = rows;
    this.partitions = partitions;
    this.count = count;
    this.dropped = dropped;
  }

  Dataset<Row> rows() {
    return rows;
  }

  int partitions() {
    return partitions;
  }

  long count() {
    return count;
  }

  /** How many rows without a label were left out. */
  long dropped() {
    return dropped;
  }

  /**
   * Lays out a stage's rows, and in the same pass checks that the key is unique and that every row
   * has a label.
   *
   * @param dataset their reference, for messages
   */
  static TrainingRows of(Train train, Dataset<Row> from, String dataset) {
    String label = train.label();
    String key = train.key();
    Dataset<Row> labelled = from;
    if (label != null) {
      require(from, label, "label", dataset);
      labelled = numeric(from, label);
    }
    if (key != null) {
      require(from, key, "key", dataset);
    }
    // From Delta's own statistics: no data is read for it.
    long all = from.count();
    Column noLabel = label == null ? lit(false) : missing(labelled, label);
    Dataset<Row> used = train.dropNullLabels() ? labelled.filter(noLabel.unary_$bang()) : labelled;
    Integer asked = train.partitions();
    int partitions = asked != null ? asked : (int) Math.max(2, -Math.floorDiv(-all, PER_PARTITION));
    Column[] keys = keys(used, key);
    Dataset<Row> laidOut = used.repartition(partitions, keys).sortWithinPartitions(keys).persist();
    TrainingRows rows = null;
    try {
      rows = checked(train, laidOut, noLabel, partitions, all, dataset);
      return rows;
    } finally {
      if (rows == null) {
        laidOut.unpersist();
      }
    }
  }

  @Override
  public void close() {
    rows.unpersist();
  }

  private static TrainingRows checked(
      Train train, Dataset<Row> laidOut, Column noLabel, int partitions, long all, String dataset) {
    Column without = sum(when(noLabel, 1L).otherwise(0L));
    String key = train.key();
    Row found;
    if (key == null) {
      found = laidOut.agg(functions.count(lit(1)), without, lit(1L)).head();
    } else {
      // The rows of a key lie in one partition already: grouping moves nothing.
      found =
          laidOut
              .groupBy(Identifiers.column(key))
              .agg(functions.count(lit(1)).as("rows"), without.as("without"))
              .agg(sum("rows"), sum("without"), max("rows"))
              .head();
    }
    if (found.isNullAt(0) || found.getLong(0) == 0) {
      throw WeirException.data(
          "no-training-rows",
          all == 0
              ? "%s has no rows to train on.".formatted(dataset)
              : "None of the %,d rows of %s has a label in '%s'."
                  .formatted(all, dataset, train.label()),
          "Look at the stage that makes it.");
    }
    if (found.getLong(1) > 0) {
      throw WeirException.data(
          "null-labels",
          "%,d of the %,d rows of %s have no label in '%s'."
              .formatted(found.getLong(1), all, dataset, train.label()),
          "Leave them out before, or set drop-null-labels: true.");
    }
    if (found.getLong(2) > 1) {
      throw WeirException.data(
          "key-not-unique",
          "'%s' is not a key of %s: a value of it occurs %,d times."
              .formatted(key, dataset, found.getLong(2)),
          "A fit is repeatable only over a unique key: name another, or leave out key to order the rows by all columns.");
    }
    long count = found.getLong(0);
    return new TrainingRows(laidOut, partitions, count, all - count);
  }

  /** The key, or without one every column that has an order, from left to right. */
  private static Column[] keys(Dataset<Row> rows, @Nullable String key) {
    Stream<String> names =
        key != null
            ? Stream.of(key)
            : Stream.of(rows.schema().fields())
                .filter(field -> RowOrdering.isOrderable(field.dataType()))
                .map(StructField::name);
    return names.map(Identifiers::column).toArray(Column[]::new);
  }

  /** A boolean label as 0 and 1. */
  private static Dataset<Row> numeric(Dataset<Row> rows, String label) {
    return rows.schema().apply(label).dataType().equals(DataTypes.BooleanType)
        ? rows.withColumn(label, Identifiers.column(label).cast(DataTypes.DoubleType))
        : rows;
  }

  private static Column missing(Dataset<Row> rows, String label) {
    DataType type = rows.schema().apply(label).dataType();
    Column value = Identifiers.column(label);
    return type instanceof DoubleType || type instanceof FloatType
        ? value.isNull().or(value.isNaN())
        : value.isNull();
  }

  private static void require(Dataset<Row> rows, String column, String role, String dataset) {
    List<String> columns = List.of(rows.columns());
    if (!columns.contains(column)) {
      throw WeirException.user(
          "unknown-column",
          "%s has no column '%s' for %s%s"
              .formatted(dataset, column, role, Nearest.ending(column, columns)),
          "It has " + String.join(", ", columns) + ".");
    }
  }
}
