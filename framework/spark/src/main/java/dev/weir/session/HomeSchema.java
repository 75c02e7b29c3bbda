package dev.weir.session;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.store.ColumnType;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A home as schemas of Spark SQL: {@code lineage}, and every dataset under its own name. The views
 * are pinned, so that all queries of a session see the home as it was at one moment.
 */
public final class HomeSchema {
  private static final ObjectMapper JSON = new ObjectMapper();

  private HomeSchema() {}

  /**
   * A Delta table at a version, under a name.
   *
   * @param schema such as {@code lineage} or a dataset's namespace
   * @param name the view's name
   * @param path where the table lies
   * @param version the version that the view shows
   * @param columns the table's columns, where rows are laid over it
   * @param more rows that the view shows besides
   * @param latest which of several rows of the same thing the view shows, or null to show all
   */
  public record PinnedTable(
      String schema,
      String name,
      String path,
      long version,
      List<dev.weir.store.Column> columns,
      List<Row> more,
      @Nullable Latest latest) {
    public PinnedTable {
      columns = List.copyOf(columns);
      more = List.copyOf(more);
    }

    /** A table as it is. */
    public PinnedTable(String schema, String name, String path, long version) {
      this(schema, name, path, version, List.of(), List.of(), null);
    }
  }

  /**
   * Of the rows with the same key the one with the greatest value, or with none.
   *
   * @param key a column
   * @param by a column
   */
  public record Latest(String key, String by) {}

  /** Makes the views in the session's catalog, which must be an in-memory one. */
  public static void open(SparkSession spark, List<PinnedTable> tables) {
    Map<String, List<PinnedTable>> bySchema =
        tables.stream()
            .collect(Collectors.groupingBy(PinnedTable::schema, TreeMap::new, Collectors.toList()));
    bySchema.forEach(
        (schema, views) -> {
          spark.sql("CREATE SCHEMA IF NOT EXISTS " + Identifiers.quote(schema));
          for (PinnedTable view : views) {
            spark.sql(
                "CREATE OR REPLACE VIEW %s.%s AS %s"
                    .formatted(
                        Identifiers.quote(schema), Identifiers.quote(view.name()), query(view)));
          }
        });
  }

  private static String query(PinnedTable view) {
    String all =
        "SELECT * FROM delta.%s VERSION AS OF %d%s"
            .formatted(
                Identifiers.quote(view.path()),
                view.version(),
                view.more().isEmpty() ? "" : " UNION ALL " + rows(view));
    Latest latest = view.latest();
    return latest == null
        ? all
        : "SELECT * EXCEPT (`__order`) FROM (SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s DESC NULLS FIRST) AS `__order` FROM (%s)) WHERE `__order` = 1"
            .formatted(Identifiers.quote(latest.key()), Identifiers.quote(latest.by()), all);
  }

  /** A view that stays can read no temporary one, so its rows stand in the statement, as JSON. */
  private static String rows(PinnedTable view) {
    ArrayNode array = JSON.createArrayNode();
    for (Row row : view.more()) {
      ObjectNode object = array.addObject();
      for (dev.weir.store.Column column : view.columns()) {
        Object value = row.get(column.name());
        if (value != null) {
          object.putPOJO(column.name(), value instanceof Instant at ? at.toString() : value);
        }
      }
    }
    String type =
        view.columns().stream()
            .map(column -> Identifiers.quote(column.name()) + ": " + sql(column.type()))
            .collect(Collectors.joining(", ", "array<struct<", ">>"));
    return "SELECT inline(from_json(%s, %s))".formatted(literal(array.toString()), literal(type));
  }

  private static String sql(ColumnType type) {
    return switch (type) {
      case LONG -> "bigint";
      default -> type.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
