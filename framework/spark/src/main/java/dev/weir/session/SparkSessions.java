package dev.weir.session;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** Starts Spark: one session per application, from which each stage attempt gets its own. */
public final class SparkSessions {
  /** What Delta tables can't be read or written without, and Weir's own functions. */
  private static final Map<String, String> REQUIRED =
      Map.of(
          "spark.sql.extensions",
              "io.delta.sql.DeltaSparkSessionExtension,dev.weir.session.LineageFunctions",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
          "spark.delta.logStore.file.impl", "dev.weir.store.LocalLogStore");

  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

  private static final String EXTENSIONS = "spark.sql.extensions";
  private static final String HADOOP = "spark.hadoop.";
  private static final String JARS = "spark.jars";
  private static final String PLUGINS = "spark.plugins";

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
    values(name, settings, passed()).forEach(builder::config);
    return builder.getOrCreate();
  }

  /** Hadoop's properties among the settings, and among those that spark-submit passed. */
  public static Map<String, String> hadoop(SparkSettings settings) {
    return hadoop(settings, passed());
  }

  static Map<String, String> hadoop(SparkSettings settings, Map<String, String> submitted) {
    Map<String, String> properties = new LinkedHashMap<>();
    values("", settings, submitted)
        .forEach(
            (key, value) -> {
              if (key.startsWith(HADOOP)) {
                properties.put(key.substring(HADOOP.length()), value);
              }
            });
    return properties;
  }

  /**
   * What spark-submit passed, which is in the system's properties. Read as {@code SparkConf} reads
   * them, whose classes alone take a tenth of a second.
   */
  private static Map<String, String> passed() {
    Map<String, String> passed = new LinkedHashMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("spark.")) {
        passed.put(name, System.getProperty(name));
      }
    }
    return passed;
  }

  /** What a session is configured with, where spark-submit passed {@code submitted}. */
  static Map<String, String> values(
      String name, SparkSettings settings, Map<String, String> submitted) {
    Map<String, String> values = new LinkedHashMap<>(REQUIRED);
    values.putAll(settings.values());
    values.putAll(submitted);
    values.putAll(settings.overrides());
    String extensions = values.getOrDefault(EXTENSIONS, "");
    values.put(EXTENSIONS, union(extensions, String.valueOf(REQUIRED.get(EXTENSIONS))));
    // Executors need what spark-submit ships, its own jar first of all, and the user's jars beside.
    String jars = union(submitted.getOrDefault(JARS, ""), settings.values().getOrDefault(JARS, ""));
    if (!jars.isEmpty()) {
      values.put(JARS, jars);
    }

    String master = master(settings);
    values.put("spark.master", master);
    values.putIfAbsent("spark.app.name", name);
    if (master.startsWith("local")) {
      values.putIfAbsent("spark.sql.shuffle.partitions", String.valueOf(cores(master)));
    }
    if (inOneProcess(master)) {
      values.put(PLUGINS, union(values.getOrDefault(PLUGINS, ""), TaskMemory.class.getName()));
      // Spark itself would end the process, without a word, and also after errors such as a stack
      // overflow, which only the task has to fail of.
      values.putIfAbsent("spark.executor.killOnFatalError.depth", "0");
    }
    return values;
  }

  /** Whether spark-submit started this process, be it the driver here or one on the cluster. */
  public static boolean submitted() {
    return System.getProperty("spark.submit.deployMode") != null;
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

  /** Whether tasks run in the driver's own process, as they do with a local master. */
  public static boolean inOneProcess(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /** The number of cores that a local master's URL asks for, of all its workers together. */
  static int cores(String master) {
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (cluster.matches()) {
      return Integer.parseInt(cluster.group(1)) * Integer.parseInt(cluster.group(2));
    }
    int open = master.indexOf('[');
    if (open < 0) {
      return 1;
    }
    String inside = master.substring(open + 1, master.indexOf(']', open)).split(",", -1)[0].strip();
    return inside.equals("*")
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(inside);
  }

  /** Two lists of Spark's as one, each of their entries once. */
  private static String union(String one, String other) {
    Set<String> entries = new LinkedHashSet<>();
    for (String list : new String[] {one, other}) {
      for (String entry : list.split(",", -1)) {
        if (!entry.isBlank()) {
          entries.add(entry.strip());
        }
      }
    }
    return String.join(",", entries);
  }
}
