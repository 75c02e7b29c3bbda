package dev.weir.lineage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a process that ran out of memory left behind for the next command to record: it could write
 * no facts any more, only a small file.
 *
 * @param run the run that was under way
 * @param pipeline its pipeline
 * @param stage the stage whose attempt ran out of memory, or null where that is not known: the
 *     error came to a thread that no stage owns
 * @param attempt the attempt's number, 0 where the stage is not known
 * @param host where the process ran
 * @param pid its process id there
 * @param at when it ended
 * @param what the error, such as {@code java.lang.OutOfMemoryError: Java heap space}
 * @param heapMax how large the heap could become, in bytes
 * @param file where these words lie; the stack trace follows them there
 */
public record LastWords(
    String run,
    String pipeline,
    @Nullable String stage,
    int attempt,
    String host,
    long pid,
    Instant at,
    String what,
    long heapMax,
    Path file) {
  /** The code of the failure that last words tell of. */
  public static final String CODE = "out-of-memory";

  /** The key of a run's environment that says where its last words would lie. */
  public static final String ENVIRONMENT_KEY = "last_words";

  private static final long MEGABYTE = 1L << 20;
  private static final long GIGABYTE = 1L << 30;

  public LastWords {
    Objects.requireNonNull(run);
    Objects.requireNonNull(pipeline);
    Objects.requireNonNull(host);
    Objects.requireNonNull(at);
    Objects.requireNonNull(what);
    Objects.requireNonNull(file);
  }

  /**
   * Where a run's last words lie: with the run's log in a local home, else among this machine's
   * temporary files, since a home elsewhere takes no word from a process without memory.
   */
  public static Path path(URI home, String run) {
    Path folder =
        "file".equals(home.getScheme())
            ? Path.of(home).resolve("logs")
            : Path.of(
                System.getProperty("java.io.tmpdir"),
                "weir-" + System.getProperty("user.name", "unknown"));
    return folder.resolve(run).resolve("last-words");
  }

  /**
   * Reads what was left behind.
   *
   * @return nothing where there is no such file, or one of a process that died without a word
   */
  public static Optional<LastWords> read(Path file) {
    Map<String, String> values = new HashMap<>();
    try {
      // A stack trace may hold anything, and a process without memory may stop anywhere.
      new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
          .lines()
          .forEach(
              line -> {
                int at = line.indexOf('=');
                if (at > 0) {
                  values.putIfAbsent(line.substring(0, at), line.substring(at + 1));
                }
              });
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't read the last words of a run in " + file, e);
    }
    String what = values.get("what");
    if (what == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LastWords(
              values.getOrDefault("run", ""),
              values.getOrDefault("pipeline", ""),
              values.get("stage"),
              Integer.parseInt(values.getOrDefault("attempt", "0")),
              values.getOrDefault("host", ""),
              Long.parseLong(values.getOrDefault("pid", "0")),
              Instant.ofEpochMilli(Long.parseLong(values.getOrDefault("at", "0"))),
              what,
              Long.parseLong(values.getOrDefault("heap_max", "0")),
              file));
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty(); // Torn: no word at all is better than a wrong one.
    }
  }

  /** Whether they tell of this attempt: of its stage, or of no stage in particular. */
  public boolean concern(String stage, int attempt) {
    return this.stage == null || (this.stage.equals(stage) && this.attempt == attempt);
  }

  /** How the attempt under way, and with it the run, came to its end. */
  public Fact.Failure failure() {
    return new Fact.Failure(
        CODE,
        "The process ran out of memory%s: %s. It was process %d on %s and ended at %s; its heap could become %s large. %s The stack trace is in %s."
            .formatted(
                stage == null ? "" : " in attempt %d at stage '%s'".formatted(attempt, stage),
                what,
                pid,
                host,
                at.truncatedTo(ChronoUnit.SECONDS),
                size(heapMax),
                advice(Lack.of(what), heapMax, "run " + pipeline),
                file),
        OutOfMemoryError.class.getName());
  }

  /** What there was not enough of. */
  enum Lack {
    HEAP,
    CLASSES,
    THREADS,
    ARRAY;

    /** Told by the JVM's message; nothing is allocated. */
    static Lack of(@Nullable String message) {
      if (message == null) {
        return HEAP;
      }
      if (message.contains("Metaspace") || message.contains("class space")) {
        return CLASSES;
      }
      if (message.contains("native thread")) {
        return THREADS;
      }
      return message.contains("array size") || message.contains("Required length") ? ARRAY : HEAP;
    }
  }

  /** What to do about it. */
  static String advice(Lack lack, long heapMax, String command) {
    return switch (lack) {
      case HEAP -> {
        String more = more(heapMax) / GIGABYTE + "g";
        yield "Give it more: WEIR_JAVA_OPTIONS=-Xmx%s ./weir %s, or with spark-submit --conf spark.driver.memory=%s; or let the stage hold less at once."
            .formatted(more, command, more);
      }
      case CLASSES ->
          "Its classes had no more room: raise -XX:MaxMetaspaceSize in WEIR_JAVA_OPTIONS, or leave it out.";
      case THREADS ->
          "The system gave it no more threads: look at the user's limits (ulimit -u), and at what starts so many.";
      case ARRAY ->
          "It asked for an array longer than Java allows, which more memory does not help: let the stage hold less at once.";
    };
  }

  /** Twice as much, in whole gigabytes. */
  private static long more(long heapMax) {
    return Math.max(1, (2 * heapMax + GIGABYTE - 1) / GIGABYTE) * GIGABYTE;
  }

  static String size(long bytes) {
    return bytes >= GIGABYTE && bytes % GIGABYTE == 0
        ? bytes / GIGABYTE + " GB"
        : Math.max(1, bytes / MEGABYTE) + " MB";
  }
}
