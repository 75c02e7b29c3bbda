package dev.weir.quality;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.Codec;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one column's name, or a list of them. */
final class ColumnsCodec implements Codec<Columns> {
  @Override
  public @Nullable Columns read(Yaml node, Problems problems) {
    List<Yaml> items = node instanceof Yaml.Sequence list ? list.items() : List.of(node);
    List<String> names = new ArrayList<>();
    boolean whole = true;
    for (Yaml item : items) {
      if (item instanceof Yaml.Scalar scalar && scalar.value() instanceof String name) {
        names.add(name);
      } else {
        problems.add(item.at(), "a column's name is a text, and this is " + item.describe());
        whole = false;
      }
    }
    if (!whole) {
      return null;
    }
    try {
      return new Columns(names);
    } catch (IllegalArgumentException e) {
      problems.add(node.at(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  @Override
  public @Nullable Columns recorded(Yaml node, Problems problems) {
    Yaml.Entry names = node instanceof Yaml.Mapping mapping ? mapping.entries().get("names") : null;
    return read(names == null ? node : names.value(), problems);
  }

  @Override
  public ObjectNode schema() {
    ObjectNode one = JsonNodeFactory.instance.objectNode().put("type", "string");
    ObjectNode many = JsonNodeFactory.instance.objectNode().put("type", "array").put("minItems", 1);
    many.putObject("items").put("type", "string");
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.putArray("oneOf").add(one).add(many);
    return schema;
  }
}
