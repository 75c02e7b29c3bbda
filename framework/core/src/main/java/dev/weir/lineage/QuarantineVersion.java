package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a gate put aside once.
 *
 * @param written the version of the quarantine dataset that holds them
 * @param from what was checked
 */
public record QuarantineVersion(
    Fact.DatasetWritten written,
    DatasetVersion from,
    String pipeline,
    String run,
    String stage,
    Instant at) {
  /** The port through which a gate puts rows aside. */
  public static final String PORT = "quarantine";

  /** The port through which a gate reads what it checks. */
  private static final String CHECKED = "from";

  /** The version of the quarantine dataset. */
  public DatasetVersion version() {
    return (DatasetVersion) ArtifactVersion.parse(written.reference());
  }

  /** The gate that put the rows aside. */
  public String gate() {
    return Interventions.gate(pipeline, stage);
  }

  /** Everything that was put aside, in the order in which it was. */
  public static List<QuarantineVersion> all(LineageReader lineage) {
    return of(lineage, List.of(Filter.equal("port", PORT)));
  }

  /**
   * A version of a quarantine dataset, or its latest when {@code version} is null.
   *
   * @throws WeirException {@code unknown-quarantine} if there is none
   */
  public static QuarantineVersion find(
      LineageReader lineage, DatasetName name, @Nullable Long version) {
    List<Filter> filters = new ArrayList<>();
    filters.add(Filter.equal("port", PORT));
    filters.add(Filter.equal("name", name.toString()));
    if (version != null) {
      filters.add(Filter.equal("version", version));
    }
    List<QuarantineVersion> found = of(lineage, filters);
    if (found.isEmpty()) {
      List<String> others =
          all(lineage).stream()
              .map(QuarantineVersion::version)
              .map(it -> version == null ? it.name().toString() : it.name() + "@" + it.version())
              .distinct()
              .toList();
      String asked = version == null ? name.toString() : name + "@" + version;
      throw WeirException.user(
          "unknown-quarantine",
          "There is no quarantine %s%s".formatted(asked, Nearest.ending(asked, others)),
          others.isEmpty()
              ? "Nothing was ever put aside: validate does it where it says quarantine."
              : "See ./weir quarantine list --all.");
    }
    return found.get(found.size() - 1);
  }

  private static List<QuarantineVersion> of(LineageReader lineage, List<Filter> filters) {
    List<Row> datasets =
        lineage.rows(LineageTable.DATASETS, filters).stream()
            .filter(row -> row.get("reused_run") == null)
            .toList();
    Map<String, String> sources =
        sources(
            lineage, datasets.stream().map(row -> row.string("run")).collect(Collectors.toSet()));
    List<QuarantineVersion> found = new ArrayList<>();
    for (Row row : datasets) {
      String source = sources.get(key(row.string("run"), row.string("reference")));
      if (source != null) {
        found.add(
            new QuarantineVersion(
                Published.dataset(row),
                (DatasetVersion) ArtifactVersion.parse(source),
                row.string("pipeline"),
                row.string("run"),
                row.string("stage"),
                Objects.requireNonNull(row.instant("at"))));
      }
    }
    found.sort(Comparator.comparing(QuarantineVersion::at));
    return found;
  }

  /** What was checked, by the run and what was written. */
  private static Map<String, String> sources(LineageReader lineage, Collection<String> runs) {
    Map<String, String> sources = new HashMap<>();
    for (Row edge :
        runs.isEmpty()
            ? List.<Row>of()
            : lineage.of(
                LineageTable.EDGES,
                List.of("run", "from_reference", "to_reference", "from_port", "to_port"),
                runs)) {
      String from = edge.text("from_reference");
      String to = edge.text("to_reference");
      if (from != null
          && to != null
          && CHECKED.equals(edge.text("from_port"))
          && PORT.equals(edge.text("to_port"))) {
        sources.put(key(edge.string("run"), to), from);
      }
    }
    return sources;
  }

  private static String key(String run, String reference) {
    return run + " " + reference;
  }
}
