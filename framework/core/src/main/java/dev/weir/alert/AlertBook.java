package dev.weir.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.config.AlertKind;
import dev.weir.config.AlertSeverity;
import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every alert of a home as it stands at one moment. */
public final class AlertBook {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Map<String, Alert> alerts = new LinkedHashMap<>();
  private final Map<String, Instant> snoozedPipelines = new HashMap<>();

  private AlertBook(List<Row> rows) {
    Map<String, List<Fact.AlertRaised>> raised = new LinkedHashMap<>();
    Map<String, Map<String, Alert.Delivery>> deliveries = new HashMap<>();
    Map<String, String> known = new HashMap<>();
    Map<String, Instant> snoozed = new HashMap<>();
    Map<String, Instant> resolved = new HashMap<>();
    for (Row row : rows) {
      String alert = row.text("alert");
      if (alert == null) {
        snoozedPipelines.put(row.string("pipeline"), until(row));
        continue;
      }
      switch (row.string("event")) {
        case "RAISED" -> {
          Fact.AlertRaised fact = raised(row);
          raised.computeIfAbsent(alert, id -> new ArrayList<>()).add(fact);
          fact.resolved().forEach(id -> resolved.put(id, fact.at()));
          fact.routes()
              .forEach(
                  route ->
                      deliveries
                          .computeIfAbsent(alert, id -> new HashMap<>())
                          .put(
                              route,
                              new Alert.Delivery(fact.times(), Alert.Outcome.PENDING, 0, null)));
        }
        case "DELIVERED", "FAILED" ->
            deliveries
                .computeIfAbsent(alert, id -> new HashMap<>())
                .computeIfPresent(row.string("route"), (route, before) -> after(before, row));
        case "ACKNOWLEDGED" ->
            known.put(
                alert, Objects.requireNonNullElse(row.text("claimed_by"), row.string("done_by")));
        case "SNOOZED" -> snoozed.put(alert, until(row));
        default -> {
          // Of a newer Weir.
        }
      }
    }
    raised.forEach(
        (id, times) -> {
          times.sort(Comparator.comparing(Fact.AlertRaised::at));
          alerts.put(
              id,
              new Alert(
                  times,
                  deliveries.getOrDefault(id, Map.of()),
                  known.get(id),
                  later(snoozed.get(id), snoozedPipelines.get(times.get(0).pipeline())),
                  resolved.get(id)));
        });
  }

  /** The alerts as the lineage tells of them. */
  public static AlertBook of(LineageReader lineage) {
    List<Row> rows = new ArrayList<>(lineage.rows(LineageTable.ALERTS, List.of()));
    // What tells of something comes after it, by clocks that are not quite the same.
    rows.sort(
        Comparator.comparing((Row row) -> row.string("event").equals("RAISED") ? 0 : 1)
            .thenComparing(row -> Objects.requireNonNull(row.instant("at"))));
    return new AlertBook(rows);
  }

  /** All of them, by when they came first. */
  public List<Alert> all() {
    return alerts.values().stream()
        .sorted(Comparator.comparing(alert -> alert.first().at()))
        .toList();
  }

  /** Those of a pipeline that are not over. */
  List<Alert> open(String pipeline, Instant now) {
    return all().stream()
        .filter(alert -> alert.first().pipeline().equals(pipeline))
        .filter(alert -> alert.state(now) != Alert.State.RESOLVED)
        .toList();
  }

  /** The open alert of the same trouble. */
  Optional<Alert> same(String pipeline, String trouble, Instant now) {
    return open(pipeline, now).stream()
        .filter(alert -> alert.first().trouble().equals(trouble))
        .findFirst();
  }

  /** Until when nothing of a pipeline is told, or null. */
  @Nullable Instant snoozed(String pipeline) {
    return snoozedPipelines.get(pipeline);
  }

  /** Whether anything was ever raised of a pipeline. */
  public boolean knows(String pipeline) {
    return alerts.values().stream().anyMatch(alert -> alert.first().pipeline().equals(pipeline));
  }

  /**
   * An alert by its id or the beginning of it.
   *
   * @throws WeirException {@code unknown-alert} if there is none, or more than one
   */
  public Alert find(String id) {
    List<Alert> found =
        id.isEmpty()
            ? List.of()
            : all().stream().filter(alert -> alert.id().startsWith(id)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    throw WeirException.user(
        "unknown-alert",
        found.isEmpty()
            ? "There is no alert '%s'%s".formatted(id, Nearest.ending(id, alerts.keySet()))
            : "%d alerts begin with '%s'.".formatted(found.size(), id),
        "See ./weir alerts --all.");
  }

  private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
    return a == null || (b != null && b.isAfter(a)) ? b : a;
  }

  private static Instant until(Row row) {
    return Objects.requireNonNull(row.instant("snoozed_until"));
  }

  /** What is told of a later time of the same alert counts for those before. */
  private static Alert.Delivery after(Alert.Delivery before, Row row) {
    int times = row.integer("times");
    if (times < before.times() || before.outcome() == Alert.Outcome.DELIVERED) {
      return before;
    }
    if (row.string("event").equals("DELIVERED")) {
      return new Alert.Delivery(times, Alert.Outcome.DELIVERED, before.attempts(), null);
    }
    boolean gaveUp = Boolean.TRUE.equals(row.get("gave_up"));
    return new Alert.Delivery(
        times,
        gaveUp ? Alert.Outcome.GIVEN_UP : Alert.Outcome.PENDING,
        row.integer("attempts"),
        row.text("error"));
  }

  private static Fact.AlertRaised raised(Row row) {
    return new Fact.AlertRaised(
        Objects.requireNonNull(row.instant("at")),
        row.string("pipeline"),
        row.string("run"),
        row.text("stage"),
        (Integer) row.get("attempt"),
        row.string("alert"),
        row.integer("times"),
        AlertKind.valueOf(row.string("kind")),
        AlertSeverity.valueOf(row.string("severity")),
        row.string("trouble"),
        row.string("subject"),
        row.string("message"),
        read(row.string("checks"), new TypeReference<List<Fact.Check>>() {}),
        row.text("owner"),
        Objects.requireNonNull(row.instant("since")),
        read(row.string("routes"), new TypeReference<List<String>>() {}),
        read(row.string("resolved"), new TypeReference<List<String>>() {}));
  }

  private static <T> T read(String json, TypeReference<T> type) {
    try {
      return Objects.requireNonNull(JSON.readValue(json, type));
    } catch (JsonProcessingException e) {
      throw new WeirException(
          "lineage-damaged",
          ErrorKind.DATA,
          "The table lineage.alerts holds a row that can't be read: " + e.getOriginalMessage(),
          "Make the lineage tables anew: weir lineage rebuild.",
          e);
    }
  }
}
