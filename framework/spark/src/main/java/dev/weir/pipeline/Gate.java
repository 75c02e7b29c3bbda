package dev.weir.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A stage that checks a dataset before anything else reads it. People may decide otherwise of what
 * it refuses or puts aside; what they decided it finds in {@link StageContext.Settings#decided}.
 */
public interface Gate extends Stage {
  /** What it checks. */
  Input checked();

  /** Where it puts rows aside, or null if it does not. */
  @Nullable Output quarantine();
}
