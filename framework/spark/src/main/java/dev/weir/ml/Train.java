package dev.weir.ml;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.UsesByName;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.jspecify.annotations.Nullable;

/**
 * Fits a chain of MLlib's transformers and estimators, which ends in one that predicts, and
 * publishes it as a candidate.
 *
 * <p>The rows are distributed by the hash of the key and sorted by it, over a recorded number of
 * partitions, so that the same rows give the same model whatever the cores and files. Without a key
 * they are ordered by all columns that have an order (not maps): rows that tie are then the same
 * but for such columns.
 *
 * <p>The label is given to every stage that takes one and does not name its own; a boolean one
 * counts as 0 and 1. The seed is given likewise.
 */
@Help("Fits a chain of MLlib's transformers and estimators and publishes it as a candidate.")
public record Train(
    @Help("The dataset to train on.") Input from,
    @Help("The model to publish a candidate of.") ModelOutput into,
    @Help("The column to learn; left out for clustering and recommendation.")
        @Nullable String label,
    @Help("The chain: classes of MLlib with their parameters, ending in one that predicts.")
        List<MlStage> stages,
    @Help("The seed of every stage that has one; the pipeline's unless given.") @Nullable Long seed,
    @Help("A column that identifies a row, to order rows by; all columns unless given.")
        @Nullable String key,
    @Help("Over how many partitions the rows are spread; 2 below a million rows unless given.")
        @Nullable Integer partitions,
    @Help("Whether rows without a label are left out; otherwise they are an error.")
        @Default("false")
        boolean dropNullLabels)
    implements UsesByName {

  /** Checks the chain; throws {@link IllegalArgumentException} with the reason. */
  public Train {
    Objects.requireNonNull(from);
    Objects.requireNonNull(into);
    stages = List.copyOf(stages);
    String fault = Chain.fault(stages, label);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    if (partitions != null && (partitions < 1 || partitions > 10_000)) {
      throw new IllegalArgumentException("partitions is from 1 to 10000, not " + partitions);
    }
    if (dropNullLabels && label == null) {
      throw new IllegalArgumentException("drop-null-labels needs a label");
    }
  }

  /** A chain of configured MLlib objects, which are taken as values. */
  public Train(Input from, ModelOutput into, @Nullable String label, PipelineStage... stages) {
    this(from, into, label, MlStage.of(stages), null, null, null, false);
  }

  /** The same with a seed of its own. */
  public Train withSeed(long seed) {
    return new Train(from, into, label, stages, seed, key, partitions, dropNullLabels);
  }

  /** The same with rows ordered by a column that identifies them. */
  public Train withKey(String key) {
    return new Train(from, into, label, stages, seed, key, partitions, dropNullLabels);
  }

  /** The same over another number of partitions. */
  public Train withPartitions(int partitions) {
    return new Train(from, into, label, stages, seed, key, partitions, dropNullLabels);
  }

  /** The same, leaving out rows without a label. */
  public Train droppingNullLabels() {
    return new Train(from, into, label, stages, seed, key, partitions, true);
  }

  @Override
  public List<String> classNames() {
    return stages.stream().map(MlStage::type).toList();
  }

  @Override
  public void run(StageContext context) {
    long used = seed == null ? context.params().seed() : seed;
    Chain chain = Chain.of(stages, label, used);
    String dataset = context.version(from).reference();
    try (TrainingRows rows = TrainingRows.of(this, context.read(from), dataset)) {
      chain.check(rows.rows().schema(), dataset);
      context.param("seed", String.valueOf(used));
      context.param("partitions", String.valueOf(rows.partitions()));
      context.param("key", key == null ? "*" : key);
      if (label != null) {
        context.param("label", label);
      }
      chain.params().forEach(context::param);

      long start = System.nanoTime();
      PipelineModel model =
          new Pipeline("chain")
              .setStages(chain.stages().toArray(PipelineStage[]::new))
              .fit(rows.rows());
      double seconds = (System.nanoTime() - start) / 1e9;
      Fact.ModelWritten written = context.save(into, model, rows.rows());

      context.metric("training-rows", (double) rows.count(), written.reference());
      if (dropNullLabels) {
        context.metric("rows-without-label", (double) rows.dropped(), written.reference());
      }
      context.metric("fit-seconds", seconds, written.reference());
      FitSummary.of(model)
          .forEach((name, value) -> context.metric(name, value, written.reference()));
    }
  }
}
