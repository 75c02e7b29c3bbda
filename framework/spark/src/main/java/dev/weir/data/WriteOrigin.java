package dev.weir.data;

import java.util.Objects;

/**
 * Who writes, as it is kept in the commit's user metadata.
 *
 * @param run the run's id
 * @param stage the stage's name
 * @param attempt from 1
 */
public record WriteOrigin(String run, String stage, int attempt) {
  public WriteOrigin {
    Objects.requireNonNull(run);
    Objects.requireNonNull(stage);
    if (attempt < 1) {
      throw new IllegalArgumentException("An attempt is 1 or more, not " + attempt);
    }
  }
}
