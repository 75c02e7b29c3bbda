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
 * conf/spark-defaults.conf}, {@code spark:} in {@code conf/weir.yaml}, what spark-submit set, and
 * what the user gave on Weir's own command line.
 *
 * @param master the master's URL, or null for what spark-submit set or, failing that, {@code
 *     local[*]}
 * @param values Spark's configuration, by key, the overrides among it
 * @param overrides what wins over spark-submit's settings too
 */
public record SparkSettings(
    @Nullable String master, Map<String, String> values, Map<String, String> overrides) {
  public SparkSettings {
    Map<String, String> all = new TreeMap<>(values);
    all.putAll(overrides);
    values = Collections.unmodifiableMap(all);
    overrides = Collections.unmodifiableMap(new TreeMap<>(overrides));
  }

  /** Settings without overrides. */
  public SparkSettings(@Nullable String master, Map<String, String> values) {
    this(master, values, Map.of());
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

  /** The same settings with another value of one, which wins over what the old one won over. */
  public SparkSettings with(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put(key, value);
    Map<String, String> winning = new LinkedHashMap<>(overrides);
    winning.replace(key, value);
    return new SparkSettings(master, all, winning);
  }

  /** The same settings with others over them, which win over spark-submit's as well. */
  public SparkSettings over(Map<String, String> others) {
    Map<String, String> all = new LinkedHashMap<>(overrides);
    all.putAll(others);
    return new SparkSettings(master, values, all);
  }
}
