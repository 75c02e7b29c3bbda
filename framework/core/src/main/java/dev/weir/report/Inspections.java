package dev.weir.report;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.CheckRows;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.ProfileRows;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.profile.DatasetProfile;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every time that a dataset was looked at by one gate, the oldest first. A dataset is named by what
 * the gate reads or by what it publishes. Where several gates read it, this is the one that looked
 * last.
 */
final class Inspections {
  private static final String KIND = "dataset:";

  private static final List<String> PROFILE =
      List.of(
          "run",
          "stage",
          "attempt",
          "pipeline",
          "reference",
          "name",
          "table_id",
          "part",
          "byte_count",
          "column_number",
          "row_count",
          "profile",
          "at");

  private final LineageReader lineage;
  private final List<Inspection> all;
  private final List<Gate> others;

  /**
   * What was in a version.
   *
   * @param tableId the Delta table's id: versions of a table that was made again are another's
   */
  record Profiled(String tableId, DatasetProfile profile) {}

  private Inspections(LineageReader lineage, List<Inspection> all, List<Gate> others) {
    this.lineage = lineage;
    this.all = List.copyOf(all);
    this.others = List.copyOf(others);
  }

  /** Those of a dataset; none where no gate has looked at it. */
  static Inspections of(LineageReader lineage, DatasetName name) {
    List<Row> checks = asked(lineage, name);
    if (checks.isEmpty()) {
      checks = published(lineage, name);
    }
    if (checks.isEmpty()) {
      return new Inspections(lineage, List.of(), List.of());
    }
    Row newest = checks.get(checks.size() - 1);
    Gate gate = gate(newest);
    DatasetName checked = version(newest).name();
    Set<Gate> others = new LinkedHashSet<>();
    Map<String, List<Row>> attempts = new LinkedHashMap<>();
    for (Row row : checks) {
      if (!gate(row).equals(gate)) {
        others.add(gate(row));
      } else if (version(row).name().equals(checked)) {
        attempts.computeIfAbsent(attempt(row), key -> new ArrayList<>()).add(row);
      }
    }
    Map<String, String> outputs = outputs(lineage, gate);
    List<Inspection> all = new ArrayList<>();
    attempts.forEach((attempt, rows) -> all.add(inspection(rows, gate, outputs.get(attempt))));
    return new Inspections(lineage, all, List.copyOf(others));
  }

  /** What was found by those that read the dataset. */
  private static List<Row> asked(LineageReader lineage, DatasetName name) {
    // Every version's number is between the two.
    String begin = KIND + name + "@";
    return byTime(
        lineage.rows(
            LineageTable.CHECKS,
            List.of(Filter.atLeast("subject", begin), Filter.atMost("subject", begin + "~"))));
  }

  /** What was found by the stage that published the dataset last. */
  private static List<Row> published(LineageReader lineage, DatasetName name) {
    List<Row> written =
        byTime(lineage.rows(LineageTable.DATASETS, List.of(Filter.equal("name", name.toString()))));
    Set<Gate> gates = new LinkedHashSet<>();
    for (int i = written.size() - 1; i >= 0; i--) {
      gates.add(gate(written.get(i)));
    }
    for (Gate gate : gates) {
      List<Row> checks =
          byTime(lineage.rows(LineageTable.CHECKS, filters(gate))).stream()
              .filter(row -> row.string("subject").startsWith(KIND))
              .toList();
      if (!checks.isEmpty()) {
        return checks;
      }
    }
    return List.of();
  }

  /** What the attempts of a stage published as accepted. */
  private static Map<String, String> outputs(LineageReader lineage, Gate gate) {
    Map<String, String> outputs = new HashMap<>();
    for (Row row : lineage.rows(LineageTable.DATASETS, filters(gate))) {
      if (!QuarantineVersion.PORT.equals(row.text("port"))) {
        outputs.put(attempt(row), row.string("reference"));
      }
    }
    return outputs;
  }

  private static List<Filter> filters(Gate gate) {
    return List.of(Filter.equal("pipeline", gate.pipeline()), Filter.equal("stage", gate.stage()));
  }

  private static List<Row> byTime(List<Row> rows) {
    // Rows of one attempt have the same time, and stay in their order.
    return rows.stream().sorted(Comparator.comparing(Inspections::at)).toList();
  }

  private static Instant at(Row row) {
    return Objects.requireNonNull(row.instant("at"));
  }

  private static Gate gate(Row row) {
    return new Gate(row.string("pipeline"), row.string("stage"));
  }

  private static DatasetVersion version(Row row) {
    return (DatasetVersion) ArtifactVersion.parse(row.string("subject"));
  }

  private static String attempt(Row row) {
    return attempt(row.string("run"), row.integer("attempt"));
  }

  private static String attempt(String run, int attempt) {
    return run + "/" + attempt;
  }

  private static Inspection inspection(List<Row> rows, Gate gate, @Nullable String published) {
    Row first = rows.get(0);
    return new Inspection(
        version(first),
        gate,
        first.string("run"),
        first.integer("attempt"),
        at(first),
        published,
        rows.stream().map(CheckRows::check).toList());
  }

  List<Inspection> all() {
    return all;
  }

  /** Other gates that look at the same dataset. */
  List<Gate> others() {
    return others;
  }

  /** The last one of a version. */
  Optional<Inspection> of(DatasetVersion version) {
    return all.stream().filter(each -> each.isOf(version)).reduce((before, after) -> after);
  }

  /** What was in the version that one of them looked at, where that was kept. */
  Optional<Profiled> profile(Inspection inspection) {
    List<Filter> filters = new ArrayList<>(filters(inspection.gate()));
    filters.add(Filter.equal("name", inspection.dataset().name().toString()));
    filters.add(Filter.equal("run", inspection.run()));
    filters.add(Filter.equal("attempt", inspection.attempt()));
    List<Row> rows =
        lineage.rows(LineageTable.PROFILES, filters).stream()
            .filter(row -> row.get("part") == null)
            .toList();
    return rows.isEmpty() ? Optional.empty() : Optional.of(profiled(rows));
  }

  /** The profiles of some of them, which follow each other; read no further back than these. */
  Map<Inspection, Profiled> profiles(List<Inspection> some) {
    if (some.isEmpty()) {
      return Map.of();
    }
    Inspection last = some.get(some.size() - 1);
    Map<String, Inspection> wanted = new HashMap<>();
    some.forEach(each -> wanted.put(attempt(each.run(), each.attempt()), each));
    List<Filter> filters = new ArrayList<>(filters(last.gate()));
    filters.add(Filter.equal("name", last.dataset().name().toString()));
    filters.add(Filter.atLeast("at", some.get(0).at()));
    filters.add(Filter.atMost("at", last.at()));
    Map<Inspection, List<Row>> found = new HashMap<>();
    Iterator<List<Row>> portions = lineage.newestFirst(LineageTable.PROFILES, PROFILE, filters);
    while (portions.hasNext()) {
      for (Row row : portions.next()) {
        Inspection inspection = wanted.get(attempt(row));
        if (inspection != null && row.get("part") == null) {
          found.computeIfAbsent(inspection, key -> new ArrayList<>()).add(row);
        }
      }
    }
    Map<Inspection, Profiled> profiles = new HashMap<>();
    found.forEach((inspection, rows) -> profiles.put(inspection, profiled(rows)));
    return profiles;
  }

  private static Profiled profiled(List<Row> columns) {
    return new Profiled(columns.get(0).string("table_id"), ProfileRows.profile(columns));
  }
}
