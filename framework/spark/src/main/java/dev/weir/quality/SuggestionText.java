package dev.weir.quality;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.ConfigJson;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes suggestions as the YAML of a validate stage, with what they are suggested by. */
public final class SuggestionText {
  private static final int WIDTH = 100;

  /** What says nothing, since it is so unless something else is said. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "exclusive", "false",
          "threshold", "0.0",
          "on-failure", "\"halt\"",
          "severity", "\"error\"",
          "allow", "[]");

  /** What some readers of YAML take for something else than text. */
  private static final Set<String> WORDS =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private SuggestionText() {}

  /** A block that begins with {@code checks:}, each check below what it is suggested by. */
  public static String yaml(List<Suggestion> suggestions) {
    StringBuilder text = new StringBuilder("checks:\n");
    for (Suggestion suggestion : suggestions) {
      String doubt = suggestion.doubt();
      comment(
          text,
          doubt == null
              ? suggestion.evidence()
              : "less sure: %s; %s".formatted(suggestion.evidence(), doubt));
      line(text, words(json(suggestion.check())));
    }
    return text.toString();
  }

  private static void comment(StringBuilder text, String comment) {
    StringBuilder clean = new StringBuilder();
    comment.codePoints().forEach(c -> clean.appendCodePoint(printable(c) ? c : ' '));
    text.append("  # ").append(clean).append('\n');
  }

  /** Words with spaces between, in lines that are not too long. */
  private static void line(StringBuilder text, List<String> words) {
    StringBuilder line = new StringBuilder("  -");
    for (String word : words) {
      boolean closes = word.startsWith("]") || word.startsWith("}");
      if (line.length() + word.length() >= WIDTH && !line.toString().isBlank() && !closes) {
        text.append(line).append('\n');
        line.setLength(0);
        line.append("     ");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }

  private static JsonNode json(Check check) {
    ObjectNode json = (ObjectNode) ConfigJson.of(check);
    if (check instanceof Check.Schema schema) {
      // In the order of the dataset.
      ObjectNode types = JsonNodeFactory.instance.objectNode();
      schema.schema().forEach(types::put);
      json.set("schema", types);
    }
    json.properties()
        .removeIf(field -> ConfigJson.text(field.getValue()).equals(DEFAULTS.get(field.getKey())));
    return json;
  }

  /** JSON as YAML in one line, cut where a line may end. */
  private static List<String> words(JsonNode json) {
    if (json.isObject() && json.size() == 1 && json.path("names").isArray()) {
      JsonNode names = json.get("names");
      return words(names.size() == 1 ? names.get(0) : names);
    }
    List<String> words = new ArrayList<>();
    if (json.isArray()) {
      words.add("[");
      for (int i = 0; i < json.size(); i++) {
        add(words, words(json.get(i)), i < json.size() - 1);
      }
      words.add("]");
    } else if (json.isObject()) {
      words.add("{");
      int left = json.size();
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        List<String> value =
            isBound(field) ? List.of(field.getValue().textValue()) : words(field.getValue());
        List<String> entry = new ArrayList<>(value);
        entry.set(0, quoted(field.getKey()) + ": " + value.get(0));
        add(words, entry, --left > 0);
      }
      words.add("}");
    } else if (json.isTextual()) {
      // What would be the value of a parameter is written with two dollars.
      words.add(quoted(json.textValue().replace("${", "$${")));
    } else if (json.isDouble()) {
      words.add(new BigDecimal(json.asText()).stripTrailingZeros().toPlainString());
    } else {
      words.add(json.asText());
    }
    return words;
  }

  private static void add(List<String> words, List<String> more, boolean comma) {
    List<String> ended = new ArrayList<>(more);
    if (comma) {
      ended.set(ended.size() - 1, ended.get(ended.size() - 1) + ",");
    }
    words.addAll(ended);
  }

  /** A number that is kept as it was written. */
  private static boolean isBound(Map.Entry<String, JsonNode> field) {
    return (field.getKey().equals("min") || field.getKey().equals("max"))
        && field.getValue().isTextual()
        && field.getValue().textValue().matches("-?[0-9.]+");
  }

  private static String quoted(String text) {
    boolean plain =
        text.matches("[A-Za-z_][A-Za-z0-9_-]*") && !WORDS.contains(text.toLowerCase(Locale.ROOT));
    if (plain) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (printable(c)) {
                quoted.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
              }
            });
    return quoted.append('"').toString();
  }

  private static boolean printable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
