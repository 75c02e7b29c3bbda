package dev.weir.cli;

import java.util.List;
import java.util.OptionalDouble;

/** Numbers as a line of eight heights, the lowest of which is the least of them. */
final class Sparkline {
  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final String MISSING = "·";

  private Sparkline() {}

  /** One character a value; those that are not there or not finite are dots. */
  static List<String> of(List<OptionalDouble> values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (OptionalDouble value : values) {
      if (finite(value)) {
        least = Math.min(least, value.getAsDouble());
        most = Math.max(most, value.getAsDouble());
      }
    }
    double low = least;
    double range = most - least;
    return values.stream()
        .map(value -> finite(value) ? bar(value.getAsDouble() - low, range) : MISSING)
        .toList();
  }

  private static boolean finite(OptionalDouble value) {
    return Double.isFinite(value.orElse(Double.NaN));
  }

  private static String bar(double above, double range) {
    int height = range > 0 ? (int) Math.round(above / range * (BARS.length() - 1)) : 0;
    return BARS.substring(height, height + 1);
  }
}
