package dev.weir.config;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of what goes wrong, and how.
 *
 * @param routes the ways by which alerts go
 * @param mail the server that e-mail goes by, or null
 * @param owners who answers for a pipeline, by its name or a pattern of names
 * @param repeat how long the same trouble is only counted after it was told
 * @param patience how long a run that went wrong waits at its end for its alerts
 * @param timeout how long a server may take to answer
 * @param attempts how often a delivery is tried before it is given up
 */
@Help(
    "Who is told when a stage fails, a gate halts a run or a process dies, and when the pipeline has"
        + " recovered; see ./weir alerts. Unless set, it is only logged.")
public record AlertSettings(
    @Help("The ways by which alerts go; an alert goes by every one that it fits.")
        List<AlertRoute> routes,
    @Help("The server that e-mail goes by.") @Nullable MailServer mail,
    @Help("Who answers for a pipeline, by its name or a pattern such as credit*; the first counts.")
        @Default("{}")
        Map<String, String> owners,
    @Help(
            "How long the same trouble is only counted, and not told again, after it was told; it is"
                + " told again when it comes back after its pipeline had recovered.")
        @Default("4h")
        Duration repeat,
    @Help(
            "How long a run that failed or was halted waits at its end until its alerts are"
                + " delivered; the next command delivers what is left.")
        @Default("15s")
        Duration patience,
    @Help("How long a server may take to answer.") @Default("5s") Duration timeout,
    @Help("How often a delivery is tried before it is given up.") @Default("10") int attempts) {
  public AlertSettings {
    routes = List.copyOf(routes);
    if (routes.isEmpty()) {
      throw new IllegalArgumentException(
          "'routes' is empty: name a webhook, a slack or an email, or leave 'alerts' out");
    }
    Set<String> titles = new HashSet<>();
    for (AlertRoute route : routes) {
      if (!titles.add(route.title())) {
        throw new IllegalArgumentException(
            "two routes are called '%s': give one of them another 'name'".formatted(route.title()));
      }
      if (route instanceof AlertRoute.Email && mail == null) {
        throw new IllegalArgumentException(
            "the route '%s' needs a server: add mail: { host: …, from: … }"
                .formatted(route.title()));
      }
    }
    owners = Collections.unmodifiableMap(new LinkedHashMap<>(owners));
    requirePositive("timeout", timeout);
    if (repeat.isNegative() || patience.isNegative()) {
      throw new IllegalArgumentException("'repeat' and 'patience' are not negative");
    }
    if (attempts < 1) {
      throw new IllegalArgumentException("'attempts' is 1 or more, not " + attempts);
    }
  }

  private static void requirePositive(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("'%s' is more than 0".formatted(key));
    }
  }

  /** The route of that title. */
  public Optional<AlertRoute> route(String title) {
    return routes.stream().filter(route -> route.title().equals(title)).findFirst();
  }

  /** Who answers for a pipeline, or null where nobody is named. */
  public @Nullable String owner(String pipeline) {
    return owners.entrySet().stream()
        .filter(entry -> Glob.matches(entry.getKey(), pipeline))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
