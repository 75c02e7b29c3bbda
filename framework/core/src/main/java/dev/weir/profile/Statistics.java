package dev.weir.profile;

import java.util.Arrays;
import org.apache.commons.statistics.inference.ChiSquareTest;

/** The statistics of differences, from counts and from p-values. */
final class Statistics {
  private static final double LN2 = Math.log(2);

  /** The terms of the sum are smaller than any double's precision long before. */
  private static final int TERMS = 100;

  private Statistics() {}

  /** Shares of a whole, none of them 0: half a value more in each (Jeffreys' prior). */
  static double[] shares(double[] counts) {
    double total = Arrays.stream(counts).sum() + counts.length / 2.0;
    return Arrays.stream(counts).map(count -> (count + 0.5) / total).toArray();
  }

  /** The population stability index (Siddiqi, Credit Risk Scorecards, 2006). */
  static double stability(double[] reference, double[] current) {
    double index = 0;
    for (int i = 0; i < reference.length; i++) {
      index += (current[i] - reference[i]) * Math.log(current[i] / reference[i]);
    }
    return index;
  }

  /** The divergence of Jensen and Shannon in bits (Lin 1991): from 0 to 1. */
  static double divergence(double[] one, double[] other) {
    double divergence = 0;
    for (int i = 0; i < one.length; i++) {
      double middle = (one[i] + other[i]) / 2;
      divergence += part(one[i], middle) / 2 + part(other[i], middle) / 2;
    }
    return Math.max(0, divergence);
  }

  private static double part(double share, double middle) {
    return share == 0 ? 0 : share * Math.log(share / middle) / LN2;
  }

  /**
   * How often two samples of the same differ by such a distance at least: the limit of Kolmogorov
   * (1933) for large samples, which is too high rather than too low where values are tied.
   */
  static double kolmogorov(double distance, double reference, double current) {
    double x = distance * Math.sqrt(reference * current / (reference + current));
    if (x < 0.2) {
      // Nearer to 1 than a double can say, and the sum below does not converge.
      return 1;
    }
    double sum = 0;
    for (int i = 1; i <= TERMS; i++) {
      double term = Math.exp(-2.0 * i * i * x * x);
      sum += i % 2 == 1 ? term : -term;
    }
    return Math.min(1, Math.max(0, 2 * sum));
  }

  /** A test of Pearson's chi-square, with Cramér's V (1946) as its effect. */
  record Association(double statistic, double chance, double effect) {}

  /** Whether two rows of counts have the same shares; no column of both is 0. */
  static Association association(long[] reference, long[] current) {
    if (reference.length < 2) {
      return new Association(0, 1, 0);
    }
    var result = ChiSquareTest.withDefaults().test(new long[][] {reference, current});
    double total = Arrays.stream(reference).sum() + (double) Arrays.stream(current).sum();
    // Of two rows, the lesser of rows and columns less one is 1.
    return new Association(
        result.getStatistic(), result.getPValue(), Math.sqrt(result.getStatistic() / total));
  }

  /** P-values corrected for their number by Benjamini and Hochberg (1995). */
  static double[] corrected(double[] chances) {
    Integer[] order = new Integer[chances.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(chances[b], chances[a]));
    double[] corrected = new double[chances.length];
    double least = 1;
    for (int i = 0; i < order.length; i++) {
      int rank = chances.length - i;
      least = Math.min(least, chances[order[i]] * chances.length / rank);
      corrected[order[i]] = least;
    }
    return corrected;
  }
}
