package dev.weir.run;

import dev.failsafe.FailsafeException;
import dev.failsafe.TimeoutExceededException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LastWords;
import dev.weir.session.UnreadFile;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/** Puts what went wrong in a sentence. */
public final class Failures {
  private static final int LONGEST = 2000;

  private static final String EXECUTOR_LOST = "executor-lost";

  /** How Spark and the managers of clusters say that an executor had no memory left. */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("(?i)\\bcode:? 52\\b|OutOfMemory|OOMKilled|memory limits|out of memory");

  /** Where a home keeps the files of its datasets. */
  private static final Pattern DATASET = Pattern.compile("/datasets/([^/]+)/([^/]+)/.*\\.parquet$");

  private Failures() {}

  /** The error without the wrappers that threads and libraries put around it. */
  public static Throwable unwrap(Throwable error) {
    Throwable e = error;
    while (e.getCause() != null
        && (e instanceof CompletionException
            || e instanceof ExecutionException
            || e instanceof FailsafeException)) {
      if (e instanceof TimeoutExceededException) {
        return e;
      }
      e = e.getCause();
    }
    return e;
  }

  /** A code, a sentence and the exception's class. */
  public static Fact.Failure of(Throwable error) {
    Throwable e = unwrap(error);
    if (e instanceof WeirException weir) {
      return new Fact.Failure(weir.code(), weir.text(), e.getClass().getName());
    }
    Throwable telling = mostTelling(e);
    String lack = lack(telling);
    Optional<UnreadFile> unread =
        lack == null && !(telling instanceof WeirException) ? UnreadFile.in(e) : Optional.empty();
    if (unread.isPresent()) {
      return new Fact.Failure(
          unread.get().gone() ? "missing-file" : "damaged-file",
          sentence(unread.get()),
          telling.getClass().getName());
    }
    return new Fact.Failure(
        lack == null ? code(telling) : lack,
        sentence(telling) + (lack == null ? "" : " " + advice(lack)),
        telling.getClass().getName());
  }

  /**
   * Whether memory ran out in a task rather than in this thread: on a cluster that was an
   * executor's.
   */
  static boolean ofAnExecutor(Throwable error) {
    boolean fromSpark = false;
    Throwable e = error;
    for (int depth = 0; e != null && depth < 50; depth++) {
      if (e instanceof OutOfMemoryError) {
        StackTraceElement[] trace = e.getStackTrace();
        for (StackTraceElement frame : trace) {
          if (frame.getClassName().startsWith("org.apache.spark.executor.Executor$TaskRunner")) {
            return true;
          }
        }
        // Out of memory, the JVM has no trace to give either.
        return trace.length == 0 && fromSpark;
      }
      fromSpark |= e instanceof SparkException;
      e = e.getCause();
    }
    return false;
  }

  /**
   * What executors had not enough of, or null. Memory that ran out in this process ended it, so
   * that was a task's too.
   */
  private static @Nullable String lack(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return LastWords.CODE;
    }
    String message = error instanceof SparkException ? error.getMessage() : null;
    if (message == null || !message.contains("ExecutorLostFailure (")) {
      return null;
    }
    return OUT_OF_MEMORY.matcher(message).find() ? LastWords.CODE : EXECUTOR_LOST;
  }

  private static String advice(String lack) {
    return lack.equals(EXECUTOR_LOST)
        ? "An executor's process ended amid a task, and Spark gave the task up: the executor's log on its worker says why. One that was killed (code 137) had mostly more memory than its machine allows."
        : "A task had not enough memory: give executors more (--conf spark.executor.memory=…, and spark.executor.memoryOverhead where a container was killed), or let the stage work in more, smaller partitions.";
  }

  /** Spark wraps a task's error in "Job aborted due to stage failure: … "; the cause says it. */
  private static Throwable mostTelling(Throwable error) {
    Throwable e = error;
    for (int depth = 0; depth < 20; depth++) {
      Throwable cause = e.getCause();
      if (cause == null || cause == e) {
        return e;
      }
      if (cause instanceof WeirException) {
        return cause;
      }
      boolean wrapper =
          e instanceof SparkException
              || e.getClass() == RuntimeException.class
              || e instanceof java.io.UncheckedIOException
              || e instanceof java.lang.reflect.InvocationTargetException
              || e instanceof java.util.concurrent.ExecutionException;
      if (!wrapper) {
        return e;
      }
      e = cause;
    }
    return e;
  }

  private static String code(Throwable error) {
    if (error instanceof WeirException weir) {
      return weir.code();
    }
    String condition = error instanceof SparkThrowable spark ? condition(spark) : null;
    if (condition != null && !condition.isEmpty()) {
      return condition.toLowerCase(Locale.ROOT).replace('_', '-');
    }
    String name = error.getClass().getSimpleName().replaceAll("(Exception|Error)$", "");
    return name.isEmpty()
        ? "error"
        : name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static @Nullable String condition(SparkThrowable spark) {
    return spark.getCondition();
  }

  /** Names the file, which none but one of the errors in between does. */
  private static String sentence(UnreadFile file) {
    Matcher dataset = DATASET.matcher(file.path());
    String found =
        file.gone()
            ? "The file %s is not there any more.".formatted(file.path())
            : "The file %s can't be read: %s.".formatted(file.path(), file.reason());
    return dataset.find()
        ? "%s It holds rows of the dataset %s.%s: restore it from a backup, or have the stage that made it make it again, by a run with --fresh."
            .formatted(found, dataset.group(1), dataset.group(2))
        : found
            + " Nothing of its source was published. Have it delivered again, or take it out of the source; then run again.";
  }

  /** The message without stack traces and query plans that Spark appends. */
  private static String sentence(Throwable error) {
    if (error instanceof WeirException weir) {
      return weir.text();
    }
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getClass().getName() + " without a message";
    }
    StringBuilder kept = new StringBuilder();
    for (String line : message.split("\n", -1)) {
      if (line.startsWith("\tat ")
          || line.startsWith("Serialization ")
          || line.startsWith("Driver stacktrace:")
          || line.startsWith("JVM stacktrace:")
          || line.startsWith("'")
          || line.startsWith("+- ")
          || line.startsWith(";")) {
        break;
      }
      if (!line.isBlank()) {
        kept.append(kept.length() == 0 ? "" : "\n").append(line.stripTrailing());
      }
    }
    String text = kept.length() == 0 ? message.strip() : kept.toString();
    String plain = error instanceof SparkThrowable ? "" : error.getClass().getSimpleName() + ": ";
    text = plain + text;
    return text.length() > LONGEST ? text.substring(0, LONGEST) + " …" : text;
  }
}
