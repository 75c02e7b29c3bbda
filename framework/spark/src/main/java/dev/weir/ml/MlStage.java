package dev.weir.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.error.Nearest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;

/**
 * A transformer or an estimator of MLlib as a value: its class and the parameters that were set.
 * Two are equal when they would do the same, whatever their uids.
 *
 * @param type the class's full name
 * @param params the values that are set, without defaults, by name, each as the JSON that MLlib
 *     writes of it
 */
public record MlStage(String type, SortedMap<String, String> params) {
  /**
   * Checks every value against MLlib's own parameters and brings it to MLlib's own form.
   *
   * @throws IllegalArgumentException naming an unknown class, an unknown parameter or a value that
   *     the parameter refuses
   */
  public MlStage {
    PipelineStage stage = MlCatalog.instantiate(MlCatalog.resolve(type), "check");
    type = stage.getClass().getName();
    SortedMap<String, String> canonical = new TreeMap<>();
    params.forEach(
        (name, text) -> {
          MlParam param = param(stage, name);
          canonical.put(name, param.encode(param.decode(MlParam.parse(text))));
        });
    params = Collections.unmodifiableSortedMap(canonical);
  }

  /**
   * The value of a configured transformer or estimator.
   *
   * @throws IllegalArgumentException if it can't stand in a chain or a parameter can't be text
   */
  public static MlStage of(PipelineStage stage) {
    Class<? extends PipelineStage> type = MlCatalog.resolve(stage.getClass().getName());
    SortedMap<String, String> set = new TreeMap<>();
    for (MlParam param : MlParam.of(stage)) {
      if (stage.isSet(param.param())) {
        set.put(param.name(), param.encode(stage.get(param.param()).get()));
      }
    }
    return new MlStage(type.getName(), set);
  }

  /** The values of a chain. */
  static List<MlStage> of(PipelineStage... stages) {
    return Arrays.stream(stages).map(MlStage::of).toList();
  }

  /** Reads what {@link #json} gives. */
  static MlStage of(JsonNode node) {
    if (!node.isObject() || node.size() != 1) {
      throw new IllegalArgumentException("A stage is written { Name: { … } }");
    }
    Map.Entry<String, JsonNode> entry = node.properties().iterator().next();
    SortedMap<String, String> params = new TreeMap<>();
    for (Map.Entry<String, JsonNode> param : entry.getValue().properties()) {
      params.put(param.getKey(), param.getValue().toString());
    }
    return new MlStage(entry.getKey(), params);
  }

  /** The name that pipeline files take: short for MLlib's own classes, full for others. */
  public String name() {
    return MlCatalog.shortName(MlCatalog.resolve(type));
  }

  /** A new instance with the parameters set. */
  public PipelineStage create(String uid) {
    PipelineStage stage = MlCatalog.instantiate(MlCatalog.resolve(type), uid);
    params.forEach(
        (name, text) -> {
          MlParam param = param(stage, name);
          stage.set(param.param(), param.decode(MlParam.parse(text)));
        });
    return stage;
  }

  /** True if it is fitted, false if it is applied as it is. */
  boolean isEstimator() {
    return Estimator.class.isAssignableFrom(MlCatalog.resolve(type));
  }

  /** {@code {"<class>":{"<param>":<value>}}}. */
  ObjectNode json() {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    params.forEach((name, text) -> values.set(name, MlParam.parse(text)));
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set(type, values);
    return node;
  }

  /** The parameter of a name; throws with the nearest one. */
  static MlParam param(PipelineStage stage, String name) {
    Optional<Param<?>> found = Optional.empty();
    for (Param<?> param : stage.params()) {
      if (param.name().equals(name)) {
        found = Optional.of(param);
      }
    }
    return MlParam.of(
        stage,
        found.orElseThrow(
            () -> {
              List<String> names = Arrays.stream(stage.params()).map(Param::name).toList();
              return new IllegalArgumentException(
                  "%s has no parameter '%s'%s"
                      .formatted(
                          MlCatalog.shortName(stage.getClass()),
                          name,
                          Nearest.of(name, names)
                              .map(nearest -> "; did you mean '" + nearest + "'?")
                              .orElse("; it has " + String.join(", ", names))));
            }));
  }

  @Override
  public String toString() {
    return json().toString();
  }
}
