package dev.weir.alert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.AlertKind;
import dev.weir.config.Keys;
import dev.weir.lineage.Fact;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An alert in words: what, where, since when, how far off, who answers for it, where to look. */
final class AlertText {
  /** About as much as chats and people take. */
  private static final int LONGEST = 3000;

  private static final String DATASET = "dataset:";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Fact.AlertRaised alert;
  private final String home;

  AlertText(Fact.AlertRaised alert, String home) {
    this.alert = alert;
    this.home = home;
  }

  /** Trouble in one entry of a log. */
  static String logged(Occasion.Trouble trouble) {
    return "%s (run %s): %s"
        .formatted(
            title(trouble.kind(), trouble.pipeline(), trouble.stage()),
            trouble.run(),
            trouble.message());
  }

  private static String title(AlertKind kind, String pipeline, @Nullable String stage) {
    return switch (kind) {
      case GATE_HALTED -> "%s: the gate %s halted the run".formatted(pipeline, stage);
      case STAGE_FAILED -> "%s: stage %s failed".formatted(pipeline, stage);
      case RUN_FAILED -> "%s: the run failed".formatted(pipeline);
      case RUN_DIED -> "%s: the run's process died".formatted(pipeline);
      case RECOVERED -> "%s: recovered".formatted(pipeline);
    };
  }

  /** What happened, in a line. */
  String title() {
    return title(alert.kind(), alert.pipeline(), alert.stage());
  }

  /** The commands to look with. */
  List<String> look() {
    List<String> look = new ArrayList<>();
    look.add("./weir show " + alert.run());
    if (alert.kind() == AlertKind.GATE_HALTED && alert.subject().startsWith(DATASET)) {
      look.add("./weir quality " + alert.subject().substring(DATASET.length()));
    }
    if (alert.stage() != null) {
      look.add("./weir logs %s %s".formatted(alert.run(), alert.stage()));
    }
    return look;
  }

  /** Everything, in lines. */
  String body() {
    StringBuilder text = new StringBuilder();
    text.append(alert.checks().isEmpty() ? alert.message() : firstLine(alert.message()))
        .append('\n');
    for (Fact.Check check : alert.checks()) {
      String what = check.column() == null ? check.name() : check.name() + " " + check.column();
      line(text, "check", what);
      line(text, "value", check.observed());
      line(text, "expected", check.expected());
    }
    line(
        text,
        "where",
        "%srun %s, %s in %s"
            .formatted(
                alert.stage() == null ? "" : "stage " + alert.stage() + " of ",
                alert.run(),
                alert.subject(),
                home));
    line(text, "since", TIME.format(alert.since()) + " UTC" + (alert.times() > 1 ? times() : ""));
    String owner = alert.owner();
    if (owner != null) {
      line(text, "owner", owner);
    }
    String label = "look";
    for (String command : look()) {
      line(text, label, command);
      label = "";
    }
    if (alert.kind() != AlertKind.RECOVERED) {
      line(text, "silence", "./weir alerts ack %s --reason …".formatted(alert.alert()));
    }
    return text.toString();
  }

  private String times() {
    return ", for the %d. time".formatted(alert.times());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append("%-10s%s%n".formatted(label, value.replaceAll("\\R", "\n          ")));
  }

  /** Everything, as a program takes it. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("alert", alert.alert());
    json.put("times", alert.times());
    json.put("kind", Keys.of(alert.kind()));
    json.put("severity", Keys.of(alert.severity()));
    json.put("title", title());
    json.put("message", alert.message());
    json.put("pipeline", alert.pipeline());
    json.put("run", alert.run());
    json.put("stage", alert.stage());
    json.put("attempt", alert.attempt());
    json.put("subject", alert.subject());
    ArrayNode checks = json.putArray("checks");
    for (Fact.Check check : alert.checks()) {
      checks
          .addObject()
          .put("name", check.name())
          .put("subject", check.subject())
          .put("column", check.column())
          .put("rows", check.rows())
          .put("failed_rows", check.failedRows())
          .put("observed", check.observed())
          .put("expected", check.expected());
    }
    json.put("owner", alert.owner());
    json.put("since", text(alert.since()));
    json.put("at", text(alert.at()));
    json.put("home", home);
    look().forEach(json.putArray("look")::add);
    alert.resolved().forEach(json.putArray("resolved")::add);
    return json;
  }

  private static String text(Instant at) {
    return at.toString();
  }

  /** A message as Slack takes it. */
  ObjectNode slack() {
    String text = escaped(body());
    return JsonNodeFactory.instance
        .objectNode()
        .put(
            "text",
            "*%s*%n```%n%s```"
                .formatted(
                    escaped(title()),
                    text.length() > LONGEST ? text.substring(0, LONGEST) + " …\n" : text));
  }

  /** What Slack wants escaped, and nothing more; nor may the text end its own quotation. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("```", "'''");
  }
}
