package dev.weir.lineage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A run that has begun and not ended. */
record OpenRun(String run, String pipeline, Instant startedAt, @Nullable String startedBy) {
  static OpenRun of(Fact.RunStarted started) {
    return new OpenRun(
        started.run(), started.pipeline(), started.at(), started.environment().get("user"));
  }
}
