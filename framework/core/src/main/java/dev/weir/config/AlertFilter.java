package dev.weir.config;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which alerts go by a route.
 *
 * @param pipelines names of pipelines, or patterns of names
 * @param severity the least that goes by it
 * @param kinds what they tell of; empty for all
 */
@Help("Which alerts go by a route. A recovery goes by every route by which the trouble was told.")
public record AlertFilter(
    @Help("The pipelines, by name or by a pattern such as credit*.") @Default("['*']")
        List<String> pipelines,
    @Help("The least severity: info, warn or error.") @Default("warn") AlertSeverity severity,
    @Help("What they tell of; all kinds unless given.") @Default("[]") Set<AlertKind> kinds) {
  /** All that matters. */
  public static final AlertFilter ALL = new AlertFilter(List.of("*"), AlertSeverity.WARN, Set.of());

  public AlertFilter {
    pipelines = List.copyOf(pipelines);
    Objects.requireNonNull(severity);
    kinds = Set.copyOf(kinds);
    if (pipelines.isEmpty()) {
      throw new IllegalArgumentException(
          "'pipelines' is empty: name some, or leave it out for all");
    }
    if (kinds.contains(AlertKind.RECOVERED)) {
      throw new IllegalArgumentException(
          "'recovered' is no kind to choose: it goes by every route by which the trouble was told");
    }
  }

  /** Whether an alert goes by the route. */
  public boolean fits(String pipeline, AlertSeverity how, AlertKind kind) {
    return how.compareTo(severity) >= 0
        && (kinds.isEmpty() || kinds.contains(kind))
        && pipelines.stream().anyMatch(pattern -> Glob.matches(pattern, pipeline));
  }
}
