package dev.weir.lineage;

import java.time.Duration;
import java.util.Objects;

/**
 * Who asks for which lease: that of a pipeline, or that of one run of it.
 *
 * @param pipeline the pipeline
 * @param run the run that it is for
 * @param holder the process that asks
 * @param length how long the lease is good without a sign of life
 * @param beside whether the run goes on beside others of its pipeline: the lease is its own then
 */
public record LeaseRequest(
    String pipeline, String run, Holder holder, Duration length, boolean beside) {
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

  /** Asks for the pipeline's lease. */
  public LeaseRequest(String pipeline, String run, Holder holder, Duration length) {
    this(pipeline, run, holder, length, false);
  }

  /** This process asks for a lease of the default length. */
  public LeaseRequest(String pipeline, String run) {
    this(pipeline, run, Holder.current(), DEFAULT_LENGTH);
  }

  /**
   * The lease's key, which is also what the writes under it are keyed by: all but {@code weir/}.
   */
  public String scope() {
    return beside ? pipeline + "/" + run : pipeline;
  }
}
