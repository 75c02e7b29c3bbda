package dev.weir.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether a commit file holds all that was written to it.
 *
 * <p>Neither Kernel nor Spark notices a file that is empty or that ends after one of its lines:
 * each takes it for a commit that does less. But the first line says what the others come to:
 * Weir's own commits how many actions follow, Spark's writes how many rows they added and how many
 * files they removed.
 */
final class WholeCommit {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Pattern NAME = Pattern.compile("\\d{20}\\.json");
  private static final Pattern ACTIONS = Pattern.compile("/Weir \\S+, (\\d+) actions$");

  /** In the text of statistics, which are JSON within JSON. */
  private static final Pattern ROWS = Pattern.compile("\\\\\"numRecords\\\\\":(\\d+)");

  private WholeCommit() {}

  /** Whether a path is that of a commit file. */
  static boolean isCommit(String path) {
    return NAME.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
  }

  /** What the writer of a commit says of itself, so that a part of it is known for one. */
  static String writer(String id, int actions) {
    return "Weir %s, %d actions".formatted(id, actions);
  }

  /**
   * Throws {@code torn-commit} if something is missing.
   *
   * @param file named in the error
   */
  static void require(String file, byte[] content) throws IOException {
    List<String> lines = lines(content);
    if (lines.isEmpty()) {
      throw StoreErrors.torn(file, "is empty", null);
    }
    // What is cut ends within a line, or after one.
    action(file, lines.get(lines.size() - 1), lines.size());
    JsonNode info = action(file, lines.get(0), 1).path("commitInfo");
    Matcher said = ACTIONS.matcher(info.path("engineInfo").asText());
    if (said.find()) {
      int actions = Integer.parseInt(said.group(1));
      if (lines.size() - 1 < actions) {
        throw StoreErrors.torn(
            file,
            "holds %d of the %d actions that it says were written"
                .formatted(lines.size() - 1, actions),
            null);
      }
    } else if (isPlainWrite(info)) {
      requireFiles(file, lines, info.path("operationMetrics"));
    }
  }

  /** A write that did nothing but add files, and remove all others if it overwrote. */
  private static boolean isPlainWrite(JsonNode info) {
    JsonNode parameters = info.path("operationParameters");
    String mode = parameters.path("mode").asText();
    return info.path("operation").asText().equals("WRITE")
        && (mode.equals("Overwrite") || mode.equals("Append"))
        && !parameters.has("predicate");
  }

  private static void requireFiles(String file, List<String> lines, JsonNode metrics) {
    long added = 0;
    long removed = 0;
    boolean counted = true;
    for (String line : lines) {
      if (line.startsWith("{\"add\"")) {
        Matcher rows = ROWS.matcher(line);
        if (rows.find()) {
          added += Long.parseLong(rows.group(1));
        } else {
          // Not every table has statistics.
          counted = false;
        }
      } else if (line.startsWith("{\"remove\"")) {
        removed++;
      }
    }
    // Not the number of files: an empty one is written and counted, and left out of the commit.
    OptionalLong rows = number(metrics, "numOutputRows");
    if (counted && rows.isPresent() && added < rows.getAsLong()) {
      throw StoreErrors.torn(
          file,
          "names files with %d of the %d rows that it says were written"
              .formatted(added, rows.getAsLong()),
          null);
    }
    OptionalLong gone = number(metrics, "numRemovedFiles");
    if (gone.isPresent() && removed < gone.getAsLong()) {
      throw StoreErrors.torn(
          file,
          "names %d of the %d files that it says were removed".formatted(removed, gone.getAsLong()),
          null);
    }
  }

  private static OptionalLong number(JsonNode metrics, String name) {
    String text = metrics.path(name).asText();
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  /** One action; throws {@code torn-commit} if the line is none. */
  static JsonNode action(String file, String line, int number) throws IOException {
    JsonNode action;
    try {
      action = JSON.readTree(line);
    } catch (JacksonException e) {
      throw StoreErrors.torn(file, "breaks off in line " + number, e);
    }
    if (!action.isObject()) {
      throw StoreErrors.torn(file, "breaks off in line " + number, null);
    }
    return action;
  }

  private static List<String> lines(byte[] content) {
    List<String> lines = new ArrayList<>();
    new String(content, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(lines::add);
    return lines;
  }
}
