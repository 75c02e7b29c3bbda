package dev.weir.session;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Starts Spark: one session per application, from which each stage attempt gets its own. */
public final class SparkSessions {
  /** What Delta tables can't be read or written without. */
  private static final Map<String, String> REQUIRED =
      Map.of(
          "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
          "spark.delta.logStore.file.impl", "dev.weir.store.LocalLogStore");

  private SparkSessions() {}

  /**
   * Starts the application's session, or returns the one that runs.
   *
   * <p>Under spark-submit the master and every setting that it passed are kept, but for the
   * settings' overrides. Embedded, shuffle partitions follow the number of cores unless they are
   * set.
   */
  public static SparkSession start(String name, SparkSettings settings) {
    SparkSession.Builder builder = SparkSession.builder();
    configuration(name, settings).forEach(builder::config);
    return builder.getOrCreate();
  }

  /** What {@link #start} tells Spark. */
  static Map<String, String> configuration(String name, SparkSettings settings) {
    // Under spark-submit this holds what it passed as system properties.
    SparkConf submitted = new SparkConf();
    Map<String, String> values = new LinkedHashMap<>(REQUIRED);
    values.putAll(settings.values());
    merge(values, "spark.sql.extensions", REQUIRED);
    for (scala.Tuple2<String, String> entry : submitted.getAll()) {
      values.put(entry._1(), entry._2());
    }
    values.putAll(settings.overrides());
    merge(values, "spark.sql.extensions", REQUIRED);

    String master = master(settings);
    values.put("spark.master", master);
    values.putIfAbsent("spark.app.name", name);
    if (master.startsWith("local")) {
      values.putIfAbsent("spark.sql.shuffle.partitions", String.valueOf(cores(master)));
    }
    return values;
  }

  /** The master that {@link #start} asks for: known without starting anything. */
  public static String master(SparkSettings settings) {
    if (settings.master() != null) {
      return settings.master();
    }
    String submitted = System.getProperty("spark.master");
    return submitted != null && !settings.overrides().containsKey("spark.master")
        ? submitted
        : settings.values().getOrDefault("spark.master", "local[*]");
  }

  /** The number of cores that a local master's URL asks for. */
  static int cores(String master) {
    int open = master.indexOf('[');
    if (open < 0) {
      return 1;
    }
    String inside = master.substring(open + 1, master.indexOf(']', open)).split(",", -1)[0].strip();
    return inside.equals("*")
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(inside);
  }

  /** A user's list of extensions keeps Delta's. */
  private static void merge(Map<String, String> values, String key, Map<String, String> required) {
    String needed = String.valueOf(required.get(key));
    String given = values.getOrDefault(key, needed);
    if (!given.contains(needed)) {
      values.put(key, given + "," + needed);
    }
  }
}
