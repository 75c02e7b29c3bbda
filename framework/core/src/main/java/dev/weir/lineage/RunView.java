package dev.weir.lineage;

import dev.weir.lineage.Fact.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A run as it is known now.
 *
 * @param finishedAt when it ended, or null while it is under way
 * @param startedBy the operating system's user who started it, if known
 * @param lastSeenAt the time of the last that was heard of a run under way; null where it ended, or
 *     where nothing was heard since the lineage tables were brought up to date
 * @param error what went wrong, or null
 */
public record RunView(
    String run,
    String pipeline,
    RunState state,
    Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable String startedBy,
    @Nullable Instant lastSeenAt,
    @Nullable Failure error) {
  public RunView {
    Objects.requireNonNull(run);
    Objects.requireNonNull(pipeline);
    Objects.requireNonNull(state);
    Objects.requireNonNull(startedAt);
  }

  /** How long it took, or has taken by {@code now}; to its last sign of life if interrupted. */
  public Duration duration(Instant now) {
    Instant end = finishedAt;
    if (end == null && state == RunState.INTERRUPTED) {
      Instant seen = lastSeenAt;
      end = seen == null ? startedAt : seen;
    }
    return Duration.between(startedAt, end == null ? now : end);
  }
}
