package dev.weir.alert;

import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Deeds;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import java.time.Duration;
import java.time.Instant;

/** What people do about alerts. */
public final class AlertDeeds {
  private static final Duration LONGEST = Duration.ofDays(365);

  private AlertDeeds() {}

  /**
   * Somebody knows of an alert: it is told no more until it is over.
   *
   * @param id its id or the beginning of it
   * @throws WeirException {@code unknown-alert}; {@code alert-over} if there is nothing to know of
   */
  public static Fact.AlertAcknowledged acknowledge(
      Events events, String id, Actor by, String reason) {
    return Deeds.commit(
        events,
        "weir/alert-deeds",
        seen -> {
          Instant now = Deeds.after(Instant.now(), null);
          Alert alert = open(AlertBook.of(seen), id, now);
          return new Fact.AlertAcknowledged(now, by, alert.id(), reason);
        });
  }

  /**
   * An alert, or all of a pipeline, are not told for some time.
   *
   * @param what the alert's id or the beginning of it, or the name of a pipeline
   * @throws WeirException as {@link #acknowledge} does; {@code invalid-time} if it is none or too
   *     long
   */
  public static Fact.AlertSnoozed snooze(
      Events events, String what, Duration length, Actor by, String reason) {
    if (length.isZero() || length.isNegative() || length.compareTo(LONGEST) > 0) {
      throw WeirException.user(
          "invalid-time",
          "Alerts are snoozed for a while, not for %d s.".formatted(length.toSeconds()),
          "Give --for a duration such as 2h, at most 365d.");
    }
    return Deeds.commit(
        events,
        "weir/alert-deeds",
        seen -> {
          AlertBook book = AlertBook.of(seen);
          Instant now = Deeds.after(Instant.now(), null);
          Instant until = now.plus(length);
          if (book.knows(what)
              || !seen.openRuns(what).isEmpty()
              || seen.lastRun(what).isPresent()) {
            return new Fact.AlertSnoozed(now, by, null, what, until, reason);
          }
          Alert alert = open(book, what, now);
          return new Fact.AlertSnoozed(
              now, by, alert.id(), alert.first().pipeline(), until, reason);
        });
  }

  private static Alert open(AlertBook book, String id, Instant now) {
    Alert alert = book.find(id);
    if (alert.state(now) == Alert.State.RESOLVED) {
      throw WeirException.user(
          "alert-over",
          "Alert %s of the pipeline %s is over.".formatted(alert.id(), alert.first().pipeline()),
          "See ./weir alerts for those that are not.");
    }
    return alert;
  }
}
