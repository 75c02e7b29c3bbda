package dev.weir.pipeline;

import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A stage in its place in a pipeline.
 *
 * @param name unique in the pipeline
 * @param stage what it does
 * @param after stages that it waits for besides those that make what it reads
 * @param retry how often it is tried
 * @param timeout how long one attempt may take, or null for as long as it needs
 * @param cache whether its earlier result may be used again
 */
public record StageDefinition(
    String name,
    Stage stage,
    Set<String> after,
    Retry retry,
    @Nullable Duration timeout,
    Cache cache) {
  public StageDefinition {
    Objects.requireNonNull(name);
    Objects.requireNonNull(stage);
    after = Collections.unmodifiableSet(new TreeSet<>(after));
    Objects.requireNonNull(retry);
    Objects.requireNonNull(cache);
    if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
      throw new IllegalArgumentException("timeout is longer than nothing");
    }
  }

  /** A stage with the settings that it has unless others are given. */
  public StageDefinition(String name, Stage stage) {
    this(name, stage, Set.of(), Retry.NONE, null, Cache.AUTO);
  }
}
