package dev.weir.run;

import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Has lines of the log name the stage and the attempt that they belong to: those of the thread that
 * works for it, and those of the Spark tasks that it starts.
 */
final class StageLog {
  /** Spark puts local properties whose names begin so into the logging context of its tasks. */
  private static final String PREFIX = "mdc.";

  static final String STAGE = PREFIX + "weir.stage";
  static final String ATTEMPT = PREFIX + "weir.attempt";

  private StageLog() {}

  /** What is done for a stage. */
  interface Work<E extends Exception> {
    void run() throws E;
  }

  /** Whatever the calling thread logs meanwhile belongs to the attempt at the stage. */
  static <E extends Exception> void during(String stage, int attempt, Work<E> work) throws E {
    String stageBefore = MDC.get(STAGE);
    String attemptBefore = MDC.get(ATTEMPT);
    put(STAGE, stage);
    put(ATTEMPT, String.valueOf(attempt));
    try {
      work.run();
    } finally {
      put(STAGE, stageBefore);
      put(ATTEMPT, attemptBefore);
    }
  }

  private static void put(String key, @Nullable String value) {
    if (value == null) {
      MDC.remove(key);
    } else {
      MDC.put(key, value);
    }
  }

  /** Has the tasks that the calling thread starts from now on name the same stage as it does. */
  static void ofTasks(SparkContext context) {
    context.setLocalProperty(STAGE, MDC.get(STAGE));
    context.setLocalProperty(ATTEMPT, MDC.get(ATTEMPT));
  }

  /** Takes the stage off the tasks that the calling thread starts. */
  static void leaveTasks(SparkContext context) {
    context.setLocalProperty(STAGE, null);
    context.setLocalProperty(ATTEMPT, null);
  }
}
