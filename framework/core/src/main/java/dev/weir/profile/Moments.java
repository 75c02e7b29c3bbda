package dev.weir.profile;

/**
 * The extremes, the mean and the spread of numbers, mergeable by the formulas of Chan, Golub and
 * LeVeque (1983).
 *
 * @param count how many numbers there are, at least 1
 * @param squares the sum of the squared deviations from the mean
 */
public record Moments(long count, double min, double max, double mean, double squares) {
  public Moments {
    if (count < 1) {
      throw new IllegalArgumentException("Moments are of at least one number, not of " + count);
    }
  }

  /** Those of some numbers, taken twice over: first the mean, then the deviations from it. */
  static Moments of(double[] values, int length) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += values[i];
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    double mean = sum / length;
    double squares = 0;
    for (int i = 0; i < length; i++) {
      double deviation = values[i] - mean;
      squares += deviation * deviation;
    }
    return new Moments(length, min, max, mean, squares);
  }

  /** Those of the numbers of both. */
  public Moments merge(Moments other) {
    long together = count + other.count;
    double distance = other.mean - mean;
    double share = (double) other.count / together;
    return new Moments(
        together,
        Math.min(min, other.min),
        Math.max(max, other.max),
        mean + distance * share,
        squares + other.squares + distance * distance * count * share);
  }

  /** The standard deviation of the numbers as all there are, as {@code stddev_pop}. */
  public double deviation() {
    return Math.sqrt(squares / count);
  }
}
