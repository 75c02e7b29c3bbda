package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.lineage.OutOfMemory;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import dev.weir.session.TaskMemory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Spark application of a run: started once, when a stage first needs it or a little before, and
 * the source of every attempt's own session.
 */
final class Application implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);
  private static final String POOL = "spark.scheduler.pool";

  /** How long it is waited for what Spark still has to tell. */
  private static final Duration LISTENING = Duration.ofSeconds(1);

  private final String name;
  private final SparkSettings settings;
  private final Consumer<RunEvent> events;
  private final TaskProgress progress = new TaskProgress(this::cancelJob);
  private @Nullable CompletableFuture<Started> started;

  /**
   * @param owned whether this run started it, and so stops it
   */
  private record Started(SparkSession session, boolean owned, Duration took) {}

  Application(String name, SparkSettings settings, Consumer<RunEvent> events) {
    this.name = name;
    this.settings = settings;
    this.events = events;
  }

  /** Begins to start Spark in the background, if it has not begun. */
  synchronized CompletableFuture<Started> start(Executor executor) {
    if (started == null) {
      if (SparkSession.getDefaultSession().isEmpty()) {
        events.accept(new RunEvent.SparkStarting(Instant.now()));
      }
      started = CompletableFuture.supplyAsync(this::open, executor);
    }
    return started;
  }

  private Started open() {
    boolean running = SparkSession.getDefaultSession().isDefined();
    long began = System.nanoTime();
    SparkSession session = SparkSessions.start(name, settings);
    session.sparkContext().addSparkListener(progress);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    events.accept(new RunEvent.SparkReady(Instant.now(), session.sparkContext().master(), took));
    return new Started(session, !running, took);
  }

  /** A new session for an attempt; what the calling thread starts is tagged and pooled as its. */
  SparkSession session(String tag, String stage, int attempt, Executor executor)
      throws InterruptedException {
    SparkSession root;
    try {
      root = start(executor).get().session();
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
    SparkContext context = root.sparkContext();
    context.addJobTag(tag);
    context.setLocalProperty(POOL, tag);
    StageLog.ofTasks(context);
    context.setLocalProperty(TaskMemory.STAGE, stage);
    context.setLocalProperty(TaskMemory.ATTEMPT, String.valueOf(attempt));
    return root.newSession();
  }

  /** Takes the tag and the pool off the calling thread. */
  void leave() {
    Started now = now();
    if (now != null && !now.session().sparkContext().isStopped()) {
      now.session().sparkContext().clearJobTags();
      now.session().sparkContext().setLocalProperty(POOL, null);
      StageLog.leaveTasks(now.session().sparkContext());
      now.session().sparkContext().setLocalProperty(TaskMemory.STAGE, null);
      now.session().sparkContext().setLocalProperty(TaskMemory.ATTEMPT, null);
    }
  }

  /** Ends the process if it is this one's memory that an attempt ran out of. */
  void endIfOutOfMemory(Throwable error, String stage, int attempt) {
    Started now = now();
    boolean oneProcess = now == null || now.session().sparkContext().isLocal();
    if (oneProcess || !Failures.ofAnExecutor(error)) {
      OutOfMemory.endIfIn(error, stage, attempt);
    }
  }

  private void cancelJob(int job) {
    Started now = now();
    if (now != null && !now.session().sparkContext().isStopped()) {
      now.session().sparkContext().cancelJob(job, "the attempt that started it had ended");
    }
  }

  /** Cancels whatever Spark does under a tag, now and later. */
  void cancel(String tag, String reason) {
    progress.cancelFutureJobs(tag);
    Started now = now();
    if (now != null && !now.session().sparkContext().isStopped()) {
      now.session().sparkContext().cancelJobsWithTag(tag, reason);
    }
  }

  TaskProgress.Tasks tasks(String tag) {
    return progress.tasks(tag);
  }

  /** What went wrong beneath an attempt, all that Spark has said of it until now. */
  List<Fact.Metric> troubles(String tag) {
    Started now = now();
    if (now != null
        && !now.session().sparkContext().isLocal()
        && !now.session().sparkContext().isStopped()) {
      // Listeners hear of things late. On one machine there are no executors to lose.
      try {
        now.session().sparkContext().listenerBus().waitUntilEmpty(LISTENING.toMillis());
      } catch (Exception e) {
        // Spark, being Scala, does not declare that it may be interrupted.
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        LOG.debug("Spark's listeners are behind", e);
      }
    }
    return progress.troubles(tag);
  }

  /** How long Spark took to start, or null when it was not started here. */
  @Nullable Duration took() {
    Started now = now();
    return now == null ? null : now.took();
  }

  private synchronized @Nullable Started now() {
    return started == null || !started.isDone() || started.isCompletedExceptionally()
        ? null
        : started.join();
  }

  /** Stops Spark if this run started it. */
  @Override
  public void close() {
    CompletableFuture<Started> pending;
    synchronized (this) {
      pending = started;
    }
    if (pending == null) {
      return;
    }
    Started last;
    try {
      last = pending.join();
    } catch (CompletionException e) {
      return; // It never started; who needed it has been told.
    }
    last.session().sparkContext().removeSparkListener(progress);
    if (last.owned()) {
      last.session().stop();
    }
  }
}
