package dev.weir.cli;

import dev.weir.error.WeirException;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The jars that Spark takes to its executors. Those of {@code local[…]} live in this process and
 * see its classes. Those of a cluster have Spark's alone: Weir and Delta reach them as the one jar
 * for spark-submit, which ships it itself; otherwise it is found by what the launcher says.
 */
final class ExecutorJars {
  /** Where the launcher says that the one jar is. */
  private static final String JAR = "WEIR_JAR";

  private static final String KEY = "spark.jars";

  private ExecutorJars() {}

  /**
   * The same settings with everything that executors need.
   *
   * @param submitted whether spark-submit started this process
   */
  static SparkSettings ship(
      SparkSettings settings, UserCode code, Map<String, String> environment, boolean submitted) {
    String master = SparkSessions.master(settings);
    boolean here = master.equals("local") || master.startsWith("local[");
    Set<String> jars = new LinkedHashSet<>();
    if (!here && !submitted) {
      requireKnown(master);
      jars.add(weir(master, environment).toUri().toString());
    }
    jars.addAll(List.of(settings.values().getOrDefault(KEY, "").split(",", -1)));
    jars.addAll(here ? code.jars() : code.packed());
    jars.remove("");
    if (jars.isEmpty()) {
      return settings;
    }
    return settings.with(KEY, String.join(",", jars));
  }

  /** Spark finds its modules for other masters in a distribution only. */
  private static void requireKnown(String master) {
    if (!master.startsWith("spark://") && !master.startsWith("local-cluster[")) {
      throw WeirException.user(
          "unknown-master",
          "./weir starts Spark on local[…], local-cluster[…] and spark://…, not on %s."
              .formatted(master),
          "YARN and Kubernetes take the spark-submit of a Spark distribution: spark-submit --class dev.weir.jobs.Weir --master %s weir-jobs.jar run …"
              .formatted(master));
    }
  }

  /** The one jar, wherever the launcher says that it is. */
  static Path weir(String master, Map<String, String> environment) {
    String named = environment.getOrDefault(JAR, "");
    if (named.isEmpty() || !Files.isRegularFile(Path.of(named))) {
      throw WeirException.user(
          "missing-executor-jar",
          "Executors of %s get Weir's classes from weir-jobs.jar; %s."
              .formatted(
                  master,
                  named.isEmpty()
                      ? JAR + " does not say where it is"
                      : JAR + " names " + named + ", which is not there"),
          "Start with ./weir, which builds it; or set %s to it; or use spark-submit."
              .formatted(JAR));
    }
    return Path.of(named).toAbsolutePath();
  }
}
