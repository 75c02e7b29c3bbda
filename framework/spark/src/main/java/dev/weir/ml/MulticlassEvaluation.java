package dev.weir.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * Measures predicted classes, from the table of label against prediction that one pass gives.
 *
 * <p>Precision, recall and F1 are weighted by the true classes' sizes, as MLlib's {@code
 * MulticlassMetrics} has them; the log loss is the mean of {@code -log} of the true class's
 * probability, clipped at 1e-15. No number depends on the order of rows and partitions.
 */
final class MulticlassEvaluation {
  private static final double CLIP = 1e-15;
  private static final int MOST_CELLS = 1_000_000;

  private MulticlassEvaluation() {}

  static Evaluation of(Dataset<Row> rows, Labels labels, String dataset) {
    Column label = labels.in(rows, dataset);
    Column prediction =
        Labels.number(rows, "prediction", dataset, "is the class that predict publishes");
    boolean probable = List.of(rows.columns()).contains("probability");
    List<Row> cells =
        rows.select(
                label.as("y"), prediction.as("p"), (probable ? loss(label) : lit(0.0)).as("loss"))
            .groupBy("y", "p")
            .agg(count(lit(1)), Exactly.sum(col("loss")))
            .limit(MOST_CELLS)
            .collectAsList();
    Table table = Table.of(cells, labels, dataset);
    Table baseline = table;
    if (labels.baseline() != null) {
      Dataset<Row> other = labels.baseline();
      Column y = labels.in(other, "the baseline");
      baseline =
          Table.of(
              other
                  .filter(y.isNotNull())
                  .groupBy(y.as("y"))
                  .agg(count(lit(1)))
                  .select(col("y"), col("y"), col("count(1)"), lit(0.0))
                  .collectAsList(),
              labels,
              "the baseline");
    }
    return new Evaluation(table.rows, table.measure(baseline, probable));
  }

  /** -log of the probability of the row's class, or null where there is none. */
  private static Column loss(Column label) {
    Column probability = col("probability");
    Column index = label.cast(DataTypes.IntegerType).plus(1);
    Column known = label.geq(0.0).and(label.lt(size(probability)));
    return when(known, log(greatest(element_at(probability, index), lit(CLIP))).unary_$minus())
        .otherwise(lit(-Math.log(CLIP)));
  }

  /** Counts by true and predicted class. */
  private static final class Table {
    private final Map<Double, Long> truth = new TreeMap<>();
    private final Map<Double, Long> predicted = new TreeMap<>();
    private final Map<Double, Long> right = new TreeMap<>();
    private long rows;
    private final ExactSum loss = new ExactSum();

    static Table of(List<Row> cells, Labels labels, String dataset) {
      Table table = new Table();
      long noLabel = 0;
      long bad = 0;
      long wrong = 0;
      for (Row cell : cells) {
        long count = cell.getLong(2);
        table.rows += count;
        if (cell.isNullAt(0) || Double.isNaN(cell.getDouble(0))) {
          noLabel += count;
        } else if (cell.isNullAt(1)
            || Double.isNaN(cell.getDouble(1))
            || cell.isNullAt(3)
            || Double.isNaN(cell.getDouble(3))) {
          bad += count;
        } else if (cell.getDouble(0) < 0 || cell.getDouble(0) != Math.rint(cell.getDouble(0))) {
          wrong += count;
        } else {
          table.add(cell.getDouble(0), cell.getDouble(1), count, cell.getDouble(3));
        }
      }
      Labels.require(dataset, table.rows, noLabel, labels.name(), bad, "prediction");
      if (wrong > 0) {
        throw WeirException.data(
            "label-not-a-class",
            "%,d of the %,d rows of %s have a label in '%s' that is not a class: 0, 1, 2 and so on."
                .formatted(wrong, table.rows, dataset, labels.name()),
            "Use task: regression, or number the classes.");
      }
      return table;
    }

    private void add(double y, double p, long count, double lossOfCell) {
      truth.merge(y, count, Long::sum);
      predicted.merge(p, count, Long::sum);
      loss.add(lossOfCell);
      if (y == p) {
        right.merge(y, count, Long::sum);
      }
    }

    List<Measured> measure(Table baseline, boolean probable) {
      double precision = 0;
      double recall = 0;
      double f1 = 0;
      long hits = 0;
      for (Map.Entry<Double, Long> of : truth.entrySet()) {
        long hit = right.getOrDefault(of.getKey(), 0L);
        long named = predicted.getOrDefault(of.getKey(), 0L);
        double weight = (double) of.getValue() / rows;
        precision += weight * (named == 0 ? 0 : (double) hit / named);
        recall += weight * hit / of.getValue();
        f1 += weight * 2.0 * hit / (of.getValue() + named);
        hits += hit;
      }
      List<Measured> metrics = new ArrayList<>();
      metrics.add(new Measured("accuracy", (double) hits / rows, constantAccuracy(baseline), null));
      if (probable) {
        metrics.add(new Measured("log-loss", loss.sum() / rows, constantLoss(baseline), null));
      }
      metrics.add(new Measured("precision", precision, null, null));
      metrics.add(new Measured("recall", recall, null, null));
      metrics.add(new Measured("f1", f1, null, null));
      return metrics;
    }

    /** Of always saying the baseline's most frequent class. */
    private double constantAccuracy(Table baseline) {
      double most =
          baseline.truth.entrySet().stream()
              .max(Map.Entry.comparingByValue())
              .orElseThrow()
              .getKey();
      return (double) truth.getOrDefault(most, 0L) / rows;
    }

    /** Of always giving the baseline's rates. */
    private double constantLoss(Table baseline) {
      double sum = 0;
      for (Map.Entry<Double, Long> of : truth.entrySet()) {
        double rate = (double) baseline.truth.getOrDefault(of.getKey(), 0L) / baseline.rows;
        sum -= of.getValue() * Math.log(Math.max(CLIP, rate));
      }
      return sum / rows;
    }
  }
}
