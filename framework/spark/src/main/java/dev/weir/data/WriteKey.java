package dev.weir.data;

import java.util.Objects;

/**
 * What makes a write happen once: Delta's transaction id of the commit.
 *
 * @param application what is written by whom, such as {@code weir/credit/features/credit.features}
 * @param version grows with the pipeline's lease; a table takes only a newer one than it holds
 */
public record WriteKey(String application, long version) {
  public WriteKey {
    Objects.requireNonNull(application);
    if (application.isBlank()) {
      throw new IllegalArgumentException("A write's application has a name");
    }
    if (version < 1) {
      throw new IllegalArgumentException("A write's version is 1 or more, not " + version);
    }
  }

  /**
   * The key of a stage's output: {@code weir/<pipeline>/<stage>/<output>} at {@code 2 × token + 1}.
   * The even numbers are left to fences.
   *
   * @param token the number of the pipeline's lease, from 0
   */
  public static WriteKey of(String pipeline, String stage, String output, long token) {
    return new WriteKey(
        "weir/" + pipeline + "/" + stage + "/" + output,
        Math.addExact(Math.multiplyExact(2, token), 1));
  }

  /** The key of a fence before an output: {@code 2 × token}, below every write of that token. */
  public static WriteKey fence(String pipeline, String stage, String output, long token) {
    return new WriteKey(
        of(pipeline, stage, output, token).application(), Math.multiplyExact(2, token));
  }

  @Override
  public String toString() {
    return application + "@" + version;
  }
}
