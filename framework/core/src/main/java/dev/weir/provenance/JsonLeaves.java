package dev.weir.provenance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.TreeMap;

/** The single values of JSON by their places, such as {@code stages[3].params.maxIter}. */
public final class JsonLeaves {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonLeaves() {}

  /** The values, as text; of what is no JSON, the whole under an empty place. */
  public static Map<String, String> of(String json) {
    Map<String, String> leaves = new TreeMap<>();
    try {
      add("", JSON.readTree(json), leaves);
    } catch (JsonProcessingException e) {
      leaves.put("", json);
    }
    return leaves;
  }

  private static void add(String place, JsonNode node, Map<String, String> leaves) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              field ->
                  add(
                      place.isEmpty() ? field.getKey() : place + "." + field.getKey(),
                      field.getValue(),
                      leaves));
    } else if (node.isArray() && !node.isEmpty()) {
      for (int i = 0; i < node.size(); i++) {
        add(place + "[" + i + "]", node.get(i), leaves);
      }
    } else {
      leaves.put(place, node.isValueNode() ? node.asText() : node.toString());
    }
  }
}
