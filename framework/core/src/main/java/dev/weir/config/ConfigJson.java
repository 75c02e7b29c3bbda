package dev.weir.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes as JSON what {@link Binder} reads, in one way only: equal values give equal text, in any
 * process. Components keep their order and nulls are left out; maps and sets, which are equal in
 * any order, are sorted; the value of a {@link Secret} component is {@code ***}.
 */
public final class ConfigJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ConfigJson() {}

  /** A record, or anything that a record is bound from, as JSON. */
  public static JsonNode of(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof JsonNode node) {
      return node;
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    if (value instanceof Long || value instanceof Integer) {
      return JSON.numberNode(((Number) value).longValue());
    }
    if (value instanceof Double number) {
      return Double.isFinite(number) ? JSON.numberNode(number) : JSON.textNode(number.toString());
    }
    if (value instanceof Duration duration) {
      return JSON.textNode(Durations.text(duration));
    }
    if (value instanceof CharSequence
        || value instanceof LocalDate
        || value instanceof Path
        || value instanceof URI) {
      return JSON.textNode(value.toString());
    }
    if (value instanceof Map<?, ?> map) {
      return map(map);
    }
    if (value instanceof Collection<?> collection) {
      return collection(collection);
    }
    if (Types.parse(value.getClass()) != null) {
      return JSON.textNode(value.toString());
    }
    if (value instanceof Enum<?> constant) {
      return JSON.textNode(Keys.of(constant));
    }
    if (value instanceof Record record) {
      return record(record);
    }
    throw new IllegalStateException(
        value.getClass().getName()
            + " can't be written as configuration: make it a record, or give it a public static"
            + " parse(String) that reads its toString()");
  }

  /** JSON as text without spaces. */
  public static String text(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write JSON", e);
    }
  }

  /**
   * JSON as a tree that {@link Binder} reads.
   *
   * @param shown what it is, for messages
   */
  public static Yaml tree(JsonNode json, String shown) {
    Location at = new Location(shown, 1, 1);
    if (json.isObject()) {
      Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
      json.properties()
          .forEach(
              field ->
                  entries.put(field.getKey(), new Yaml.Entry(at, tree(field.getValue(), shown))));
      return new Yaml.Mapping(at, entries);
    }
    if (json.isArray()) {
      List<Yaml> items = new ArrayList<>();
      json.forEach(item -> items.add(tree(item, shown)));
      return new Yaml.Sequence(at, items);
    }
    return new Yaml.Scalar(at, value(json), json.asText());
  }

  /** A single value, as YAML has it. */
  public static @Nullable Object value(JsonNode json) {
    if (json.isNull()) {
      return null;
    }
    if (json.isBoolean()) {
      return json.booleanValue();
    }
    if (json.isIntegralNumber()) {
      return json.longValue();
    }
    return json.isNumber() ? (Object) json.doubleValue() : json.textValue();
  }

  private static ObjectNode record(Record record) {
    ObjectNode json = JSON.objectNode();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(component, record);
      if (value instanceof Record inline && Keys.inline(component)) {
        json.setAll(record(inline));
      } else if (value != null) {
        json.set(
            Keys.of(component),
            component.isAnnotationPresent(Secret.class) ? JSON.textNode("***") : of(value));
      }
    }
    return json;
  }

  private static ObjectNode map(Map<?, ?> map) {
    TreeMap<String, JsonNode> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(of(key).asText(), of(value)));
    ObjectNode json = JSON.objectNode();
    sorted.forEach(json::set);
    return json;
  }

  private static ArrayNode collection(Collection<?> collection) {
    List<JsonNode> items = new ArrayList<>();
    collection.forEach(item -> items.add(of(item)));
    if (collection instanceof Set) {
      items.sort(Comparator.comparing(ConfigJson::text));
    }
    return JSON.arrayNode().addAll(items);
  }

  private static @Nullable Object value(RecordComponent component, Record record) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "Can't read component %s of %s"
              .formatted(component.getName(), record.getClass().getName()),
          e);
    }
  }
}
