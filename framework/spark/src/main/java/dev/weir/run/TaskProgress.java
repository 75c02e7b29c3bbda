package dev.weir.run;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.jspecify.annotations.Nullable;

/**
 * Watches the Spark jobs of each stage attempt, told apart by the job tag they run under: counts
 * their tasks, and cancels jobs that an attempt starts after it was cancelled itself.
 */
public final class TaskProgress extends SparkListener {
  /** Where Spark keeps the tags of a job. */
  private static final String TAGS = "spark.job.tags";

  static final String TAG_PREFIX = "weir-";

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

  /** Tasks known and tasks done. */
  private record Count(AtomicInteger total, AtomicInteger done) {}

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
    Count count =
        byTag.computeIfAbsent(tag, t -> new Count(new AtomicInteger(), new AtomicInteger()));
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
  public void onTaskEnd(SparkListenerTaskEnd task) {
    Count count = byStage.get(task.stageId());
    if (count != null && task.taskInfo().successful()) {
      count.done.incrementAndGet();
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
