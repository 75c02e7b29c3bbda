package dev.weir.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.JsonSchemas;

/** Makes the JSON schema of pipeline files, by which editors complete and check them. */
public final class PipelineSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PipelineSchema() {}

  /** The schema (draft 2020-12) of files that use the given stages, or any other by its class. */
  public static ObjectNode of(StageTypes types) {
    JsonSchemas schemas = new JsonSchemas(types.codecs(), true);
    ObjectNode top = schemas.record(PipelineFile.Top.class);
    ObjectNode properties = (ObjectNode) top.get("properties");
    ((ObjectNode) properties.get("pipeline"))
        .put("type", "string")
        .put("pattern", "^" + Names.GRAMMAR + "$");

    ObjectNode param = JSON.objectNode();
    ArrayNode either = param.putArray("anyOf");
    either.addObject().putArray("type").add("string").add("number").add("boolean");
    either.add(schemas.of(PipelineParam.Declared.class));
    ((ObjectNode) properties.get("params")).set("additionalProperties", param);

    ObjectNode stage = JSON.objectNode();
    ArrayNode kinds = stage.putArray("oneOf");
    types.names().forEach((name, type) -> kinds.add(builtIn(name, type, schemas)));
    kinds.add(own(schemas));
    ObjectNode stages = (ObjectNode) properties.get("stages");
    stages.put("minItems", 1).set("items", stage);
    return schemas.document("Weir pipeline", top);
  }

  /** The schema as it stands in a file. */
  public static String text(StageTypes types) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(of(types))
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write JSON", e);
    }
  }

  private static ObjectNode builtIn(String name, Class<? extends Stage> type, JsonSchemas schemas) {
    ObjectNode entry = entry(schemas);
    ObjectNode properties = (ObjectNode) entry.get("properties");
    ((ObjectNode) properties.get("uses")).removeAll();
    properties.set("uses", JSON.objectNode().put("const", name));
    ObjectNode with = schemas.of(type);
    properties.set("with", with);
    JsonNode definition = schemas.record(type);
    if (definition.path("description").isTextual()) {
      entry.set("description", definition.get("description"));
    }
    if (definition.has("required")) {
      ((ArrayNode) entry.get("required")).add("with");
    }
    return entry;
  }

  private static ObjectNode own(JsonSchemas schemas) {
    ObjectNode entry = entry(schemas);
    entry.put("description", "A stage of your own, named by its class.");
    ObjectNode properties = (ObjectNode) entry.get("properties");
    ObjectNode uses = (ObjectNode) properties.get("uses");
    uses.put("type", "string").put("pattern", "\\.");
    ((ObjectNode) properties.get("with")).put("type", "object");
    return entry;
  }

  private static ObjectNode entry(JsonSchemas schemas) {
    return schemas.record(PipelineFile.Entry.class);
  }
}
