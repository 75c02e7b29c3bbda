package dev.weir.quality;

import java.io.Serializable;

/**
 * The sum, the extremes, the mean and the spread of numbers, by Welford's method (1962), merged by
 * the formulas of Chan, Golub and LeVeque (1983). With a NaN among the numbers every figure is NaN.
 */
final class Numbers implements Serializable {
  private static final long serialVersionUID = 1L;

  private long count;
  private boolean nan;
  private double sum;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private double mean;
  private double squares;

  void add(double value) {
    count++;
    nan |= Double.isNaN(value);
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
    double distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
  }

  void merge(Numbers other) {
    if (other.count == 0) {
      return;
    }
    long together = count + other.count;
    double distance = other.mean - mean;
    double share = (double) other.count / together;
    squares += other.squares + distance * distance * count * share;
    mean += distance * share;
    count = together;
    nan |= other.nan;
    sum += other.sum;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
  }

  long count() {
    return count;
  }

  /** Whether a NaN is among them. */
  boolean nan() {
    return nan;
  }

  double sum() {
    return sum;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  double mean() {
    return mean;
  }

  /** The standard deviation of the numbers as all there are. */
  double deviation() {
    return Math.sqrt(squares / count);
  }
}
