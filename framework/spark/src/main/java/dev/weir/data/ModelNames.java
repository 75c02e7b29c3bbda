package dev.weir.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The names in a saved model that say nothing of what it learned, and what stands for them in its
 * canonical form.
 *
 * <p>Left out of metadata are the uid, the time of saving, Spark's version (a run's facts name it,
 * and the same numbers are the same model) and the list of the stages' uids, whose order is in the
 * stages' paths. A reference to a stage by its uid becomes one by its place: such are the default
 * name of an output column and the owner of a parameter in a tuned model's grid. The columns that
 * RFormula makes up for itself are numbered.
 */
final class ModelNames {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> LEFT_OUT = Set.of("uid", "timestamp", "sparkVersion");
  private static final String OUTPUT = "__output";

  /** RFormula's {@code tmpColumn}. Any other name that looks random may be the user's. */
  private static final Pattern MADE_UP =
      Pattern.compile("\\b(stridx|onehot|interaction)_[0-9a-f]{12}(?![0-9a-zA-Z])");

  private final Map<String, String> places = new HashMap<>();
  private final Map<String, String> madeUp = new HashMap<>();

  /** Parses what should be metadata; what is none stands for itself, as text. */
  static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(line);
    }
  }

  /** Makes known whose metadata these are. */
  void add(JsonNode metadata, String place) {
    String uid = metadata.path("uid").asText();
    if (!uid.isEmpty()) {
      places.putIfAbsent(uid, place);
    }
  }

  /** Metadata in their canonical form. */
  String metadata(JsonNode metadata) {
    return top(metadata, this::numbered).toString();
  }

  /** The canonical form of the metadata of one tree of several, a text in its model's rows. */
  String treeMetadata(String text) {
    return top(parse(text), this::known).toString();
  }

  /** A text of which those names are replaced that are known from metadata. */
  String known(String text) {
    return named(text, match -> madeUp.getOrDefault(match.group(), match.group()));
  }

  private String numbered(String text) {
    return named(
        text,
        match ->
            madeUp.computeIfAbsent(match.group(), name -> match.group(1) + "_#" + madeUp.size()));
  }

  private String named(String text, Function<MatchResult, String> column) {
    if (text.endsWith(OUTPUT)) {
      String place = places.get(text.substring(0, text.length() - OUTPUT.length()));
      if (place != null) {
        return place + OUTPUT;
      }
    }
    // Most texts have none, and rows have many texts.
    return text.indexOf('_') < 0 ? text : MADE_UP.matcher(text).replaceAll(column);
  }

  private JsonNode top(JsonNode metadata, Function<String, String> text) {
    JsonNode canonical = canonical(metadata, text);
    if (canonical instanceof ObjectNode object) {
      object.remove(LEFT_OUT);
      if (object.get("paramMap") instanceof ObjectNode params) {
        params.remove("stageUids");
      }
    }
    return canonical;
  }

  private JsonNode canonical(JsonNode node, Function<String, String> text) {
    if (node instanceof ObjectNode object) {
      Map<String, JsonNode> sorted = new TreeMap<>();
      object.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      sorted.forEach(
          (key, value) -> {
            String place = key.equals("parent") ? places.get(value.asText()) : null;
            result.set(key, place == null ? canonical(value, text) : TextNode.valueOf(place));
          });
      return result;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode result = JsonNodeFactory.instance.arrayNode();
      array.forEach(element -> result.add(canonical(element, text)));
      return result;
    }
    return node.isTextual() ? TextNode.valueOf(text.apply(node.textValue())) : node;
  }
}
