package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.plan.Plan;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that a run tells whoever watches it. What it says to have ended is durable. */
public sealed interface RunEvent {
  /** When it happened. */
  Instant at();

  /**
   * The run has not begun: it waits for another, which holds the pipeline.
   *
   * @param holder how that one took the lease
   * @param cancelling whether it is asked to make room
   */
  record Waiting(Instant at, Fact.LeaseTaken holder, boolean cancelling) implements RunEvent {}

  /**
   * The run holds its lease and has begun, or goes on.
   *
   * @param note what is to be said of a run before it that was interrupted, or null
   */
  record Began(
      Instant at,
      String run,
      String pipeline,
      URI home,
      @Nullable String log,
      List<String> stages,
      @Nullable String note)
      implements RunEvent {
    public Began {
      stages = List.copyOf(stages);
    }
  }

  /** The run that is watched had stopped and goes on, in another process. */
  record Resumed(Instant at, @Nullable String log, String reason) implements RunEvent {}

  /**
   * Somebody asked for the run to be cancelled.
   *
   * @param text who and why, in a sentence
   */
  record CancelAsked(Instant at, String text) implements RunEvent {}

  /** What the run is going to do. */
  record Planned(Instant at, Plan plan) implements RunEvent {}

  /** A stage needs Spark, which is being started. */
  record SparkStarting(Instant at) implements RunEvent {}

  /** Spark is ready. */
  record SparkReady(Instant at, String master, Duration took) implements RunEvent {}

  /** An attempt at a stage began. */
  record StageBegan(Instant at, String stage, int attempt) implements RunEvent {}

  /** An attempt failed and another will follow. */
  record StageRetried(Instant at, String stage, int attempt, Fact.Failure error, Duration delay)
      implements RunEvent {}

  /** A stage's last attempt ended, and its facts are durable. */
  record StageEnded(Instant at, Fact.StageFinished facts, List<Fact.ModelRegistered> registered)
      implements RunEvent {
    public StageEnded {
      registered = List.copyOf(registered);
    }
  }

  /**
   * A stage does not run, since its result is there.
   *
   * @param reason why, in a sentence without its stop
   */
  record StageReused(
      Instant at, String reason, Fact.StageFinished facts, List<Fact.ModelRegistered> registered)
      implements RunEvent {
    public StageReused {
      registered = List.copyOf(registered);
    }
  }

  /** A stage never started, because {@code because} did not succeed. */
  record StageSkipped(Instant at, String stage, String because) implements RunEvent {}

  /** The run ended and gave up its lease. */
  record Ended(Instant at, RunResult result) implements RunEvent {}
}
