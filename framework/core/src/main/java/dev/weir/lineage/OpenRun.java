package dev.weir.lineage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run that has begun and not ended.
 *
 * @param token the number of the lease that it runs under
 */
record OpenRun(
    String run, String pipeline, Instant startedAt, @Nullable String startedBy, long token) {
  static OpenRun of(Fact.RunStarted started) {
    return new OpenRun(
        started.run(),
        started.pipeline(),
        started.at(),
        started.environment().get("user"),
        started.token());
  }
}
