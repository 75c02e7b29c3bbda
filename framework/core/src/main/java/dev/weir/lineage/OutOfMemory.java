package dev.weir.lineage;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process that is out of memory: whichever thread was told, nothing that the process
 * does from there on can be trusted, its facts least of all. It leaves the last words of its runs
 * behind and ends at once.
 */
public final class OutOfMemory {
  /** The exit code of a process that ended so, as Spark's own processes do. */
  public static final int EXIT_CODE = 52;

  private static final int DEEPEST = 50;

  private static final AtomicBoolean ENDING = new AtomicBoolean();
  private static final Object LOCK = new Object();
  private static final FileChannel ERRORS = new FileOutputStream(FileDescriptor.err).getChannel();
  private static final Map<LastWords.Lack, ByteBuffer> MESSAGES = messages();

  private static LastWordsFile[] watched = {};
  private static boolean installed;

  private OutOfMemory() {}

  /** What the terminal is told, by what there is not enough of. */
  private static Map<LastWords.Lack, ByteBuffer> messages() {
    Map<LastWords.Lack, ByteBuffer> messages = new EnumMap<>(LastWords.Lack.class);
    long heap = Runtime.getRuntime().maxMemory();
    for (LastWords.Lack lack : LastWords.Lack.values()) {
      byte[] text =
          "%nweir: The process is out of memory and ends; its heap could become %s large. %s%n"
              .formatted(LastWords.size(heap), LastWords.advice(lack, heap, "…"))
              .getBytes(StandardCharsets.UTF_8);
      messages.put(lack, ByteBuffer.allocateDirect(text.length).put(text).flip());
    }
    return messages;
  }

  /**
   * From now on a thread that dies of it ends the process; what else threads die of goes where it
   * went before.
   */
  public static void install() {
    synchronized (LOCK) {
      if (!installed) {
        Thread.setDefaultUncaughtExceptionHandler(
            new Handler(Thread.getDefaultUncaughtExceptionHandler()));
        installed = true;
      }
    }
  }

  /** A class of its own: a lambda would be made when there is no memory for it. */
  private record Handler(Thread.@Nullable UncaughtExceptionHandler before)
      implements Thread.UncaughtExceptionHandler {
    @Override
    public void uncaughtException(Thread thread, Throwable error) {
      endIfIn(error);
      if (before != null) {
        before.uncaughtException(thread, error);
      } else if (!(error instanceof ThreadDeath)) {
        System.err.print("Exception in thread \"" + thread.getName() + "\" ");
        error.printStackTrace();
      }
    }
  }

  static void watch(LastWordsFile file) {
    install();
    synchronized (LOCK) {
      LastWordsFile[] more = Arrays.copyOf(watched, watched.length + 1);
      more[watched.length] = file;
      watched = more;
    }
  }

  static void forget(LastWordsFile file) {
    synchronized (LOCK) {
      watched = Arrays.stream(watched).filter(one -> one != file).toArray(LastWordsFile[]::new);
    }
  }

  /**
   * The JVM's error among an error and what led to it, or null. Spark's own subclass is not one: a
   * task was refused more of the memory that Spark shares out, and the heap is well.
   */
  public static @Nullable Throwable in(@Nullable Throwable error) {
    Throwable e = error;
    for (int depth = 0; e != null && depth < DEEPEST; depth++) {
      if (e.getClass() == OutOfMemoryError.class) {
        return e;
      }
      e = e.getCause();
    }
    return null;
  }

  /** Ends the process if that is what went wrong. */
  public static void endIfIn(@Nullable Throwable error) {
    endIfIn(error, null, 0);
  }

  /**
   * Ends the process if that is what went wrong.
   *
   * @param stage the stage whose attempt it happened in, or null if that is not known
   * @param attempt the attempt's number, or 0
   */
  public static void endIfIn(@Nullable Throwable error, @Nullable String stage, int attempt) {
    Throwable found = in(error);
    if (found != null) {
      end(found, stage, attempt);
    }
  }

  /** Leaves last words, says so to the terminal, and ends the process. */
  private static void end(Throwable error, @Nullable String stage, int attempt) {
    if (!ENDING.compareAndSet(false, true)) {
      // Another thread was first; this one must not go on meanwhile.
      while (true) {
        Thread.onSpinWait();
      }
    }
    try {
      for (LastWordsFile file : watched) {
        say(file, error, stage, attempt);
      }
      ByteBuffer message = MESSAGES.get(LastWords.Lack.of(error.getMessage()));
      while (message != null && message.hasRemaining()) {
        ERRORS.write(message);
      }
    } catch (IOException | RuntimeException | Error e) {
      // The exit code says it in any case.
      return;
    } finally {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  /** One run's trouble must not keep another from its words. */
  private static void say(
      LastWordsFile file, Throwable error, @Nullable String stage, int attempt) {
    try {
      file.say(error, stage, attempt);
    } catch (IOException | RuntimeException | Error e) {
      return;
    }
  }
}
