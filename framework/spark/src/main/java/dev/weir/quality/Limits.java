package dev.weir.quality;

import dev.weir.config.Help;
import org.jspecify.annotations.Nullable;

/**
 * The least and the most of a count, both included; at least one is given.
 *
 * @param min the least, or null for any
 * @param max the most, or null for any
 */
public record Limits(
    @Help("The fewest rows that pass.") @Nullable Long min,
    @Help("The most rows that pass.") @Nullable Long max) {
  public Limits {
    if (min == null && max == null) {
      throw new IllegalArgumentException("give min, max or both");
    }
    if (min != null && min < 0 || max != null && max < 0) {
      throw new IllegalArgumentException("a number of rows is 0 or more");
    }
    if (min != null && max != null && min > max) {
      throw new IllegalArgumentException("min %d is more than max %d".formatted(min, max));
    }
  }
}
