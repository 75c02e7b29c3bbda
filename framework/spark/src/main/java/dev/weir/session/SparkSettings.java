package dev.weir.session;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a Spark session is started with. Later sources win: what Delta needs, {@code
 * conf/spark-defaults.conf}, {@code spark:} in {@code conf/weir.yaml}, and what the user gave on
 * the command line.
 *
 * @param master the master's URL, or null for what spark-submit set or, failing that, {@code
 *     local[*]}
 * @param values Spark's configuration, by key
 */
public record SparkSettings(@Nullable String master, Map<String, String> values) {
  public SparkSettings {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** Settings with nothing but what Delta needs. */
  public static SparkSettings bare() {
    return new SparkSettings(null, Map.of());
  }

  /**
   * Reads a properties file in spark-submit's format, and lays the given maps over it in turn.
   *
   * @param defaults the file, which need not be there
   */
  @SafeVarargs
  public static SparkSettings of(
      @Nullable String master, Path defaults, Map<String, String>... overlays) {
    Map<String, String> values = new LinkedHashMap<>();
    if (Files.exists(defaults)) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(defaults, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("Can't read " + defaults, e);
      }
      properties.forEach((key, value) -> values.put((String) key, ((String) value).strip()));
    }
    for (Map<String, String> overlay : overlays) {
      values.putAll(overlay);
    }
    return new SparkSettings(master, values);
  }
}
