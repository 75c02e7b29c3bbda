package dev.weir.quality;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan found, by the places that {@link ScanPlan} gave.
 *
 * @param tally what was found of the rows as they came
 * @param groups what is known of values that were brought together
 */
record Figures(Tally tally, List<Groups> groups) {
  Figures {
    groups = List.copyOf(groups);
  }

  long rows() {
    return tally.rows();
  }

  /** How many rows the condition at a place is true for; all of them at none. */
  long count(@Nullable Integer place) {
    return place == null ? rows() : tally.count(place);
  }
}
