package dev.weir.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.ConfigJson;
import dev.weir.config.Durations;
import java.util.Optional;

/**
 * Pipelines and stages as JSON for lineage and fingerprints: equal ones give equal text, in any
 * process, and secrets are {@code ***}.
 */
public final class StageJson {
  private StageJson() {}

  /** The configuration of a stage: what stands under {@code with} in YAML, defaults included. */
  public static String of(Stage stage) {
    return ConfigJson.text(ConfigJson.of(stage));
  }

  /** A stage in its place: its name, class, configuration and settings. */
  public static String of(StageDefinition definition) {
    return ConfigJson.text(json(definition));
  }

  /** A pipeline with the parameters' values and all its stages. */
  public static String of(Pipeline pipeline) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pipeline", pipeline.name());
    json.set("params", ConfigJson.of(pipeline.params()));
    if (pipeline.concurrency() != Concurrency.REFUSE) {
      json.set("concurrency", ConfigJson.of(pipeline.concurrency()));
    }
    ArrayNode stages = json.putArray("stages");
    pipeline.stages().forEach(stage -> stages.add(json(stage)));
    return ConfigJson.text(json);
  }

  /** The class of a stage in what {@link #of(Pipeline)} made, if there is such a stage. */
  public static Optional<String> type(String pipeline, String stage) {
    try {
      for (JsonNode node : new ObjectMapper().readTree(pipeline).path("stages")) {
        if (node.path("name").asText().equals(stage)) {
          return Optional.of(node.path("uses").asText());
        }
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a pipeline as JSON: " + pipeline, e);
    }
  }

  private static JsonNode json(StageDefinition definition) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", definition.name());
    json.put("uses", definition.stage().getClass().getName());
    json.set("with", ConfigJson.of(definition.stage()));
    json.set("after", ConfigJson.of(definition.after()));
    json.set("retry", ConfigJson.of(definition.retry()));
    if (definition.timeout() != null) {
      json.put("timeout", Durations.text(definition.timeout()));
    }
    if (definition.cache() != Cache.AUTO) {
      json.set("cache", ConfigJson.of(definition.cache()));
    }
    return json;
  }
}
