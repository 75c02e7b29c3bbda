package dev.weir.cli.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Ratios of paired measurements, with a distribution-free interval for their median: the order
 * statistics whose ranks bound the median with a probability of at least 95 % (David and Nagaraja,
 * Order Statistics, 2003, section 7.1).
 */
final class Ratios {
  private final double[] sorted;

  Ratios(double[] ratios) {
    if (ratios.length == 0) {
      throw new IllegalArgumentException("A median needs a measurement");
    }
    sorted = ratios.clone();
    Arrays.sort(sorted);
  }

  double median() {
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  double min() {
    return sorted[0];
  }

  double max() {
    return sorted[sorted.length - 1];
  }

  /** The lower end of the interval; its upper end is as far from the other side. */
  double low() {
    return sorted[rank()];
  }

  double high() {
    return sorted[sorted.length - 1 - rank()];
  }

  /** The largest rank, from 0, at which two-sided coverage by the binomial stays at 95 %. */
  private int rank() {
    int n = sorted.length;
    double probability = Math.pow(0.5, n);
    double tail = 0;
    int rank = 0;
    for (int k = 0; k < n / 2; k++) {
      tail += probability;
      if (2 * tail > 0.05) {
        break;
      }
      rank = k;
      probability = probability * (n - k) / (k + 1);
    }
    return rank;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "median %.3f (%s), min %.3f, max %.3f, n %d",
        median(),
        // Of five or fewer not even the extremes bound the median so surely.
        sorted.length < 6
            ? "too few for a 95 % interval"
            : String.format(Locale.ROOT, "95 %% interval %.3f to %.3f", low(), high()),
        min(),
        max(),
        sorted.length);
  }
}
