package dev.weir.lineage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run that has begun and not ended.
 *
 * @param token the number of the lease that it runs under
 * @param holder the process that runs it, if known
 */
record OpenRun(
    String run,
    String pipeline,
    Instant startedAt,
    @Nullable String startedBy,
    long token,
    @Nullable Holder holder) {

  static OpenRun of(Fact.RunStarted started, @Nullable Holder holder) {
    return new OpenRun(
        started.run(),
        started.pipeline(),
        started.at(),
        started.environment().get("user"),
        started.token(),
        holder);
  }

  OpenRun resumed(Fact.RunResumed resumed, @Nullable Holder holder) {
    return new OpenRun(run, pipeline, startedAt, startedBy, resumed.token(), holder);
  }

  /** Whether the process that runs it is known to be gone. */
  boolean abandoned(String host) {
    Holder known = holder;
    return known != null && known.host().equals(host) && !known.alive();
  }
}
