package dev.weir.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A YAML document as a tree in which every node knows its place in the file. */
public sealed interface Yaml {
  /** Where the node begins. */
  Location at();

  /** What the node is, for a message: {@code a mapping}, {@code the text 'abc'}. */
  String describe();

  /**
   * A single value.
   *
   * @param value null, a Boolean, a Long, a Double or a String, by YAML 1.2's core schema
   * @param text the value as written, without quotes
   */
  record Scalar(Location at, @Nullable Object value, String text) implements Yaml {
    @Override
    public String describe() {
      if (value == null) {
        return "nothing";
      }
      return value instanceof String
          ? "the text '" + text + "'"
          : (value instanceof Boolean ? "the boolean " : "the number ") + text;
    }
  }

  /** A list. */
  record Sequence(Location at, List<Yaml> items) implements Yaml {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /** A mapping, its entries in the order of the file. */
  record Mapping(Location at, Map<String, Entry> entries) implements Yaml {
    public Mapping {
      Objects.requireNonNull(at);
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /**
   * A key of a mapping with its value.
   *
   * @param key where the key stands
   */
  record Entry(Location key, Yaml value) {}
}
