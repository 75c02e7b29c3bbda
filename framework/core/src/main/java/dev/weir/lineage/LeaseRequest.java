package dev.weir.lineage;

import java.time.Duration;
import java.util.Objects;

/**
 * Who asks for which lease.
 *
 * @param pipeline the pipeline
 * @param run the run that it is for
 * @param holder the process that asks
 * @param length how long the lease is good without a sign of life
 */
public record LeaseRequest(String pipeline, String run, Holder holder, Duration length) {
  /** The length of a lease unless another is asked for. */
  public static final Duration DEFAULT_LENGTH = Duration.ofSeconds(15);

  public LeaseRequest {
    Objects.requireNonNull(pipeline);
    Objects.requireNonNull(run);
    Objects.requireNonNull(holder);
    if (length.toMillis() < 1) {
      throw new IllegalArgumentException(
          "A lease is good for a millisecond or more, not " + length);
    }
  }

  /** This process asks for a lease of the default length. */
  public LeaseRequest(String pipeline, String run) {
    this(pipeline, run, Holder.current(), DEFAULT_LENGTH);
  }
}
