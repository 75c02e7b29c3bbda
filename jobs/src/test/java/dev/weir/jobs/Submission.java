package dev.weir.jobs;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/** The jar for spark-submit, and Spark without anything of what is in it. */
final class Submission {
  /** Made in the phase before the integration tests. */
  static final Path JAR = Path.of("target/weir-jobs.jar").toAbsolutePath();

  private Submission() {}

  /** The classes of a jar, as its entries name them. */
  static Set<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  /**
   * What of the tests' class path a Spark distribution has: the jars that share no class with the
   * submitted one, which would otherwise go unnoticed if it lacked one.
   */
  static List<Path> spark() throws IOException {
    Set<String> inside = classes(JAR);
    List<Path> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (entry.endsWith(".jar")
          && Files.isRegularFile(path)
          && classes(path).stream().noneMatch(inside::contains)) {
        jars.add(path);
      }
    }
    return List.copyOf(jars);
  }

  /**
   * How spark-submit came to its end.
   *
   * @param code its exit code
   * @param out what it printed, by line
   * @param errors the file of what it logged
   */
  record Ended(int code, List<String> out, Path errors) {}

  /** Runs {@code spark-submit --class dev.weir.jobs.Weir --master local[2] weir-jobs.jar …}. */
  static Ended submit(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-cp");
    command.add(
        spark().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add("org.apache.spark.deploy.SparkSubmit");
    command.addAll(List.of("--class", Weir.class.getName(), "--master", "local[2]"));
    command.add(JAR.toString());
    command.addAll(Stream.of(arguments).toList());
    Path out = Files.createTempFile(folder, "submit-", ".out");
    Path errors = Files.createTempFile(folder, "submit-", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    builder.environment().remove("WEIR_HOME");
    int code = builder.start().waitFor();
    return new Ended(code, Files.readAllLines(out), errors);
  }
}
