package dev.weir.lineage;

import dev.weir.lineage.Fact.Failure;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a stage as it is known now.
 *
 * @param attempt from 1; 0 for a stage that has not begun
 * @param type the stage's class, or null for one that has not begun
 * @param startedAt when the attempt began, or null
 * @param finishedAt when it ended, or null
 * @param error what went wrong, or null
 * @param reusedRun the run whose result is used, or null if the stage ran
 */
public record StageView(
    String run,
    String stage,
    int attempt,
    StageState state,
    @Nullable String type,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Failure error,
    @Nullable String reusedRun) {
  public StageView {
    Objects.requireNonNull(run);
    Objects.requireNonNull(stage);
    Objects.requireNonNull(state);
  }
}
