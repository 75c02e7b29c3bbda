package dev.weir.store;

import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.CheckpointAlreadyExistsException;
import io.delta.kernel.hook.PostCommitHook;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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

  private synchronized void submit(Runnable work) {
    if (thread == null) {
      thread =
          Executors.newSingleThreadExecutor(
              runnable -> {
                Thread made = new Thread(runnable, "weir-store-maintenance");
                made.setDaemon(true);
                return made;
              });
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

  @Override
  public void close() {
    ExecutorService running;
    synchronized (this) {
      running = thread;
      thread = null;
    }
    if (running == null) {
      return;
    }
    running.shutdown();
    try {
      if (!running.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("Left a checkpoint unfinished; the next one will be written");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
