package dev.weir.run;

import dev.weir.lineage.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;
import org.jspecify.annotations.Nullable;

/**
 * Watches the Spark jobs of each stage attempt, told apart by the job tag they run under: counts
 * their tasks and what befell them, and cancels jobs that an attempt starts after it was cancelled
 * itself.
 */
public final class TaskProgress extends SparkListener {
  /** Where Spark keeps the tags of a job. */
  private static final String TAGS = "spark.job.tags";

  static final String TAG_PREFIX = "weir-";

  /** What Spark says of executors that it has no more need of. */
  private static final String KILLED = "Executor killed by driver";

  private final IntConsumer cancelJob;
  private final Set<String> cancelled = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Count> byStage = new ConcurrentHashMap<>();
  private final Map<String, Count> byTag = new ConcurrentHashMap<>();

  /**
   * @param cancelJob cancels the job with an id
   */
  TaskProgress(IntConsumer cancelJob) {
    this.cancelJob = cancelJob;
  }

  /**
   * What is known of an attempt's tasks.
   *
   * @param executors those that had tasks of it
   * @param lost those of them that were lost
   */
  private record Count(
      AtomicInteger total,
      AtomicInteger done,
      AtomicInteger failed,
      AtomicInteger retried,
      Set<String> executors,
      Set<String> lost) {
    Count() {
      this(
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet());
    }
  }

  /**
   * Tasks of an attempt so far.
   *
   * @param done how many ended well
   * @param total how many are known; it grows as Spark plans further jobs
   */
  public record Tasks(int done, int total) {}

  /** The tasks under a job tag. */
  Tasks tasks(String tag) {
    Count count = byTag.get(tag);
    return count == null ? ActiveRun.NO_TASKS : new Tasks(count.done.get(), count.total.get());
  }

  /**
   * What went wrong beneath an attempt though Spark may have made up for it, as metrics; what never
   * happened has none.
   */
  List<Fact.Metric> troubles(String tag) {
    Count count = byTag.get(tag);
    List<Fact.Metric> troubles = new ArrayList<>();
    if (count != null) {
      add(troubles, "spark.executors-lost", count.lost.size());
      add(troubles, "spark.tasks-failed", count.failed.get());
      add(troubles, "spark.tasks-retried", count.retried.get());
    }
    return troubles;
  }

  private static void add(List<Fact.Metric> metrics, String name, int value) {
    if (value > 0) {
      metrics.add(new Fact.Metric(name, value, null));
    }
  }

  /**
   * From now on a job under this tag is cancelled when it starts; Spark cancels only present ones.
   */
  void cancelFutureJobs(String tag) {
    cancelled.add(tag);
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    String tag = weirTag(job.properties() == null ? null : job.properties().getProperty(TAGS));
    if (tag == null) {
      return;
    }
    if (cancelled.contains(tag)) {
      cancelJob.accept(job.jobId());
    }
    Count count = byTag.computeIfAbsent(tag, t -> new Count());
    job.stageInfos()
        .foreach(
            info -> {
              // A stage shared by two jobs is counted once.
              if (byStage.putIfAbsent(info.stageId(), count) == null) {
                count.total.addAndGet(info.numTasks());
              }
              return null;
            });
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart task) {
    Count count = byStage.get(task.stageId());
    if (count != null) {
      TaskInfo info = task.taskInfo();
      count.executors.add(info.executorId());
      // A speculative copy is numbered like a second try.
      if ((info.attemptNumber() > 0 || task.stageAttemptId() > 0) && !info.speculative()) {
        count.retried.incrementAndGet();
      }
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    Count count = byStage.get(task.stageId());
    if (count == null) {
      return;
    }
    if (task.taskInfo().successful()) {
      count.done.incrementAndGet();
    } else if (!(task.reason() instanceof TaskKilled)) {
      count.failed.incrementAndGet();
    }
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    if (!removed.reason().startsWith(KILLED)) {
      for (Count count : byTag.values()) {
        if (count.executors.contains(removed.executorId())) {
          count.lost.add(removed.executorId());
        }
      }
    }
  }

  private static @Nullable String weirTag(@Nullable String tags) {
    if (tags == null) {
      return null;
    }
    for (String tag : tags.split(",", -1)) {
      // SparkSession wraps tags in a prefix of its own, SparkContext does not.
      int at = tag.indexOf(TAG_PREFIX);
      if (at >= 0) {
        return tag.substring(at);
      }
    }
    return null;
  }
}
