package dev.weir.ml;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Measures predicted numbers: root mean squared and mean absolute error, the share of variance
 * explained (R²), and the mean absolute relative error where no label is 0. No number depends on
 * the order of rows and partitions.
 */
final class RegressionEvaluation {
  private RegressionEvaluation() {}

  static Evaluation of(Dataset<Row> rows, Labels labels, String dataset) {
    Column label = labels.in(rows, dataset);
    Column prediction =
        Labels.number(rows, "prediction", dataset, "is the value that predict publishes");
    Dataset<Row> narrow = rows.select(label.as("y"), prediction.as("p")).persist();
    try {
      return measure(narrow, labels, dataset);
    } finally {
      narrow.unpersist();
    }
  }

  private static Evaluation measure(Dataset<Row> narrow, Labels labels, String dataset) {
    Column y = col("y");
    Column error = col("p").minus(y);
    Row found =
        narrow
            .agg(
                count(lit(1)),
                howMany(y.isNull().or(y.isNaN())),
                howMany(col("p").isNull().or(col("p").isNaN())),
                Exactly.mean(error.multiply(error)),
                Exactly.mean(abs(error)),
                Exactly.mean(y),
                Exactly.mean(when(y.notEqual(0.0), abs(error.divide(y)))),
                howMany(y.equalTo(0.0)))
            .head();
    long rows = found.getLong(0);
    Labels.require(
        dataset,
        rows,
        rows == 0 ? 0 : found.getLong(1),
        labels.name(),
        rows == 0 ? 0 : found.getLong(2),
        "prediction");
    Double trained = labels.baselineMean();
    double mean = found.getDouble(5);
    double constant = trained == null ? mean : trained;
    Row away =
        narrow
            .agg(
                Exactly.mean(abs(y.minus(lit(constant)))),
                Exactly.mean(when(y.notEqual(0.0), abs(y.minus(lit(constant)).divide(y)))),
                Exactly.mean(y.minus(lit(mean)).multiply(y.minus(lit(mean)))))
            .head();
    double variance = away.getDouble(2);
    double constantSquared = variance + (mean - constant) * (mean - constant);

    List<Measured> metrics = new ArrayList<>();
    double squared = found.getDouble(3);
    metrics.add(new Measured("rmse", Math.sqrt(squared), Math.sqrt(constantSquared), null));
    metrics.add(new Measured("mae", found.getDouble(4), away.getDouble(0), null));
    if (variance > 0) {
      metrics.add(new Measured("r2", 1 - squared / variance, 1 - constantSquared / variance, null));
    }
    if (found.getLong(7) == 0) {
      metrics.add(new Measured("mape", found.getDouble(6), away.getDouble(1), null));
    }
    return new Evaluation(rows, metrics);
  }

  private static Column howMany(Column condition) {
    return sum(when(condition, 1L).otherwise(0L));
  }
}
