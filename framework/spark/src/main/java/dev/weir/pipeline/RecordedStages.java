package dev.weir.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.Binder;
import dev.weir.config.Codec;
import dev.weir.config.ConfigJson;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes stages again of what {@link StageJson} wrote of them. */
public final class RecordedStages {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What {@link StageJson} writes in the place of a secret. */
  private static final String SECRET = "***";

  private final StageTypes types;
  private final Binder binder;

  /** Stages of these types. */
  public RecordedStages(StageTypes types) {
    this.types = types;
    Map<Class<?>, Codec<?>> codecs = new HashMap<>();
    types.codecs().forEach((type, codec) -> codecs.put(type, new Recorded<>(codec)));
    this.binder = new Binder(codecs);
  }

  private record Recorded<T>(Codec<T> codec) implements Codec<T> {
    @Override
    public @Nullable T read(Yaml node, Problems problems) {
      return codec.recorded(node, problems);
    }

    @Override
    public ObjectNode schema() {
      return codec.schema();
    }
  }

  /**
   * A stage, or null with everything noted that keeps it from being made.
   *
   * @param name the stage's name, for messages
   * @param type its class
   * @param config what {@link StageJson#of(Stage)} wrote
   */
  public @Nullable Stage read(String name, String type, String config, Problems problems) {
    String shown = "stage '" + name + "'";
    Location at = new Location(shown, 1, 1);
    JsonNode json = parse(config);
    if (hasSecret(json)) {
      problems.add(
          "stage '%s' was configured with a secret, which is recorded as %s only"
              .formatted(name, SECRET));
      return null;
    }
    Problems found = new Problems();
    Class<? extends Stage> known = types.find(type, at, found);
    Stage stage = null;
    if (known != null) {
      try {
        stage = binder.read(ConfigJson.tree(json, shown), known, "its configuration", found);
      } catch (LinkageError e) {
        found.add(StageTypes.unloadable(type, e));
      } catch (IllegalStateException e) {
        // A component of the class, as it is now, that nothing can read.
        found.add(type + ": " + e.getMessage());
      }
    }
    // All of it is on one line, so that a place in it says nothing.
    found
        .messages()
        .forEach(
            message -> problems.add(shown + ": " + message.replaceFirst("^stage '.*?':1:1: ", "")));
    return found.isEmpty() ? stage : null;
  }

  private static boolean hasSecret(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue().equals(SECRET);
    }
    for (JsonNode child : node) {
      if (hasSecret(child)) {
        return true;
      }
    }
    return false;
  }

  /** The parameters in what {@link StageJson#of(Pipeline)} wrote, with their values. */
  public static Map<String, Object> params(String definition) {
    Map<String, Object> params = new LinkedHashMap<>();
    parse(definition)
        .path("params")
        .properties()
        .forEach(
            param -> {
              Object value = ConfigJson.value(param.getValue());
              if (value != null) {
                params.put(param.getKey(), value);
              }
            });
    return params;
  }

  /** The configuration of a stage in what {@link StageJson#of(Pipeline)} wrote, or null. */
  public static @Nullable String config(String definition, String stage) {
    for (JsonNode node : parse(definition).path("stages")) {
      if (node.path("name").asText().equals(stage)) {
        return ConfigJson.text(node.path("with"));
      }
    }
    return null;
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not JSON as Weir writes it: " + json, e);
    }
  }
}
