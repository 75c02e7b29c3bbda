package dev.weir.store;

import dev.weir.background.Background;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.CheckpointAlreadyExistsException;
import io.delta.kernel.hook.PostCommitHook;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log needs after a commit and no writer waits for: checkpoints, and checksum files, which
 * spare the next reader the search for the schema. Nothing breaks where it fails.
 */
final class Maintenance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

  /** The newest checksum of each table that is not written yet: older ones need not be. */
  private final Map<String, PostCommitHook> checksums = new ConcurrentHashMap<>();

  private @Nullable ExecutorService thread;
  private @Nullable Spare spare;

  private synchronized void submit(Runnable work) {
    if (thread == null) {
      thread = Executors.newSingleThreadExecutor(Background.threads("weir-store-maintenance"));
    }
    thread.execute(work);
  }

  /** Runs a checkpoint in the background, then {@code done}. */
  void checkpoint(Engine engine, String table, PostCommitHook hook, Runnable done) {
    submit(
        () -> {
          try {
            hook.threadSafeInvoke(engine);
            done.run();
          } catch (CheckpointAlreadyExistsException written) {
            done.run();
          } catch (IOException | RuntimeException e) {
            LOG.warn("No checkpoint of {} was written; the next one will be", table, e);
          }
        });
  }

  /** Writes a checksum in the background, unless a newer one of the table comes first. */
  void checksum(Engine engine, String table, PostCommitHook hook) {
    if (checksums.put(table, hook) != null) {
      return;
    }
    submit(
        () -> {
          PostCommitHook newest = checksums.remove(table);
          if (newest == null) {
            return;
          }
          try {
            newest.threadSafeInvoke(engine);
          } catch (IOException | RuntimeException e) {
            LOG.debug("No checksum of {} was written", table, e);
          }
        });
  }

  /** Work that may take seconds and can be left for another time, in a thread of its own. */
  private static final class Spare {
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Spare::thread);
    private volatile boolean stopped;

    // A wish, which not every system heeds: nothing depends on it.
    @SuppressWarnings("ThreadPriorityCheck")
    private static Thread thread(Runnable runnable) {
      Thread made = Background.threads("weir-store-background").newThread(runnable);
      made.setPriority(Thread.MIN_PRIORITY);
      return made;
    }

    void submit(String name, Consumer<BooleanSupplier> work) {
      if (!names.add(name)) {
        return;
      }
      thread.execute(
          () -> {
            try {
              work.accept(() -> stopped);
            } catch (RuntimeException e) {
              LOG.warn("Could not {}; it will be tried again", name, e);
            } finally {
              names.remove(name);
            }
          });
    }
  }

  /**
   * Does something in the background unless the same is being done, or waits to be.
   *
   * @param name what it is, as in "could not …"
   * @param work told by what it is given whether it is to stop at the next good moment
   */
  synchronized void inBackground(String name, Consumer<BooleanSupplier> work) {
    if (spare == null) {
      spare = new Spare();
    }
    spare.submit(name, work);
  }

  @Override
  public void close() {
    ExecutorService running;
    Spare stopping;
    synchronized (this) {
      running = thread;
      thread = null;
      stopping = spare;
      spare = null;
    }
    if (stopping != null) {
      stopping.stopped = true;
      stopping.thread.shutdown();
    }
    await(running);
    if (stopping != null) {
      await(stopping.thread);
    }
  }

  private static void await(@Nullable ExecutorService running) {
    if (running == null) {
      return;
    }
    running.shutdown();
    try {
      if (!running.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("Left the care of a table unfinished; it will be taken up again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
