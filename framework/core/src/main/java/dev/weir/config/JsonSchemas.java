package dev.weir.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says in JSON schema (draft 2020-12) what {@link Binder} accepts, from the same reflection. One
 * instance makes the parts of one document: what types have in common stands once, in its {@code
 * $defs}.
 */
public final class JsonSchemas {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String PARAMETER = "parameter";

  private final Map<Class<?>, Codec<?>> codecs;
  private final boolean parameters;
  private final Map<Class<?>, String> names = new HashMap<>();
  private final ObjectNode definitions = JSON.objectNode();

  /**
   * Starts a document.
   *
   * @param parameters whether any single value may be {@code ${name}} instead
   */
  public JsonSchemas(Map<Class<?>, Codec<?>> codecs, boolean parameters) {
    this.codecs = Map.copyOf(codecs);
    this.parameters = parameters;
    if (parameters) {
      definitions
          .putObject(PARAMETER)
          .put("description", "A parameter of the pipeline.")
          .put("type", "string")
          .put("pattern", "^\\$\\{[^}]+\\}$");
    }
  }

  /** A schema of its own for one type. */
  public static ObjectNode document(Class<?> type, Map<Class<?>, Codec<?>> codecs, String title) {
    JsonSchemas schemas = new JsonSchemas(codecs, false);
    ObjectNode reference = schemas.of(type);
    return schemas.document(title, reference);
  }

  /** A whole document: the schema given, with every definition that it leans on. */
  public ObjectNode document(String title, ObjectNode schema) {
    ObjectNode document = JSON.objectNode();
    document.put("$schema", "https://json-schema.org/draft/2020-12/schema").put("title", title);
    document.setAll(schema);
    document.set("$defs", definitions);
    return document;
  }

  /** The schema of a type, mostly a reference to a definition. */
  public ObjectNode of(Type type) {
    Class<?> raw = Types.raw(type);
    Codec<?> codec = codecs.get(raw);
    if (codec != null) {
      return reference(raw, names.containsKey(raw) ? null : codec.schema());
    }
    if (raw == Object.class || raw == Yaml.class) {
      return JSON.objectNode();
    }
    Scalars.Reader scalar = Scalars.reader(raw);
    if (scalar != null) {
      return scalar(raw, scalar);
    }
    if (raw == List.class || raw == Collection.class || raw == Set.class) {
      return list(Types.argument(type, 0), raw == Set.class);
    }
    ObjectNode schema = JSON.objectNode();
    if (raw == Map.class) {
      schema.put("type", "object");
      Class<?> key = Types.raw(Types.argument(type, 0));
      if (key.isEnum()) {
        Keys.constants(key).forEach(schema.putObject("propertyNames").putArray("enum")::add);
      }
      schema.set("additionalProperties", of(Types.argument(type, 1)));
      return schema;
    }
    if (!Types.variant(raw) && !raw.isRecord()) {
      throw Types.unbindable(type);
    }
    if (!names.containsKey(raw)) {
      // The name is taken first, since a type may hold itself.
      String name = name(raw);
      definitions.set(name, JSON.objectNode());
      definitions.set(name, Types.variant(raw) ? variants(raw) : record(raw));
    }
    return reference(raw, null);
  }

  /** The schema of a component: of its type, with its help and its default. */
  public ObjectNode of(RecordComponent component) {
    ObjectNode schema = JSON.objectNode();
    Help help = component.getAnnotation(Help.class);
    if (help != null) {
      schema.put("description", help.value());
    }
    schema.setAll(of(component.getGenericType()));
    if (component.isAnnotationPresent(Secret.class)) {
      schema.put("writeOnly", true);
    }
    Default absent = component.getAnnotation(Default.class);
    if (absent != null) {
      schema.set("default", json(YamlReader.parse("@Default", absent.value(), new Problems())));
    }
    return schema;
  }

  /** The schema of a record's keys, written out. */
  public ObjectNode record(Class<?> type) {
    ObjectNode schema = JSON.objectNode();
    Help help = type.getAnnotation(Help.class);
    if (help != null) {
      schema.put("description", help.value());
    }
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.arrayNode();
    Keys.components(type)
        .forEach(
            (key, component) -> {
              properties.set(key, of(component));
              if (!component.isAnnotationPresent(Default.class) && !Keys.nullable(component)) {
                required.add(key);
              }
            });
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema.put("additionalProperties", false);
  }

  private ObjectNode list(Type item, boolean unique) {
    ObjectNode list = JSON.objectNode().put("type", "array");
    if (unique) {
      list.put("uniqueItems", true);
    }
    list.set("items", of(item));
    Class<?> raw = Types.raw(item);
    if (codecs.containsKey(raw) || Scalars.reader(raw) == null) {
      return list;
    }
    // A list of one single value needs no brackets.
    ObjectNode either = JSON.objectNode();
    either.putArray("anyOf").add(list).add(of(item));
    return either;
  }

  private ObjectNode variants(Class<?> type) {
    ObjectNode schema = JSON.objectNode();
    Help help = type.getAnnotation(Help.class);
    if (help != null) {
      schema.put("description", help.value());
    }
    ArrayNode variants = schema.putArray("oneOf");
    Types.variants(type)
        .forEach(
            (key, record) -> {
              ObjectNode variant = of(record);
              variant.putArray("required").add(key);
              variants.add(variant);
            });
    return schema;
  }

  private ObjectNode scalar(Class<?> type, Scalars.Reader scalar) {
    ObjectNode schema = scalar.schema().deepCopy();
    boolean text = schema.path("type").isArray() || type == String.class;
    if (!parameters || text) {
      return schema;
    }
    ObjectNode either = JSON.objectNode();
    either.putArray("anyOf").add(schema).add(JSON.objectNode().put("$ref", "#/$defs/" + PARAMETER));
    return either;
  }

  private ObjectNode reference(Class<?> type, @Nullable ObjectNode definition) {
    if (definition != null) {
      ObjectNode own = definition.deepCopy();
      // A codec's own definitions move to where references look for them.
      if (own.remove("$defs") instanceof ObjectNode inner) {
        inner
            .properties()
            .forEach(
                entry -> {
                  JsonNode other = definitions.get(entry.getKey());
                  if (other != null && !other.equals(entry.getValue())) {
                    throw new IllegalStateException(
                        "Two definitions of '%s' in the schema".formatted(entry.getKey()));
                  }
                  definitions.set(entry.getKey(), entry.getValue());
                });
      }
      definitions.set(name(type), own);
    }
    return JSON.objectNode().put("$ref", "#/$defs/" + names.get(type));
  }

  private String name(Class<?> type) {
    String simple = type.getSimpleName();
    String name = definitions.has(simple) || simple.isEmpty() ? type.getName() : simple;
    names.put(type, name);
    return name;
  }

  /** A node as JSON. */
  static JsonNode json(@Nullable Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      ArrayNode array = JSON.arrayNode();
      sequence.items().forEach(item -> array.add(json(item)));
      return array;
    }
    if (node instanceof Yaml.Mapping mapping) {
      ObjectNode object = JSON.objectNode();
      mapping.entries().forEach((key, entry) -> object.set(key, json(entry.value())));
      return object;
    }
    Object value = node instanceof Yaml.Scalar scalar ? scalar.value() : null;
    if (value instanceof Long number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Double number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    return value == null ? JSON.nullNode() : JSON.textNode(value.toString());
  }
}
