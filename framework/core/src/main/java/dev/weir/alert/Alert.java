package dev.weir.alert;

import dev.weir.config.AlertKind;
import dev.weir.lineage.Fact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Trouble that people are told of, or its end, as it stands now.
 *
 * @param raised each time that it came, in order; at least once
 * @param deliveries what came of telling it, by route
 * @param acknowledgedBy who said that they know of it, or null
 * @param snoozedUntil when it is told again, or null
 * @param resolvedAt when it was over, or null
 */
public record Alert(
    List<Fact.AlertRaised> raised,
    Map<String, Delivery> deliveries,
    @Nullable String acknowledgedBy,
    @Nullable Instant snoozedUntil,
    @Nullable Instant resolvedAt) {
  /** How an alert stands. */
  public enum State {
    /** Nobody has said anything, and it is not over. */
    OPEN,
    /** Somebody knows of it; it is not over. */
    ACKNOWLEDGED,
    /** It is not told for some time. */
    SNOOZED,
    /** It is over. */
    RESOLVED
  }

  /** What came of a delivery. */
  public enum Outcome {
    /** It is to be delivered, or tried again. */
    PENDING,
    /** It was taken. */
    DELIVERED,
    /** It was tried as often as is allowed. */
    GIVEN_UP
  }

  /**
   * What came of telling an alert by one route.
   *
   * @param times which time of it was, or is to be, told
   * @param attempts how often that was tried in vain
   * @param error why the last try failed, or null
   */
  public record Delivery(int times, Outcome outcome, int attempts, @Nullable String error) {
    public Delivery {
      Objects.requireNonNull(outcome);
    }
  }

  public Alert {
    raised = List.copyOf(raised);
    if (raised.isEmpty()) {
      throw new IllegalArgumentException("An alert was raised at least once");
    }
    deliveries = Map.copyOf(deliveries);
  }

  /** Its id. */
  public String id() {
    return first().alert();
  }

  /** How it came the first time. */
  public Fact.AlertRaised first() {
    return raised.get(0);
  }

  /** How it came the last time. */
  public Fact.AlertRaised last() {
    return raised.get(raised.size() - 1);
  }

  /** How it stands. */
  public State state(Instant now) {
    if (resolvedAt != null || first().kind() == AlertKind.RECOVERED) {
      return State.RESOLVED;
    }
    if (acknowledgedBy != null) {
      return State.ACKNOWLEDGED;
    }
    return snoozedUntil != null && snoozedUntil.isAfter(now) ? State.SNOOZED : State.OPEN;
  }

  /** When it was last sent on its ways, if ever. */
  Optional<Instant> sentAt() {
    return raised.stream()
        .filter(each -> !each.routes().isEmpty())
        .map(Fact.AlertRaised::at)
        .max(Instant::compareTo);
  }

  /** The routes by which it was to be told at any time. */
  List<String> routes() {
    return raised.stream().flatMap(each -> each.routes().stream()).distinct().sorted().toList();
  }

  /** The newest that each route has to tell and has not, as it was raised. */
  Map<String, Fact.AlertRaised> pending() {
    Map<String, Fact.AlertRaised> pending = new TreeMap<>();
    deliveries.forEach(
        (route, delivery) -> {
          if (delivery.outcome() == Outcome.PENDING) {
            raised.stream()
                .filter(each -> each.times() == delivery.times())
                .findFirst()
                .ifPresent(each -> pending.put(route, each));
          }
        });
    return pending;
  }

  /** Routes that could not take it, each with the reason. */
  public List<String> undelivered() {
    List<String> undelivered = new ArrayList<>();
    new TreeMap<>(deliveries)
        .forEach(
            (route, delivery) -> {
              if (delivery.outcome() != Outcome.DELIVERED) {
                String error = delivery.error();
                undelivered.add(error == null ? route : route + ": " + error);
              }
            });
    return undelivered;
  }
}
