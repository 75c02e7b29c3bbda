package dev.weir.session;

import dev.weir.lineage.OutOfMemory;
import java.util.Map;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Spark's plugin by which a task that ran out of memory ends this process with last words, where
 * tasks run in the driver's process. It is called on the task's own thread, before anyone else is
 * told.
 */
public final class TaskMemory implements SparkPlugin {
  /** The property of a job that names the stage it belongs to. */
  public static final String STAGE = "weir.stage";

  /** The property of a job that says which attempt at its stage it belongs to. */
  public static final String ATTEMPT = "weir.attempt";

  @Override
  public @Nullable DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Watch();
  }

  /** Which attempt a thread's task belongs to: when it fails, its context is gone already. */
  private record Owner(@Nullable String stage, int attempt) {
    static final Owner NONE = new Owner(null, 0);
  }

  private static final class Watch implements ExecutorPlugin {
    private final ThreadLocal<Owner> owner = ThreadLocal.withInitial(() -> Owner.NONE);

    @Override
    public void init(PluginContext context, Map<String, String> configuration) {
      OutOfMemory.install();
    }

    @Override
    public void onTaskStart() {
      TaskContext context = TaskContext.get();
      String stage = context.getLocalProperty(STAGE);
      String attempt = context.getLocalProperty(ATTEMPT);
      owner.set(
          stage == null || attempt == null
              ? Owner.NONE
              : new Owner(stage, Integer.parseInt(attempt)));
    }

    @Override
    public void onTaskFailed(TaskFailedReason reason) {
      if (reason instanceof ExceptionFailure failure && failure.exception().isDefined()) {
        Owner mine = owner.get();
        OutOfMemory.endIfIn(failure.exception().get(), mine.stage(), mine.attempt());
      }
    }
  }
}
