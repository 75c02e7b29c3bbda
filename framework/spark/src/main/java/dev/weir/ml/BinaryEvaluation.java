package dev.weir.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Measures the probabilities of class 1.
 *
 * <p>The areas under the ROC and the precision-recall curve have a point for every distinct score
 * ({@link Areas}). No number depends on the order of rows and partitions. A row counts as predicted
 * positive above a score of 0.5. Log loss takes probabilities clipped to {@code [1e-15, 1 -
 * 1e-15]}, as MLlib's multiclass log loss does; the Brier score is the mean squared difference
 * (Brier 1950).
 */
final class BinaryEvaluation {
  private static final double CLIP = 1e-15;
  private static final String SCORE = "score";

  /** How many scores one task sorts; up to here there is one task and one job. */
  private static final long ROWS_A_RANGE = 1_000_000;

  private static final int MOST_RANGES = 10_000;

  private BinaryEvaluation() {}

  static Evaluation of(Dataset<Row> rows, Labels labels, @Nullable String best, String dataset) {
    Column label = labels.in(rows, dataset);
    Column score =
        Labels.number(
            rows,
            SCORE,
            dataset,
            "is the probability of class 1 that predict publishes for a classifier of two classes that gives probabilities");
    Column ideal =
        best == null
            ? lit(0.0)
            : Labels.number(rows, best, dataset, "is the best possible probability");
    Dataset<Row> narrow = rows.select(label.as("y"), score.as("s"), ideal.as("b")).persist();
    try {
      return measure(narrow, labels, best, dataset);
    } finally {
      narrow.unpersist();
    }
  }

  private static Evaluation measure(
      Dataset<Row> narrow, Labels labels, @Nullable String best, String dataset) {
    Column y = col("y");
    Column s = col("s");
    Column b = col("b");
    Column hit = s.gt(0.5);
    Row found =
        narrow
            .agg(
                count(lit(1)),
                howMany(y.isNull().or(y.isNaN())),
                howMany(s.isNull().or(s.isNaN())),
                howMany(y.isNotNull().and(y.notEqual(0.0)).and(y.notEqual(1.0))),
                howMany(s.lt(0.0).or(s.gt(1.0).and(s.isNaN().unary_$bang()))),
                howMany(b.isNull().or(b.isNaN()).or(b.lt(0.0)).or(b.gt(1.0))),
                howMany(y.equalTo(1.0)),
                howMany(y.equalTo(1.0).and(hit)),
                howMany(y.equalTo(0.0).and(hit)),
                Exactly.mean(logLoss(y, s)),
                Exactly.mean(squared(y, s)),
                Exactly.mean(logLoss(y, b)),
                Exactly.mean(squared(y, b)))
            .head();
    long rows = found.getLong(0);
    long positives = rows == 0 ? 0 : found.getLong(6);
    Labels.require(
        dataset,
        rows,
        rows == 0 ? 0 : found.getLong(1),
        labels.name(),
        rows == 0 ? 0 : found.getLong(2),
        SCORE);
    requireValid(found, labels, best, dataset);
    Double trained = labels.baselineMean();
    double rate = (double) positives / rows;
    double constant = trained == null ? rate : trained;
    long truePositives = found.getLong(7);
    long falsePositives = found.getLong(8);

    List<Measured> metrics = new ArrayList<>();
    List<Areas> curves =
        Areas.of(
            narrow.toJavaRDD(),
            best == null ? 1 : 2,
            positives,
            rows - positives,
            (int) Math.min(MOST_RANGES, 1 + rows / ROWS_A_RANGE));
    Areas areas = curves.get(0);
    Areas bestAreas = best == null ? null : curves.get(1);
    metrics.add(
        new Measured("auc-roc", areas.roc(), 0.5, bestAreas == null ? null : bestAreas.roc()));
    metrics.add(
        new Measured("auc-pr", areas.pr(), rate, bestAreas == null ? null : bestAreas.pr()));
    metrics.add(
        new Measured(
            "log-loss",
            found.getDouble(9),
            -(rate * Math.log(clip(constant)) + (1 - rate) * Math.log(1 - clip(constant))),
            best == null ? null : found.getDouble(11)));
    metrics.add(
        new Measured(
            "brier",
            found.getDouble(10),
            rate * (1 - constant) * (1 - constant) + (1 - rate) * constant * constant,
            best == null ? null : found.getDouble(12)));
    long right = truePositives + (rows - positives - falsePositives);
    metrics.add(
        new Measured("accuracy", (double) right / rows, constant > 0.5 ? rate : 1 - rate, null));
    metrics.add(
        new Measured(
            "precision", ratio(truePositives, truePositives + falsePositives), null, null));
    metrics.add(new Measured("recall", ratio(truePositives, positives), null, null));
    metrics.add(
        new Measured(
            "f1",
            ratio(2 * truePositives, positives + truePositives + falsePositives),
            null,
            null));
    metrics.add(new Measured("positive-rate", rate, constant, null));
    return new Evaluation(rows, metrics);
  }

  private static void requireValid(
      Row found, Labels labels, @Nullable String best, String dataset) {
    long rows = found.getLong(0);
    long positives = found.getLong(6);
    if (found.getLong(3) > 0) {
      throw WeirException.data(
          "label-not-binary",
          "%,d of the %,d rows of %s have a label in '%s' that is neither 0 nor 1."
              .formatted(found.getLong(3), rows, dataset, labels.name()),
          "Use task: multiclass, or turn the label into 0 and 1.");
    }
    if (found.getLong(4) > 0) {
      throw WeirException.data(
          "not-a-probability",
          "%,d of the %,d rows of %s have a '%s' outside 0 to 1."
              .formatted(found.getLong(4), rows, dataset, SCORE),
          "It has to be the probability of class 1.");
    }
    if (best != null && found.getLong(5) > 0) {
      throw WeirException.data(
          "not-a-probability",
          "%,d of the %,d rows of %s have no probability in '%s'."
              .formatted(found.getLong(5), rows, dataset, best),
          "best names a column with the true probability of class 1 in every row.");
    }
    if (positives == 0 || positives == rows) {
      throw WeirException.data(
          "one-class",
          "All %,d rows of %s have the label %d in '%s': the areas under the curves need both classes."
              .formatted(rows, dataset, positives == 0 ? 0 : 1, labels.name()),
          "Evaluate on more rows, or look whether the label is made right.");
    }
  }

  private static Column howMany(Column condition) {
    return sum(when(condition, 1L).otherwise(0L));
  }

  private static Column logLoss(Column y, Column p) {
    Column clipped = greatest(least(p, lit(1 - CLIP)), lit(CLIP));
    return when(y.equalTo(1.0), log(clipped))
        .otherwise(log(lit(1.0).minus(clipped)))
        .unary_$minus();
  }

  private static Column squared(Column y, Column p) {
    return p.minus(y).multiply(p.minus(y));
  }

  private static double clip(double p) {
    return Math.max(CLIP, Math.min(1 - CLIP, p));
  }

  /** A part of a whole; 0 of nothing, as MLlib has it. */
  private static double ratio(long part, long whole) {
    return whole == 0 ? 0.0 : (double) part / whole;
  }
}
