package dev.weir.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.alert.Alert;
import dev.weir.alert.AlertBook;
import dev.weir.alert.AlertDeeds;
import dev.weir.config.Keys;
import dev.weir.config.Project;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Fact;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Lists alerts and says what is done about them; without Spark. */
final class AlertsAction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI location;
  private final Project project;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  AlertsAction(URI location, Project project, PrintStream out, PrintStream err) {
    this.location = location;
    this.project = project;
    this.out = out;
    this.err = err;
  }

  /**
   * @param all whether those are listed too that are over
   */
  int list(boolean all, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      Instant now = Instant.now();
      List<Alert> alerts =
          AlertBook.of(home.lineage()).all().stream()
              .filter(alert -> all || alert.state(now) != Alert.State.RESOLVED)
              .toList();
      if (json) {
        alerts.forEach(alert -> out.println(json(alert, now)));
      } else if (alerts.isEmpty()) {
        out.println(
            project.config().alerts() == null
                ? "Nobody is told of anything: add alerts to %s.".formatted(Project.FILE)
                : all ? "There was never an alert." : "No alert is open.");
      } else {
        print(alerts, now);
      }
      return ExitCode.DONE;
    }
  }

  private void print(List<Alert> alerts, Instant now) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("alert", "state", "since (UTC)", "times", "pipeline", "what", "told"));
    for (Alert alert : alerts) {
      Fact.AlertRaised last = alert.last();
      cells.add(
          List.of(
              alert.id(),
              state(alert, now),
              Text.time(last.since()),
              String.valueOf(last.times()),
              last.pipeline(),
              "%s%s"
                  .formatted(Keys.of(last.kind()), last.stage() == null ? "" : " " + last.stage()),
              told(alert)));
    }
    PinsAction.print(cells, out, ansi);
    out.println(
        ansi.dim(
            "./weir show %s shows the last run; ./weir alerts ack ID --reason … silences one."
                .formatted(alerts.get(alerts.size() - 1).last().run())));
  }

  private static String state(Alert alert, Instant now) {
    Alert.State state = alert.state(now);
    return switch (state) {
      case ACKNOWLEDGED -> "known to " + alert.acknowledgedBy();
      case SNOOZED -> "snoozed until " + Text.time(Objects.requireNonNull(alert.snoozedUntil()));
      default -> Keys.of(state);
    };
  }

  private static String told(Alert alert) {
    List<String> told = new ArrayList<>();
    new TreeMap<>(alert.deliveries())
        .forEach(
            (route, delivery) -> {
              if (delivery.outcome() == Alert.Outcome.DELIVERED) {
                told.add(route);
              }
            });
    alert.undelivered().forEach(each -> told.add("not " + each));
    return told.isEmpty() ? "nobody" : String.join("; ", told);
  }

  private static String json(Alert alert, Instant now) {
    Fact.AlertRaised last = alert.last();
    ObjectNode object = JSON.createObjectNode();
    object.put("alert", alert.id());
    object.put("state", Keys.of(alert.state(now)));
    object.put("kind", Keys.of(last.kind()));
    object.put("severity", Keys.of(last.severity()));
    object.put("pipeline", last.pipeline());
    object.put("run", last.run());
    object.put("stage", last.stage());
    object.put("subject", last.subject());
    object.put("message", last.message());
    object.put("owner", last.owner());
    object.put("since", last.since().toString());
    object.put("at", last.at().toString());
    object.put("times", last.times());
    object.put("acknowledged_by", alert.acknowledgedBy());
    object.put("snoozed_until", text(alert.snoozedUntil()));
    object.put("resolved_at", text(alert.resolvedAt()));
    ObjectNode deliveries = object.putObject("deliveries");
    new TreeMap<>(alert.deliveries())
        .forEach(
            (route, delivery) ->
                deliveries
                    .putObject(route)
                    .put("outcome", Keys.of(delivery.outcome()))
                    .put("times", delivery.times())
                    .put("attempts", delivery.attempts())
                    .put("error", delivery.error()));
    return object.toString();
  }

  private static @Nullable String text(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }

  int acknowledge(String id, Actor by, String reason) {
    try (HomeReader home = HomeReader.open(location)) {
      Fact.AlertAcknowledged known = AlertDeeds.acknowledge(home.events(), id, by, reason);
      out.println("Alert %s is told no more until it is over.".formatted(known.alert()));
      AuditActions.seal(home.events(), project, err);
      return ExitCode.DONE;
    }
  }

  int snooze(String what, Duration length, Actor by, String reason) {
    try (HomeReader home = HomeReader.open(location)) {
      Fact.AlertSnoozed snoozed = AlertDeeds.snooze(home.events(), what, length, by, reason);
      out.println(
          "%s until %s UTC."
              .formatted(
                  snoozed.alert() == null
                      ? "Nothing of the pipeline %s is told".formatted(snoozed.snoozed())
                      : "Alert %s is not told".formatted(snoozed.alert()),
                  Text.time(snoozed.until())));
      AuditActions.seal(home.events(), project, err);
      return ExitCode.DONE;
    }
  }
}
