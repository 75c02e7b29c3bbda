package dev.weir.profile;

import java.util.Arrays;
import java.util.TreeSet;
import org.apache.datasketches.kll.KllDoublesSketch;
import org.apache.datasketches.quantilescommon.DoublesSortedView;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/** A distribution function of numbers, as the sketch of them tells it. */
final class Distribution {
  private static final int TENTHS = 10;

  private final DoublesSortedView view;
  private final long count;

  private Distribution(DoublesSortedView view, long count) {
    this.view = view;
    this.count = count;
  }

  static Distribution of(Quantiles quantiles) {
    KllDoublesSketch heap = quantiles.heap();
    return new Distribution(heap.getSortedView(), heap.getN());
  }

  long count() {
    return count;
  }

  /** The part of the numbers that are not above one. */
  private double at(double number) {
    return view.getRank(number, QuantileSearchCriteria.INCLUSIVE);
  }

  /** Every number at which one of both functions steps. */
  private double[] steps(Distribution other) {
    return Arrays.stream(new double[][] {view.getQuantiles(), other.view.getQuantiles()})
        .flatMapToDouble(Arrays::stream)
        .distinct()
        .sorted()
        .toArray();
  }

  /** The distance of Kolmogorov and Smirnov. */
  double distance(Distribution other) {
    double distance = 0;
    for (double step : steps(other)) {
      distance = Math.max(distance, Math.abs(at(step) - other.at(step)));
    }
    return distance;
  }

  /** The first distance of Wasserstein: the area between the functions. */
  double transport(Distribution other) {
    double[] steps = steps(other);
    double area = 0;
    for (int i = 0; i + 1 < steps.length; i++) {
      area += Math.abs(at(steps[i]) - other.at(steps[i])) * (steps[i + 1] - steps[i]);
    }
    return area;
  }

  /**
   * Where the tenths of the numbers end. A number that fills more than one has a bin of its own,
   * and so has what is below the least and above the greatest.
   */
  double[] edges() {
    TreeSet<Double> edges = new TreeSet<>();
    edges.add(Math.nextDown(view.getMinItem()));
    double last = Double.NaN;
    for (int i = 1; i <= TENTHS; i++) {
      double edge =
          i == TENTHS
              ? view.getMaxItem()
              : view.getQuantile((double) i / TENTHS, QuantileSearchCriteria.INCLUSIVE);
      if (edge == last) {
        edges.add(Math.nextDown(edge));
      }
      edges.add(edge);
      last = edge;
    }
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** How many of the numbers are in each bin, the last of which has no end. */
  double[] counts(double[] edges) {
    double[] counts = new double[edges.length + 1];
    double below = 0;
    for (int i = 0; i < edges.length; i++) {
      double upTo = at(edges[i]) * count;
      counts[i] = upTo - below;
      below = upTo;
    }
    counts[edges.length] = count - below;
    return counts;
  }
}
