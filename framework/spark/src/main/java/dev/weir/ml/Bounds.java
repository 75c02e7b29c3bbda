package dev.weir.ml;

import dev.weir.config.Help;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a metric has to lie; both ends are allowed values. */
@Help("Where a metric has to lie to pass.")
public record Bounds(
    @Help("The least value that passes.") @Nullable Double min,
    @Help("The greatest value that passes.") @Nullable Double max) {
  public Bounds {
    if (min == null && max == null) {
      throw new IllegalArgumentException("A bound has min, max or both");
    }
    if ((min != null && min.isNaN()) || (max != null && max.isNaN())) {
      throw new IllegalArgumentException("min and max are numbers");
    }
    if (min != null && max != null && min > max) {
      throw new IllegalArgumentException("min %s is above max %s".formatted(min, max));
    }
  }

  /** Passes from {@code min} up. */
  public static Bounds atLeast(double min) {
    return new Bounds(min, null);
  }

  /** Passes up to {@code max}. */
  public static Bounds atMost(double max) {
    return new Bounds(null, max);
  }

  /** True if the value lies within; NaN never does. */
  boolean allows(double value) {
    return !Double.isNaN(value) && (min == null || value >= min) && (max == null || value <= max);
  }

  @Override
  public String toString() {
    if (min != null && max != null) {
      return String.format(Locale.ROOT, "from %s to %s", min, max);
    }
    return min != null ? "at least " + min : "at most " + max;
  }
}
