package dev.weir.cli;

import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.util.Map;

/** The one Spark session of this module's tests: a command that finds one uses it and leaves it. */
final class TestSession {
  private static final class Holder {
    static final boolean STARTED = start();

    private static boolean start() {
      SparkSessions.start(
          "weir-tests",
          SparkSettings.of(
              "local[2]",
              Repository.root().resolve("conf/spark-defaults.conf"),
              Map.of(
                  "spark.sql.warehouse.dir",
                  System.getProperty("java.io.tmpdir"),
                  // Nothing here is worth compiling.
                  "spark.sql.codegen.wholeStage",
                  "false",
                  "spark.sql.codegen.factoryMode",
                  "NO_CODEGEN")));
      return true;
    }
  }

  private TestSession() {}

  /** Starts the session if it is not there yet. */
  static void start() {
    if (!Holder.STARTED) {
      throw new IllegalStateException("Spark did not start");
    }
  }
}
