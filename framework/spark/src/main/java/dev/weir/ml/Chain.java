package dev.weir.ml;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.RFormula;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Transformers and estimators that end in one that predicts, ready to be fitted.
 *
 * @param stages with label and seed set
 */
record Chain(List<PipelineStage> stages) {
  Chain {
    stages = List.copyOf(stages);
  }

  /**
   * Makes the stages. The label is set where a stage has one and says nothing of its own, and so is
   * the seed, in nested stages too.
   */
  static Chain of(List<MlStage> values, @Nullable String label, long seed) {
    List<PipelineStage> stages = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      MlStage value = values.get(i);
      String name = value.type().substring(value.type().lastIndexOf('.') + 1);
      // A uid that is the same in every fit keeps the model's paths the same.
      PipelineStage stage = value.create(name + "_" + i);
      // The label of an RFormula is the column that it makes.
      if (label != null && !(stage instanceof RFormula)) {
        setIfOpen(stage, "labelCol", label);
      }
      seed(stage, seed);
      stages.add(stage);
    }
    return new Chain(stages);
  }

  /**
   * Why values can't be a chain that learns from a label, or null if they can.
   *
   * @param label the label's column, or null for none
   */
  static @Nullable String fault(List<MlStage> values, @Nullable String label) {
    if (values.isEmpty()) {
      return "stages is a list of at least one stage, ending in one that predicts";
    }
    MlStage last = values.get(values.size() - 1);
    PipelineStage predictor = last.create("check");
    if (!last.isEstimator()) {
      return "the chain ends in %s, a transformer: it takes an estimator that predicts, such as LogisticRegression, as its last stage"
          .formatted(last.name());
    }
    if (!predictor.hasParam("predictionCol") && !predictor.hasParam("topicDistributionCol")) {
      return "the chain ends in %s, which prepares features and predicts nothing: add a predictor, such as LogisticRegression, after it"
          .formatted(last.name());
    }
    if (label == null && predictor.hasParam("labelCol") && !last.params().containsKey("labelCol")) {
      return "%s learns from a label: give its column as label".formatted(last.name());
    }
    if (label != null
        && values.stream().noneMatch(value -> value.create("check").hasParam("labelCol"))) {
      return "no stage of the chain learns from a label (%s does not): leave out label"
          .formatted(last.name());
    }
    return null;
  }

  /** Refuses rows that a stage does not take, naming the stage. */
  void check(StructType schema, String dataset) {
    StructType next = schema;
    for (int i = 0; i < stages.size(); i++) {
      try {
        next = stages.get(i).transformSchema(next);
      } catch (Exception e) {
        throw new WeirException(
            "chain-does-not-fit",
            ErrorKind.USER,
            "Stage %d of the chain, %s, does not take the rows of %s: %s"
                .formatted(
                    i, MlCatalog.shortName(stages.get(i).getClass()), dataset, e.getMessage()),
            "They have %s.".formatted(schema.simpleString()),
            e);
      }
    }
  }

  /** Every parameter that has a value, set or by default, as {@code <index>.<Class>.<param>}. */
  Map<String, String> params() {
    Map<String, String> params = new LinkedHashMap<>();
    for (int i = 0; i < stages.size(); i++) {
      collect(i + ".", stages.get(i), params);
    }
    return params;
  }

  private static void collect(String prefix, PipelineStage stage, Map<String, String> into) {
    for (MlParam param : MlParam.of(stage)) {
      if (stage.isDefined(param.param())) {
        String name = prefix + param.owner() + "." + param.name();
        Object value = stage.getOrDefault(param.param());
        if (value instanceof PipelineStage nested) {
          into.put(name, MlCatalog.shortName(nested.getClass()));
          collect(name + ".", nested, into);
        } else {
          into.put(name, param.display(value));
        }
      }
    }
  }

  private static void seed(PipelineStage stage, long seed) {
    setIfOpen(stage, "seed", seed);
    for (MlParam param : MlParam.of(stage)) {
      if (stage.isDefined(param.param())
          && stage.getOrDefault(param.param()) instanceof PipelineStage nested) {
        seed(nested, seed);
      }
    }
  }

  private static void setIfOpen(PipelineStage stage, String name, Object value) {
    if (stage.hasParam(name)) {
      Param<Object> param = stage.getParam(name);
      if (!stage.isSet(param)) {
        stage.set(param, value);
      }
    }
  }
}
