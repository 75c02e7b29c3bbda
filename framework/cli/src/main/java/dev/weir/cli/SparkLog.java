package dev.weir.cli;

import dev.weir.config.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the log of Spark and of Weir itself goes, so that the terminal stays the user's. */
final class SparkLog {
  /** What {@code conf/log4j2.properties} writes to. */
  private static final String PROPERTY = "weir.log";

  private static final String CONFIGURATION = "log4j2.configurationFile";

  private SparkLog() {}

  /**
   * Sends this process's log to {@code <home>/logs/<name>/spark.log}, if the home is local and no
   * one else has set up logging, as spark-submit does.
   *
   * @return the log's path, or null when it goes elsewhere
   */
  static @Nullable String to(Project project, URI home, String name) {
    if (!"file".equals(home.getScheme()) || System.getProperty("SPARK_SUBMIT") != null) {
      return null;
    }
    Path log = Path.of(home).resolve("logs").resolve(name).resolve("spark.log");
    try {
      Files.createDirectories(log.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("Can't make the folder of the log " + log, e);
    }
    System.setProperty(PROPERTY, log.toString());
    if (System.getProperty(CONFIGURATION) == null) {
      ConfFile.find(project, "log4j2.properties", System.getenv())
          .ifPresent(file -> System.setProperty(CONFIGURATION, file.toUri().toString()));
    }
    return log.toString();
  }
}
