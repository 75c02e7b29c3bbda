package dev.weir.cli;

import dev.weir.config.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Where the log of Spark and of Weir itself goes, so that the terminal stays the user's. */
final class SparkLog {
  /** What {@code conf/log4j2.properties} writes to. */
  private static final String PROPERTY = "weir.log";

  private static final String NOWHERE =
      System.getProperty("os.name", "").startsWith("Windows") ? "NUL" : "/dev/null";

  private static final String CONFIGURATION = "log4j2.configurationFile";

  /** How long the log that commands share may have become before a new one is begun. */
  static final long SHARED_BYTES = 10_000_000;

  private SparkLog() {}

  /**
   * Sends this process's log to {@code <home>/logs/<run>/spark.log}, if the home is local and no
   * one else has set up logging, as spark-submit does. Makes nothing yet.
   *
   * @return the log's path, or null when it goes elsewhere
   */
  static @Nullable Path ofRun(Project project, URI home, String run) {
    configure(project);
    if (!"file".equals(home.getScheme()) || submitted()) {
      return null;
    }
    Path log = Path.of(home).resolve("logs").resolve(run).resolve("spark.log");
    System.setProperty(PROPERTY, log.toString());
    return log;
  }

  /** Keeps no log of this process, which writes nothing anywhere. */
  static void none(Project project) {
    configure(project);
    System.setProperty(PROPERTY, NOWHERE);
  }

  /**
   * Sets logging up in the background, once it is known where to, which takes as long as reading a
   * pipeline does.
   */
  static void warmUp() {
    Thread thread = new Thread(SparkLog::setUp, "weir-log");
    thread.setDaemon(true);
    thread.start();
  }

  private static void setUp() {
    var unused = LoggerFactory.getLogger(SparkLog.class);
  }

  /** Makes the folder of a log. */
  static void make(Path log) {
    try {
      Files.createDirectories(log.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("Can't make the folder of the log " + log, e);
    }
  }

  /**
   * The same for a command, all of whose processes share one log: a long one is put aside, in the
   * place of the one put aside before.
   */
  static @Nullable String ofCommand(Project project, URI home, String command) {
    Path log = ofRun(project, home, command);
    if (log == null) {
      return null;
    }
    make(log);
    try {
      if (Files.exists(log) && Files.size(log) > SHARED_BYTES) {
        Files.move(log, log.resolveSibling("spark.log.1"), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (NoSuchFileException e) {
      // Another process has just put it aside.
      return log.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't put the log aside: " + log, e);
    }
    return log.toString();
  }

  /**
   * Has logging follow the project's {@code conf/log4j2.properties}, or else Weir's, unless the JVM
   * was given another.
   */
  static void configure(Project project) {
    if (System.getProperty(CONFIGURATION) == null && !submitted()) {
      ConfFile.find(project, "log4j2.properties", System.getenv())
          .ifPresent(file -> System.setProperty(CONFIGURATION, file.toUri().toString()));
    }
  }

  private static boolean submitted() {
    return System.getProperty("SPARK_SUBMIT") != null;
  }
}
