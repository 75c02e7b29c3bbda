package dev.weir.jobs;

import dev.weir.cli.bench.ChildProcess;
import dev.weir.cli.bench.ShippedJar;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/** The jar for spark-submit, and Spark without anything of what is in it. */
final class Submission {
  /** Made in the phase before the integration tests. */
  static final Path JAR = Path.of("target/weir-jobs.jar").toAbsolutePath();

  private Submission() {}

  /** The classes in it, as its entries name them. */
  static Set<String> classes() throws IOException {
    return new ShippedJar(JAR).classes();
  }

  /** What of the tests' class path a Spark distribution has. */
  static List<Path> spark() throws IOException {
    return new ShippedJar(JAR).spark();
  }

  /** Runs {@code spark-submit --class dev.weir.jobs.Weir --master local[2] weir-jobs.jar …}. */
  static ChildProcess.Ended submit(Path folder, String... arguments)
      throws IOException, InterruptedException {
    try (ChildProcess process = start(folder, List.of("--master", "local[2]"), arguments)) {
      return process.await();
    }
  }

  /** Starts the class of spark-submit with options of its own and arguments for Weir. */
  static ChildProcess start(Path folder, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-cp");
    command.add(
        spark().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add("org.apache.spark.deploy.SparkSubmit");
    command.addAll(arguments(options, arguments));
    return ChildProcess.start(folder, command, Map.of());
  }

  /** Starts the script {@code bin/spark-submit} of a distribution likewise. */
  static ChildProcess start(
      Path folder, Path distribution, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(distribution.resolve("bin/spark-submit").toString());
    command.addAll(List.of("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"));
    command.addAll(arguments(options, arguments));
    return ChildProcess.start(folder, command, Map.of("SPARK_HOME", distribution.toString()));
  }

  private static List<String> arguments(List<String> options, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--class", Weir.class.getName()));
    all.addAll(options);
    all.add(JAR.toString());
    all.addAll(List.of(arguments));
    return all;
  }
}
