package dev.weir.session;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.util.Optional;
import org.apache.spark.SparkThrowable;

/**
 * A file that Spark could not read. Spark names it in one of the errors that led to the one it
 * throws, and what was wrong with it in another.
 *
 * @param path where it is; without a scheme for local files
 * @param gone whether it is not there any more
 * @param reason what was found: the end of a sentence
 */
public record UnreadFile(String path, boolean gone, String reason) {
  private static final String CONDITION = "FAILED_READ_FILE";

  /** The file that an error tells of, if it does. */
  public static Optional<UnreadFile> in(Throwable error) {
    Throwable e = error;
    for (int depth = 0; e != null && depth < 50; depth++) {
      if (e instanceof SparkThrowable spark
          && spark.getCondition() != null
          && spark.getCondition().startsWith(CONDITION)) {
        String path = spark.getMessageParameters().get("path");
        if (path != null) {
          return Optional.of(of(path, spark.getCondition(), e));
        }
      }
      e = e.getCause();
    }
    return Optional.empty();
  }

  private static UnreadFile of(String path, String condition, Throwable error) {
    Throwable root = error;
    boolean gone = condition.endsWith("FILE_NOT_EXIST");
    boolean ends = false;
    for (int depth = 0; root.getCause() != null && depth < 50; depth++) {
      root = root.getCause();
      gone |= root instanceof FileNotFoundException && !denied(root);
      ends |= root instanceof EOFException;
    }
    String message = String.valueOf(root.getMessage()).strip().lines().findFirst().orElse("");
    String said = root.getClass().getSimpleName() + ": " + message;
    String reason =
        ends
            ? "it breaks off before its end (%s)".formatted(said)
            : message.contains("not a Parquet file") || message.contains("footer is too large")
                ? "it does not end as a Parquet file does (%s)".formatted(said)
                : said;
    return new UnreadFile(path.replaceFirst("^file:/+", "/"), gone, reason);
  }

  private static boolean denied(Throwable error) {
    return String.valueOf(error.getMessage()).contains("Permission denied");
  }
}
