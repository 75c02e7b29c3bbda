package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.lineage.Fact.Failure;
import dev.weir.lineage.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to.
 *
 * @param stages the end of each stage's last attempt, in the order they ended
 * @param skipped stages that never started
 * @param registered model versions that the run registered
 * @param error the first thing that went wrong, or null
 * @param sparkStart how long Spark took to start, or null when the run started none
 * @param log Spark's log file, or null when it logs elsewhere
 */
public record RunResult(
    String run,
    String pipeline,
    RunState state,
    Instant startedAt,
    Instant finishedAt,
    List<Fact.StageFinished> stages,
    List<String> skipped,
    List<Fact.ModelRegistered> registered,
    @Nullable Failure error,
    @Nullable Duration sparkStart,
    @Nullable String log) {
  public RunResult {
    stages = List.copyOf(stages);
    skipped = List.copyOf(skipped);
    registered = List.copyOf(registered);
  }
}
