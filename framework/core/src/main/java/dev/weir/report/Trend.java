package dev.weir.report;

import dev.weir.profile.Figure;
import dev.weir.profile.Interval;
import dev.weir.profile.Judged;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A figure of a dataset over time, with where the versions accepted before let expect it.
 *
 * @param points one an inspection, the oldest first
 * @param judged the last one's value held against its history
 */
public record Trend(Figure figure, List<Point> points, Judged judged) {
  public Trend {
    points = List.copyOf(points);
  }

  /**
   * What a figure was once.
   *
   * @param value its value; empty if there was nothing to measure it by
   * @param expected where it was expected then, or null if there was too little history
   */
  public record Point(OptionalDouble value, @Nullable Interval expected) {}

  /** Whether its last value is not where it was expected. */
  public boolean deviates() {
    return judged.outcome() == Judged.Outcome.DEVIATES;
  }
}
