package dev.weir.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.Codec;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code { LogisticRegression: { maxIter: 50 } }}: a class by its short name or its full one,
 * with parameters under MLlib's own names.
 */
final class MlStageCodec implements Codec<MlStage> {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Override
  public @Nullable MlStage read(Yaml node, Problems problems) {
    if (!(node instanceof Yaml.Mapping mapping) || mapping.entries().size() != 1) {
      problems.add(
          node.at(),
          "A stage of a chain is a mapping of one class to its parameters, such as { LogisticRegression: { maxIter: 50 } }, not %s"
              .formatted(
                  node instanceof Yaml.Mapping many
                      ? "a mapping of %d keys".formatted(many.entries().size())
                      : node.describe()));
      return null;
    }
    Map.Entry<String, Yaml.Entry> only = mapping.entries().entrySet().iterator().next();
    PipelineStage stage;
    try {
      stage = MlCatalog.instantiate(MlCatalog.resolve(only.getKey()), "check");
    } catch (IllegalArgumentException e) {
      problems.add(only.getValue().key(), String.valueOf(e.getMessage()));
      return null;
    }
    Yaml body = only.getValue().value();
    if (body instanceof Yaml.Scalar scalar && scalar.value() == null) {
      return new MlStage(stage.getClass().getName(), new TreeMap<>());
    }
    if (!(body instanceof Yaml.Mapping params)) {
      problems.add(
          body.at(),
          "%s takes a mapping of its parameters, not %s".formatted(only.getKey(), body.describe()));
      return null;
    }
    return read(stage, params, problems);
  }

  @Override
  public @Nullable MlStage recorded(Yaml node, Problems problems) {
    Yaml.Entry type = node instanceof Yaml.Mapping mapping ? mapping.entries().get("type") : null;
    Yaml.Entry values =
        node instanceof Yaml.Mapping mapping ? mapping.entries().get("params") : null;
    if (type == null || !(type.value() instanceof Yaml.Scalar name)) {
      return read(node, problems);
    }
    SortedMap<String, String> params = new TreeMap<>();
    if (values != null && values.value() instanceof Yaml.Mapping given) {
      given
          .entries()
          .forEach(
              (param, entry) -> {
                if (entry.value() instanceof Yaml.Scalar json) {
                  params.put(param, json.text());
                }
              });
    }
    try {
      return new MlStage(name.text(), params);
    } catch (IllegalArgumentException e) {
      problems.add(node.at(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable MlStage read(PipelineStage stage, Yaml.Mapping params, Problems problems) {
    SortedMap<String, String> read = new TreeMap<>();
    boolean sound = true;
    for (Map.Entry<String, Yaml.Entry> entry : params.entries().entrySet()) {
      MlParam param;
      try {
        param = MlStage.param(stage, entry.getKey());
      } catch (IllegalArgumentException e) {
        problems.add(entry.getValue().key(), String.valueOf(e.getMessage()));
        sound = false;
        continue;
      }
      String text = value(param, entry.getValue().value(), problems);
      if (text == null) {
        sound = false;
      } else {
        read.put(entry.getKey(), text);
      }
    }
    return sound ? new MlStage(stage.getClass().getName(), read) : null;
  }

  private @Nullable String value(MlParam param, Yaml node, Problems problems) {
    if (param.kind() == MlParam.Kind.STAGE) {
      MlStage nested = read(node, problems);
      return nested == null ? null : nested.json().toString();
    }
    try {
      return param.encode(param.decode(json(node)));
    } catch (IllegalArgumentException e) {
      problems.add(node.at(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static JsonNode json(Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      ArrayNode array = NODES.arrayNode();
      sequence.items().forEach(item -> array.add(json(item)));
      return array;
    } else if (node instanceof Yaml.Mapping mapping) {
      ObjectNode object = NODES.objectNode();
      mapping.entries().forEach((key, entry) -> object.set(key, json(entry.value())));
      return object;
    } else if (node instanceof Yaml.Scalar scalar) {
      Object value = scalar.value();
      if (value instanceof Long number) {
        return NODES.numberNode(number);
      } else if (value instanceof Double number) {
        return NODES.numberNode(number);
      } else if (value instanceof Boolean flag) {
        return NODES.booleanNode(flag);
      }
      return value == null ? NODES.nullNode() : NODES.textNode(scalar.text());
    }
    throw new IllegalStateException("An unknown kind of YAML node: " + node);
  }

  @Override
  public ObjectNode schema() {
    ObjectNode schema = NODES.objectNode();
    schema.put(
        "description",
        "A transformer or an estimator of MLlib by class name, with its parameters.");
    schema.put("type", "object").put("minProperties", 1).put("maxProperties", 1);
    ObjectNode classes = schema.putObject("properties");
    MlCatalog.stages()
        .forEach(
            (name, type) -> {
              PipelineStage stage = MlCatalog.instantiate(type, "schema");
              ObjectNode one = classes.putObject(name);
              one.putArray("type").add("object").add("null");
              ObjectNode params = one.putObject("properties");
              for (MlParam param : MlParam.of(stage)) {
                params.set(param.name(), param.schema(stage));
              }
              one.put("additionalProperties", false);
            });
    // A class of the user's own, by its full name.
    schema
        .putObject("patternProperties")
        .putObject("\\.")
        .putArray("type")
        .add("object")
        .add("null");
    schema.put("additionalProperties", false);
    return schema;
  }
}
