package dev.weir.feature;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import dev.weir.config.Help;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.session.Identifiers;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Splits a dataset into what trains and what tests, by time or by the hash of a key. Metrics: the
 * rows of each side, and those left out because they are later than both.
 *
 * @param from what is split
 * @param train what trains
 * @param test what tests
 * @param by what decides
 */
@Help("Splits a dataset into what trains and what tests.")
public record Split(
    @Help("The dataset to split.") Input from,
    @Help("The dataset that trains.") Output train,
    @Help("The dataset that tests.") Output test,
    @Help("What decides: { time: column, at: 2025-04-01 } or { hash: key, train: 0.8 }.")
        SplitBy by)
    implements Stage {
  public Split {
    Objects.requireNonNull(from);
    Objects.requireNonNull(train);
    Objects.requireNonNull(test);
    Objects.requireNonNull(by);
    if (train.equals(test)) {
      throw new IllegalArgumentException("train and test are two datasets, not twice " + train);
    }
  }

  /** Two conditions that are never true together. */
  private record Sides(Column train, Column test) {}

  @Override
  public void run(StageContext context) {
    Dataset<Row> rows = context.read(from);
    Sides sides;
    if (by instanceof SplitBy.Time time) {
      sides = byTime(rows, time);
      requireSides(context, rows, sides, time.time());
    } else {
      SplitBy.Hash hash = (SplitBy.Hash) by;
      sides = byHash(rows, hash);
      requireSides(context, rows, sides, hash.hash().get(0));
    }
    context.metric("train_rows", (double) context.write(train, rows.where(sides.train())).rows());
    context.metric("test_rows", (double) context.write(test, rows.where(sides.test())).rows());
  }

  private Sides byTime(Dataset<Row> rows, SplitBy.Time time) {
    Column column = column(rows, time.time());
    DataType type = rows.select(column).schema().fields()[0].dataType();
    Column train = column.lt(moment(time, "at", time.at(), type));
    Column test = column.geq(moment(time, "at", time.at(), type));
    if (time.until() != null) {
      test = test.and(column.lt(moment(time, "until", time.until(), type)));
    }
    return new Sides(train, test);
  }

  private Column moment(SplitBy.Time time, String key, String text, DataType type) {
    LocalDateTime moment = SplitBy.Time.moment(key, text);
    if (type.equals(DataTypes.DateType)) {
      if (!moment.equals(moment.toLocalDate().atStartOfDay())) {
        throw WeirException.user(
            "split-type",
            "The column '%s' of %s has dates, and %s is a time of day: %s."
                .formatted(time.time(), from.name(), key, text),
            "Give a date.");
      }
      return lit(moment.toLocalDate());
    }
    if (type.equals(DataTypes.TimestampType)) {
      return lit(moment.toInstant(ZoneOffset.UTC));
    }
    if (type.equals(DataTypes.TimestampNTZType)) {
      return lit(moment);
    }
    throw WeirException.user(
        "split-type",
        "The column '%s' of %s is of type %s: a split by time needs dates or timestamps."
            .formatted(time.time(), from.name(), type.simpleString()),
        "Cast it in an sql stage before this one.");
  }

  private Sides byHash(Dataset<Row> rows, SplitBy.Hash hash) {
    List<Column> parts = new ArrayList<>();
    parts.add(lit(hash.salt()));
    for (String key : hash.hash()) {
      Column column = column(rows, key);
      // As text, so that a key hashes alike as int and as bigint; with a flag, since a hash passes
      // over nulls.
      parts.add(column.isNull());
      parts.add(coalesce(column.cast(DataTypes.StringType), lit("")));
    }
    Column fraction =
        shiftrightunsigned(xxhash64(parts.toArray(Column[]::new)), 11)
            .cast(DataTypes.DoubleType)
            .multiply(lit(0x1.0p-53));
    return new Sides(fraction.lt(lit(hash.train())), fraction.geq(lit(hash.train())));
  }

  private Column column(Dataset<Row> rows, String name) {
    if (!Arrays.asList(rows.columns()).contains(name)) {
      throw WeirException.user(
          "unknown-column",
          "%s has no column '%s'%s"
              .formatted(from.name(), name, Nearest.ending(name, Arrays.asList(rows.columns()))),
          "It has " + String.join(", ", rows.columns()) + ".");
    }
    return Identifiers.column(name);
  }

  /** Checks that no row is lost for want of a value and that both sides have some. */
  private void requireSides(StageContext context, Dataset<Row> rows, Sides sides, String name) {
    Column column = column(rows, name);
    boolean time = by instanceof SplitBy.Time;
    Row found =
        rows.agg(
                count(lit(1)),
                count(column),
                count_if(sides.train()),
                count_if(sides.test()),
                min(column).cast(DataTypes.StringType),
                max(column).cast(DataTypes.StringType))
            .head();
    long all = found.getLong(0);
    long without = all - found.getLong(1);
    if (time && without > 0) {
      throw WeirException.data(
          "split-without-time",
          "%d of %d rows of %s have no %s, so they are on no side."
              .formatted(without, all, from.name(), name),
          "Give them one or leave them out in an sql stage before this one.");
    }
    for (int side = 2; side <= 3; side++) {
      if (found.getLong(side) == 0) {
        throw WeirException.data(
            "empty-split",
            "No row of %s goes into %s: it has %d rows, %s from %s to %s."
                .formatted(
                    from.name(), side == 2 ? train : test, all, name, found.get(4), found.get(5)),
            time ? "Split at a time between these." : "Check the key and the fraction.");
      }
    }
    context.metric("left-out-rows", (double) (all - found.getLong(2) - found.getLong(3)));
  }
}
