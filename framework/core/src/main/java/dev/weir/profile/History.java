package dev.weir.profile;

import dev.weir.artifact.DatasetVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.apache.commons.statistics.descriptive.Median;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a dataset that were accepted, and what they let expect of the next.
 *
 * @param accepted the oldest first
 */
public record History(List<Past> accepted) {
  /** No interval is narrower on either side than this part of its middle. */
  private static final double LEAST = 1e-3;

  /** A median absolute deviation times this is the standard deviation of what is normal. */
  private static final double NORMAL = 1.4826;

  public History {
    accepted = accepted.stream().sorted(Comparator.comparing(Past::at)).toList();
  }

  /**
   * Holds a figure of a version against the history.
   *
   * @param at when the version came about, for its season
   * @throws dev.weir.error.WeirException {@code no-column} if the profile has no such column
   */
  public Judged judge(Deviation deviation, DatasetProfile profile, Instant at) {
    Figure figure = deviation.figure();
    figure.requireIn(profile);
    Predicate<Past> fits =
        deviation instanceof Deviation.Seasonal seasonal
            ? past -> seasonal.same().same(past.at(), at)
            : past -> true;
    // A version in which it could not be measured, or was not finite, teaches nothing of it.
    List<Past> usable =
        accepted.stream()
            .filter(fits)
            .filter(past -> Double.isFinite(figure.of(past.profile()).orElse(Double.NaN)))
            .toList();
    List<Past> last =
        usable.subList(Math.max(0, usable.size() - deviation.versions()), usable.size());
    List<DatasetVersion> versions = last.stream().map(Past::version).toList();
    OptionalDouble value = figure.of(profile);
    if (last.size() < deviation.atLeast()) {
      return new Judged(deviation, value, null, versions);
    }
    List<Double> values = new ArrayList<>();
    last.forEach(past -> values.add(figure.of(past.profile()).orElseThrow()));
    double noise =
        Math.max(figure.noise(profile), figure.noise(last.get(last.size() - 1).profile()));
    return new Judged(
        deviation,
        value,
        expected(deviation, values, Double.isFinite(noise) ? noise : 0),
        versions);
  }

  private static @Nullable Interval expected(
      Deviation deviation, List<Double> values, double noise) {
    double last = values.get(values.size() - 1);
    if (deviation instanceof Deviation.RelativeChange change) {
      // There is no part of 0.
      return last == 0 ? null : around(last, Math.abs(last) * change.by());
    } else if (deviation instanceof Deviation.AbsoluteChange change) {
      return around(last, change.by());
    } else if (deviation instanceof Deviation.Robust robust) {
      return robust(values, robust.deviations(), noise);
    } else if (deviation instanceof Deviation.Seasonal seasonal) {
      return normal(values, seasonal.sigmas(), noise);
    } else if (deviation instanceof Deviation.Normal normal) {
      return normal(values, normal.sigmas(), noise);
    }
    throw new IllegalStateException("No such deviation: " + deviation);
  }

  /** By the online mean and variance of Welford (1962). */
  private static Interval normal(List<Double> values, double sigmas, double noise) {
    double mean = 0;
    double squares = 0;
    int count = 0;
    for (double value : values) {
      count++;
      double distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    }
    // Of a sample, since a few versions are one of all that could come.
    double deviation = Math.sqrt(squares / (count - 1));
    return widened(mean, sigmas, deviation, noise);
  }

  private static Interval robust(List<Double> values, double deviations, double noise) {
    Median median = Median.withDefaults();
    double middle = median.evaluate(doubles(values));
    double spread =
        median.evaluate(values.stream().mapToDouble(value -> Math.abs(value - middle)).toArray());
    return widened(middle, deviations, NORMAL * spread, noise);
  }

  private static Interval widened(double middle, double times, double deviation, double noise) {
    return around(middle, Math.max(times * Math.max(deviation, noise), LEAST * Math.abs(middle)));
  }

  private static Interval around(double middle, double width) {
    return new Interval(middle - width, middle + width);
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
