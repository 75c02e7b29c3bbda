package dev.weir.background;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/** Work in threads that no process waits for when it ends. */
public final class Background {
  private Background() {}

  /** A pool's threads, each of this name. */
  public static ThreadFactory threads(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Begins something in a thread of its own. */
  public static <T> CompletableFuture<T> begin(String thread, Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> threads(thread).newThread(task).start());
  }

  /** Waits for what was begun, and gives what it gave or throws what it threw. */
  public static <T> T await(CompletableFuture<T> begun) {
    try {
      return begun.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
