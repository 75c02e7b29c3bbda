package dev.weir.ml;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.error.GateException;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Measures predictions against what came true, beside what a constant prediction reaches, and halts
 * the run where a metric misses its gate.
 *
 * <p>The metrics are written before the verdict, so that they can be looked at; a stage that its
 * gate halts publishes nothing, so that nothing downstream reads them.
 *
 * @param gate bounds by the name of a metric of the task
 */
@Help("Measures predictions, and halts the run where a metric misses its gate.")
public record Evaluate(
    @Help("The predictions: a dataset with the columns of predict and the label.") Input from,
    @Help("The dataset to publish: one row a metric.") Output into,
    @Help("The model that predicted; the metrics are noted as its own.") @Nullable ModelInput model,
    @Help("The column that came true.") String label,
    @Help("What is predicted: binary, multiclass or regression.") Task task,
    @Help("Bounds that a metric has to keep, by its name.") @Default("{}") Map<String, Bounds> gate,
    @Help(
            "A dataset whose label gives the constant prediction, such as the training data; the predictions' own unless given.")
        @Nullable Input baseline,
    @Help("A column with the true probability of class 1, where it is known.")
        @Nullable String best)
    implements Stage {
  static final StructType SCHEMA =
      new StructType()
          .add("metric", DataTypes.StringType, false)
          .add("value", DataTypes.DoubleType, false)
          .add("baseline", DataTypes.DoubleType, true)
          .add("best", DataTypes.DoubleType, true)
          .add("gate_min", DataTypes.DoubleType, true)
          .add("gate_max", DataTypes.DoubleType, true)
          .add("passed", DataTypes.BooleanType, true);

  /** Checks the gate's names; throws {@link IllegalArgumentException} with the nearest one. */
  public Evaluate {
    Objects.requireNonNull(from);
    Objects.requireNonNull(into);
    Objects.requireNonNull(label);
    Objects.requireNonNull(task);
    gate = Collections.unmodifiableMap(new TreeMap<>(gate));
    for (String name : gate.keySet()) {
      if (!task.metrics().contains(name)) {
        throw new IllegalArgumentException(
            "gate names the metric '%s', which task %s does not have%s; it has %s"
                .formatted(
                    name,
                    named(task),
                    Nearest.hint(name, task.metrics()),
                    String.join(", ", task.metrics())));
      }
    }
    if (best != null && task != Task.BINARY) {
      throw new IllegalArgumentException(
          "best is a probability of class 1: it goes with task binary, not " + named(task));
    }
  }

  /** A binary classifier's predictions, without a gate yet. */
  public static Evaluate binary(Input from, Output into, ModelInput model, String label) {
    return new Evaluate(from, into, model, label, Task.BINARY, Map.of(), null, null);
  }

  /** A classifier of several classes, without a gate yet. */
  public static Evaluate multiclass(Input from, Output into, ModelInput model, String label) {
    return new Evaluate(from, into, model, label, Task.MULTICLASS, Map.of(), null, null);
  }

  /** A regression's predictions, without a gate yet. */
  public static Evaluate regression(Input from, Output into, ModelInput model, String label) {
    return new Evaluate(from, into, model, label, Task.REGRESSION, Map.of(), null, null);
  }

  /** The same with a bound that a metric has to keep. */
  public Evaluate withGate(String metric, Bounds bounds) {
    Map<String, Bounds> more = new TreeMap<>(gate);
    more.put(metric, bounds);
    return new Evaluate(from, into, model, label, task, more, baseline, best);
  }

  /** The same with the constant prediction taken from a dataset's label. */
  public Evaluate withBaseline(Input dataset) {
    return new Evaluate(from, into, model, label, task, gate, dataset, best);
  }

  /** The same beside the best possible prediction. */
  public Evaluate withBest(String column) {
    return new Evaluate(from, into, model, label, task, gate, baseline, column);
  }

  @Override
  public void run(StageContext context) {
    String dataset = context.version(from).reference();
    String subject = model == null ? dataset : context.version(model).reference();
    Labels labels = new Labels(label, baseline == null ? null : context.read(baseline));
    Evaluation evaluation =
        switch (task) {
          case BINARY -> BinaryEvaluation.of(context.read(from), labels, best, dataset);
          case MULTICLASS -> MulticlassEvaluation.of(context.read(from), labels, dataset);
          case REGRESSION -> RegressionEvaluation.of(context.read(from), labels, dataset);
        };
    context.write(into, rows(context, evaluation.metrics()));
    context.metric("rows", (double) evaluation.rows(), subject);
    for (Measured metric : evaluation.metrics()) {
      note(context, metric, subject);
    }
    judge(context, evaluation, subject, dataset);
  }

  private static void note(StageContext context, Measured metric, String subject) {
    context.metric(metric.name(), metric.value(), subject);
    if (metric.baseline() != null) {
      context.metric("baseline." + metric.name(), metric.baseline(), subject);
    }
    if (metric.best() != null) {
      context.metric("best." + metric.name(), metric.best(), subject);
    }
  }

  private Dataset<Row> rows(StageContext context, List<Measured> metrics) {
    List<Row> rows = new ArrayList<>();
    for (Measured metric : metrics) {
      Bounds bounds = gate.get(metric.name());
      rows.add(
          RowFactory.create(
              metric.name(),
              metric.value(),
              metric.baseline(),
              metric.best(),
              bounds == null ? null : bounds.min(),
              bounds == null ? null : bounds.max(),
              bounds == null ? null : bounds.allows(metric.value())));
    }
    return context.spark().createDataFrame(rows, SCHEMA);
  }

  private void judge(StageContext context, Evaluation evaluation, String subject, String dataset) {
    List<String> missed = new ArrayList<>();
    for (Map.Entry<String, Bounds> bound : gate.entrySet()) {
      Measured metric =
          evaluation.metrics().stream()
              .filter(m -> m.name().equals(bound.getKey()))
              .findFirst()
              .orElseThrow(
                  () ->
                      WeirException.data(
                          "metric-undefined",
                          "The gate asks for %s of %s, which is not defined on %s."
                              .formatted(bound.getKey(), subject, dataset),
                          undefined(bound.getKey())));
      boolean passed = bound.getValue().allows(metric.value());
      context.check(
          new Fact.Check(
              "gate." + metric.name(),
              subject,
              null,
              passed,
              evaluation.rows(),
              null,
              String.valueOf(metric.value()),
              bound.getValue().toString()));
      if (!passed) {
        missed.add(
            "%s is %.6g%s, and the gate asks for %s"
                .formatted(
                    metric.name(), metric.value(), beside(metric), bound.getValue().toString()));
      }
    }
    if (!missed.isEmpty()) {
      throw new GateException(
          "gate-missed",
          "%s did not pass on %s (%,d rows): %s."
              .formatted(subject, dataset, evaluation.rows(), String.join("; ", missed)),
          "See every metric of this run: ./weir sql \"select name, value from lineage.metrics where run = '%s'\". Compare them with those of the last version that passed, and look whether the label or the features moved."
              .formatted(context.settings().run()));
    }
  }

  private static String beside(Measured metric) {
    List<String> others = new ArrayList<>();
    if (metric.baseline() != null) {
      others.add("a constant reaches %.6g".formatted(metric.baseline()));
    }
    if (metric.best() != null) {
      others.add("the best possible is %.6g".formatted(metric.best()));
    }
    return others.isEmpty() ? "" : " (" + String.join(", ", others) + ")";
  }

  private static String undefined(String metric) {
    return metric.equals("mape")
        ? "A label of 0 has no relative error: gate on mae or rmse."
        : "The predictions have no probabilities: gate on another metric.";
  }

  private static String named(Task task) {
    return task.name().toLowerCase(java.util.Locale.ROOT);
  }
}
