package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonSchemasTest {
  enum Mode {
    APPEND,
    REPLACE_WHERE
  }

  sealed interface Shape permits Circle, Group {}

  record Circle(double circle) implements Shape {}

  record Group(List<Shape> group, @Default("1") int times) implements Shape {}

  @Help("A whole thing.")
  record Thing(
      @Help("What it is called.") String theName,
      @Help("How many.") @Default("3") int count,
      @Nullable Duration pause,
      @Nullable LocalDate day,
      @Default("[append]") Set<Mode> modes,
      Map<String, Shape> shapes,
      @Secret @Nullable String password,
      @Nullable StringBuilder turned) {}

  @Test
  void aRecordIsDescribed() throws Exception {
    // Read again, since a number of a tree may be of another class than the same number read.
    assertThat(
            json(
                JsonSchemas.document(Thing.class, Map.of(StringBuilder.class, new Turned()), "T")
                    .toString()))
        .isEqualTo(
            json(
                """
                { "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T",
                  "$ref": "#/$defs/Thing",
                  "$defs": {
                    "Thing": {
                      "description": "A whole thing.", "type": "object",
                      "properties": {
                        "the-name": { "description": "What it is called.", "type": ["string", "number", "boolean"] },
                        "count": { "description": "How many.", "type": "integer", "default": 3 },
                        "pause": { "type": "string", "minLength": 2,
                                  "pattern": "^(\\\\d+d)?(\\\\d+h)?(\\\\d+m)?(\\\\d+s)?(\\\\d+ms)?$" },
                        "day": { "type": "string", "format": "date" },
                        "modes": { "anyOf": [
                            { "type": "array", "uniqueItems": true, "items": { "enum": ["append", "replace-where"] } },
                            { "enum": ["append", "replace-where"] } ], "default": ["append"] },
                        "shapes": { "type": "object", "additionalProperties": { "$ref": "#/$defs/Shape" } },
                        "password": { "type": ["string", "number", "boolean"], "writeOnly": true },
                        "turned": { "$ref": "#/$defs/StringBuilder" }
                      },
                      "required": ["the-name", "shapes"],
                      "additionalProperties": false },
                    "Shape": { "oneOf": [
                      { "$ref": "#/$defs/Circle", "required": ["circle"] },
                      { "$ref": "#/$defs/Group", "required": ["group"] } ] },
                    "Circle": { "type": "object", "properties": { "circle": { "type": "number" } },
                                "required": ["circle"], "additionalProperties": false },
                    "Group": { "type": "object",
                               "properties": {
                                 "group": { "type": "array", "items": { "$ref": "#/$defs/Shape" } },
                                 "times": { "type": "integer", "default": 1 } },
                               "required": ["group"], "additionalProperties": false },
                    "StringBuilder": { "type": "array", "items": { "$ref": "#/$defs/letter" } },
                    "letter": { "type": "string" }
                  } }
                """));
  }

  @Test
  void aParameterMayStandForAnySingleValue() throws Exception {
    JsonSchemas schemas = new JsonSchemas(Map.of(), true);
    assertThat(schemas.of(Circle.class)).isEqualTo(json("{ \"$ref\": \"#/$defs/Circle\" }"));
    JsonNode document = schemas.document("T", schemas.of(Circle.class));
    assertThat(document.at("/$defs/Circle/properties/circle"))
        .isEqualTo(
            json(
                "{ \"anyOf\": [ { \"type\": \"number\" }, { \"$ref\": \"#/$defs/parameter\" } ] }"));
  }

  private static final class Turned implements Codec<StringBuilder> {
    @Override
    public @Nullable StringBuilder read(Yaml node, Problems problems) {
      return new StringBuilder(node.describe());
    }

    @Override
    public ObjectNode schema() {
      ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "array");
      schema.putObject("items").put("$ref", "#/$defs/letter");
      schema.putObject("$defs").putObject("letter").put("type", "string");
      return schema;
    }
  }

  private static JsonNode json(String text) throws Exception {
    return Objects.requireNonNull(new ObjectMapper().readTree(text));
  }
}
