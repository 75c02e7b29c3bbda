package dev.weir.lineage;

import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to, in a form in which two runs that did the same are equal: the content of the
 * datasets and models, and the facts of the stages that published them. Left out is what may differ
 * between two such runs: ids, times, attempts, versions, and metrics that are durations.
 */
public final class RunContent {
  private RunContent() {}

  /**
   * The content of a run, each part by a name that says what it is.
   *
   * @param run a run that has ended
   */
  public static SortedMap<String, String> of(LineageReader lineage, String run) {
    SortedMap<String, String> content = new TreeMap<>();
    List<Filter> filters = List.of(Filter.equal("run", run));
    Map<String, Integer> published = new TreeMap<>();
    for (Row row : lineage.rows(LineageTable.STAGES, filters)) {
      if (StageState.valueOf(row.string("state")).published()) {
        put(content, "stage " + row.string("stage"), row.text("config"));
        published.put(row.string("stage"), row.integer("attempt"));
      }
    }
    for (Row row : of(lineage, LineageTable.DATASETS, filters, published)) {
      put(
          content,
          "dataset %s of %s".formatted(row.string("name"), row.string("stage")),
          row.number("row_count") + " rows " + row.string("digest"));
    }
    for (Row row : of(lineage, LineageTable.MODELS, filters, published)) {
      put(
          content,
          "%s model %s of %s"
              .formatted(row.string("kind"), row.string("name"), row.string("stage")),
          row.text("type") + " " + row.text("content_digest") + " " + row.text("signature"));
    }
    for (Row row : of(lineage, LineageTable.METRICS, filters, published)) {
      String name = row.string("name");
      // How long it took, and what Spark had to do again, is another thing each time.
      if (!name.endsWith("-seconds") && !name.startsWith("spark.")) {
        put(
            content,
            "metric %s of %s in %s".formatted(name, name(row.text("subject")), row.string("stage")),
            String.valueOf(row.get("value")));
      }
    }
    for (Row row : of(lineage, LineageTable.CHECKS, filters, published)) {
      put(
          content,
          "check %s of %s %s in %s"
              .formatted(
                  row.string("name"),
                  name(row.text("subject")),
                  row.text("column_name"),
                  row.string("stage")),
          "%s %s %s; %s"
              .formatted(
                  row.get("passed"),
                  row.number("row_count"),
                  row.text("observed"),
                  row.text("expected")));
    }
    for (Row row : of(lineage, LineageTable.PARAMS, filters, published)) {
      put(
          content,
          "param %s of %s".formatted(row.string("name"), row.string("stage")),
          row.string("value"));
    }
    for (Row row : of(lineage, LineageTable.EDGES, filters, published)) {
      put(
          content,
          "edge from %s to %s in %s"
              .formatted(
                  name(row.text("from_reference")),
                  name(row.text("to_reference")),
                  row.string("stage")),
          "");
    }
    return content;
  }

  /** The rows of the attempts that published something. */
  private static List<Row> of(
      LineageReader lineage,
      LineageTable table,
      List<Filter> filters,
      Map<String, Integer> published) {
    List<Row> rows = new ArrayList<>();
    for (Row row : lineage.rows(table, filters)) {
      String stage = row.text("stage");
      Integer attempt = stage == null ? null : published.get(stage);
      if (attempt != null && (attempt.equals(row.get("attempt")) || registration(table, row))) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** A registration stands by itself: it may be of an attempt that died after it. */
  private static boolean registration(LineageTable table, Row row) {
    return switch (table) {
      case MODELS -> row.get("number") != null;
      case EDGES -> String.valueOf(row.text("to_reference")).startsWith("model:");
      default -> false;
    };
  }

  /** What comes twice is told apart: something that is doubled makes a difference. */
  private static void put(SortedMap<String, String> content, String name, @Nullable String value) {
    String key = name;
    for (int again = 2; content.containsKey(key); again++) {
      key = name + " (" + again + ")";
    }
    content.put(key, String.valueOf(value));
  }

  /** A reference without its version; of a file, which has none, the whole. */
  private static String name(@Nullable String reference) {
    return reference == null || reference.startsWith("file:")
        ? String.valueOf(reference)
        : reference.replaceFirst("@[^@]*$", "");
  }
}
