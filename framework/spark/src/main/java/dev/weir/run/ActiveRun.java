package dev.weir.run;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A run under way. */
public final class ActiveRun {
  /** What a stage that does nothing on Spark shows. */
  public static final TaskProgress.Tasks NO_TASKS = new TaskProgress.Tasks(0, 0);

  private final String run;
  private final Execution execution;
  private final CompletableFuture<RunResult> result;

  ActiveRun(String run, Execution execution, CompletableFuture<RunResult> result) {
    this.run = run;
    this.execution = execution;
    this.result = result;
  }

  /** The run's id: of a run that goes on, the one that it had. */
  public String run() {
    return run;
  }

  /** Stops it: Spark's jobs are cancelled and nothing more is started. Returns at once. */
  public void cancel() {
    execution.cancel();
  }

  /** The Spark tasks of a stage's attempt under way. */
  public TaskProgress.Tasks tasks(String stage) {
    return execution.tasks(stage);
  }

  /** What ended stages that did not succeed, by stage: for a stack trace, where one is wanted. */
  public Map<String, Throwable> causes() {
    return execution.causes();
  }

  /**
   * Waits until the run has ended, its facts are durable and its lease is given up. A run whose end
   * could not be made durable has failed, and its error says why.
   */
  public RunResult await() throws InterruptedException {
    try {
      return result.get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException error) {
        throw error;
      }
      throw new CompletionException(e.getCause());
    }
  }
}
