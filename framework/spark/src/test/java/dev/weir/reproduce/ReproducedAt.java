package dev.weir.reproduce;

import dev.weir.pipeline.StageTypes;
import dev.weir.run.ClassArchive;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A process that makes models again with a master of its own. */
final class ReproducedAt {
  private ReproducedAt() {}

  /** Prints a model and its verdict in each line. */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    SparkSettings settings =
        SparkSettings.bare()
            .with("spark.master", arguments[1])
            .with("spark.ui.enabled", "false")
            .with("spark.databricks.delta.snapshotPartitions", "1")
            .with("spark.sql.session.timeZone", "UTC");
    SparkSession spark = SparkSessions.start("weir-tests", settings);
    for (String model : List.of(arguments).subList(2, arguments.length)) {
      Reproduced reproduced = Reproduction.of(request(model, home, settings), event -> {});
      System.out.println(model + " " + reproduced.verdict() + " " + reproduced.causes());
    }
    spark.stop();
    System.exit(0);
  }

  static ReproductionRequest request(String model, Path home, SparkSettings settings) {
    return new ReproductionRequest(
        model,
        home.toUri(),
        home.resolveSibling("scratch").toUri(),
        false,
        home.resolveSibling("project").toUri(),
        StageTypes.of(ReproducedAt.class.getClassLoader()),
        settings,
        List.of(),
        ReproductionRequest.DEFAULT_TOLERANCE,
        Map.of());
  }

  /** Starts the process; its output is in files beside the home. */
  static Process start(Path home, String master, List<String> models)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Its modules too: without Java's vectors the same model has other last digits.
      if (option.startsWith("--add-")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.timezone=UTC"));
    command.addAll(ClassArchive.options());
    command.addAll(List.of(ReproducedAt.class.getName(), home.toString(), master));
    command.addAll(models);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(out(home, master).toFile())
            .redirectError(home.resolveSibling(master + ".err").toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  static Path out(Path home, String master) {
    return home.resolveSibling(master + ".out");
  }
}
