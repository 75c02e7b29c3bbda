package dev.weir.session;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A home as schemas of Spark SQL: {@code lineage}, and every dataset under its own name. The views
 * are pinned, so that all queries of a session see the home as it was at one moment.
 */
public final class HomeSchema {
  private HomeSchema() {}

  /**
   * A Delta table at a version, under a name.
   *
   * @param schema such as {@code lineage} or a dataset's namespace
   * @param name the view's name
   * @param path where the table lies
   * @param version the version that the view shows
   */
  public record PinnedTable(String schema, String name, String path, long version) {}

  /** Makes the views in the session's catalog, which must be an in-memory one. */
  public static void open(SparkSession spark, List<PinnedTable> tables) {
    Map<String, List<PinnedTable>> bySchema =
        tables.stream()
            .collect(
                java.util.stream.Collectors.groupingBy(
                    PinnedTable::schema, TreeMap::new, java.util.stream.Collectors.toList()));
    bySchema.forEach(
        (schema, views) -> {
          spark.sql("CREATE SCHEMA IF NOT EXISTS " + Identifiers.quote(schema));
          for (PinnedTable view : views) {
            spark.sql(
                "CREATE OR REPLACE VIEW %s.%s AS SELECT * FROM delta.%s VERSION AS OF %d"
                    .formatted(
                        Identifiers.quote(schema),
                        Identifiers.quote(view.name()),
                        Identifiers.quote(view.path()),
                        view.version()));
          }
        });
  }
}
