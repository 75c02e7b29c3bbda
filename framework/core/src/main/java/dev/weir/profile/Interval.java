package dev.weir.profile;

/** From one number to another, both included. */
public record Interval(double low, double high) {
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("From %s to %s is no interval".formatted(low, high));
    }
  }

  /** Whether a number is in it. */
  public boolean contains(double value) {
    return value >= low && value <= high;
  }
}
