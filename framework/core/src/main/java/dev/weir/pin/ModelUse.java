package dev.weir.pin;

import dev.weir.config.Period;
import dev.weir.config.Retention;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A model, and what has become of it.
 *
 * @param reference {@code model:…}, or {@code candidate:…} for one that nobody has registered
 * @param made when it was registered, or trained if it was not
 * @param since when it became what it is now
 * @param why what it is now, in words
 * @param period how long what it came from stays, from then
 */
record ModelUse(String reference, Instant made, Instant since, String why, Period period) {
  private static final String RETIRED = "RETIRED";
  private static final String REJECTED = "REJECTED";

  private record Alias(String model, String name) {}

  /** All models of a home. */
  static List<ModelUse> of(LineageReader lineage, Retention retention) {
    Map<String, Row> reviews = new HashMap<>();
    for (Row row : byTime(lineage, LineageTable.REVIEWS)) {
      reviews.put(row.string("reference"), row);
    }
    Map<Alias, Row> aliases = new HashMap<>();
    Map<String, Instant> left = new HashMap<>();
    for (Row row : byTime(lineage, LineageTable.ALIASES)) {
      aliases.put(new Alias(row.string("name"), row.string("alias")), row);
      String from = row.text("from_reference");
      if (from != null) {
        left.put(from, at(row));
      }
    }
    Map<String, TreeMap<String, Instant>> named = new HashMap<>();
    aliases.forEach(
        (alias, row) -> {
          String to = row.text("to_reference");
          if (to != null) {
            named.computeIfAbsent(to, model -> new TreeMap<>()).put(alias.name(), at(row));
          }
        });
    List<ModelUse> uses = new ArrayList<>();
    Set<String> registered = new HashSet<>();
    Map<String, Row> candidates = new LinkedHashMap<>();
    for (Row row : byTime(lineage, LineageTable.MODELS)) {
      String reference = row.string("reference");
      if (row.get("number") == null) {
        candidates.put(reference, row);
      } else {
        registered.add(row.string("candidate"));
        uses.add(
            registered(
                row,
                reviews.get(reference),
                named.getOrDefault(reference, new TreeMap<>()),
                left.get(reference),
                retention));
      }
    }
    candidates.keySet().removeAll(registered);
    candidates.forEach(
        (reference, row) ->
            uses.add(
                new ModelUse(
                    reference,
                    at(row),
                    at(row),
                    "a candidate that nobody has registered",
                    retention.unregistered())));
    return uses;
  }

  private static ModelUse registered(
      Row model,
      @Nullable Row review,
      Map<String, Instant> aliases,
      @Nullable Instant left,
      Retention retention) {
    String reference = model.string("reference");
    if (!aliases.isEmpty()) {
      return new ModelUse(
          reference,
          at(model),
          aliases.values().stream().min(Comparator.naturalOrder()).orElseThrow(),
          "in production as " + String.join(" and ", new TreeSet<>(aliases.keySet())),
          retention.production());
    }
    String decision = review == null ? "" : review.string("decision");
    if (review != null && (decision.equals(RETIRED) || decision.equals(REJECTED))) {
      return new ModelUse(
          reference,
          at(model),
          at(review),
          decision.equals(RETIRED) ? "retired" : "rejected",
          retention.retired());
    }
    Instant since = at(model);
    if (review != null && at(review).isAfter(since)) {
      since = at(review);
    }
    if (left != null && left.isAfter(since)) {
      since = left;
    }
    return new ModelUse(reference, at(model), since, "registered", retention.registered());
  }

  private static List<Row> byTime(LineageReader lineage, LineageTable table) {
    List<Row> rows = new ArrayList<>(lineage.rows(table, List.of()));
    rows.sort(Comparator.comparing(ModelUse::at));
    return rows;
  }

  private static Instant at(Row row) {
    return Objects.requireNonNull(row.instant("at"));
  }
}
