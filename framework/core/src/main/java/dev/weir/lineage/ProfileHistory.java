package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Figure;
import dev.weir.profile.Past;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the lineage knows of a dataset's versions: their profiles, which of them were accepted, and
 * which levels people took for the new normal. Of one Delta table: versions of a table that was
 * made again are not compared.
 */
public final class ProfileHistory {
  /** How far back is looked; no expectation learns from more. */
  private static final int VERSIONS = 1000;

  private static final List<String> COLUMNS =
      List.of(
          "run",
          "stage",
          "attempt",
          "reference",
          "version",
          "accepted",
          "part",
          "byte_count",
          "committed_at",
          "column_number",
          "column_name",
          "row_count",
          "profile",
          "at");

  private final String tableId;
  private final List<Row> rows;
  private final Baselines baselines;

  private ProfileHistory(String tableId, List<Row> rows, Baselines baselines) {
    this.tableId = tableId;
    this.rows = List.copyOf(rows);
    this.baselines = baselines;
  }

  /**
   * What is known by now.
   *
   * @param tableId the Delta table's id
   */
  public static ProfileHistory of(LineageReader lineage, DatasetName name, String tableId) {
    List<Filter> filters =
        List.of(Filter.equal("name", name.toString()), Filter.equal("table_id", tableId));
    return new ProfileHistory(
        tableId, profiles(lineage, filters), Baselines.of(lineage, name, tableId));
  }

  private static List<Row> profiles(LineageReader lineage, List<Filter> filters) {
    List<Row> rows = new ArrayList<>();
    Set<Long> versions = new HashSet<>();
    Iterator<List<Row>> newest = lineage.newestFirst(LineageTable.PROFILES, COLUMNS, filters);
    while (newest.hasNext() && versions.size() < VERSIONS) {
      for (Row row : newest.next()) {
        rows.add(row);
        versions.add(row.number("version"));
      }
    }
    return rows;
  }

  /** The same of the table that was looked into last; empty if none ever was. */
  public static Optional<ProfileHistory> newestTable(LineageReader lineage, DatasetName name) {
    return last(lineage, name).map(row -> of(lineage, name, row.string("table_id")));
  }

  /** The pipeline that looked into a dataset last, if one ever did. */
  public static Optional<String> lastPipeline(LineageReader lineage, DatasetName name) {
    return last(lineage, name).map(row -> row.string("pipeline"));
  }

  private static Optional<Row> last(LineageReader lineage, DatasetName name) {
    Iterator<List<Row>> newest =
        lineage.newestFirst(
            LineageTable.PROFILES,
            List.of("table_id", "pipeline", "at"),
            List.of(Filter.equal("name", name.toString())));
    while (newest.hasNext()) {
      Optional<Row> last = newest.next().stream().max(Comparator.comparing(ProfileHistory::at));
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  /** The Delta table's id. */
  public String tableId() {
    return tableId;
  }

  /** The levels that people took for the new normal. */
  public Baselines baselines() {
    return baselines;
  }

  /**
   * The versions before one that a figure of it is held against: those that were accepted, since
   * its level was last taken for the new normal, and that one itself. Of each as it was last looked
   * into, with no other column than the figure's; the oldest first.
   *
   * @param part which of the rows, such as {@code region=north}, or null for all
   */
  public List<Past> before(long version, Figure figure, @Nullable String part) {
    OptionalLong begin = baselines.begin(version, figure);
    Map<Long, Row> last = new TreeMap<>();
    for (Row row : rows) {
      long of = row.number("version");
      boolean counts =
          of < version
              && of >= begin.orElse(0)
              && (Boolean.TRUE.equals(row.get("accepted")) || of == begin.orElse(-1));
      if (counts && Objects.equals(part, row.text("part")) && tells(row, figure)) {
        last.merge(of, row, (one, other) -> at(one).isAfter(at(other)) ? one : other);
      }
    }
    List<Past> pasts = new ArrayList<>();
    last.values()
        .forEach(
            row ->
                pasts.add(
                    new Past(
                        (DatasetVersion) ArtifactVersion.parse(row.string("reference")),
                        ProfileRows.cameAbout(row),
                        ProfileRows.profile(List.of(row)))));
    return pasts;
  }

  /** What is in the newest version before one that was accepted, and which that is. */
  public Optional<Past> newestAccepted(long before) {
    return newest(
        row -> row.number("version") < before && Boolean.TRUE.equals(row.get("accepted")));
  }

  /** What is in a version, as it was last looked into. */
  public Optional<Past> version(long version) {
    return newest(row -> row.number("version") == version);
  }

  /** The newest version that was looked into. */
  public Optional<Past> newest() {
    return newest(row -> true);
  }

  private Optional<Past> newest(Predicate<Row> wanted) {
    Comparator<Row> order =
        Comparator.<Row>comparingLong(row -> row.number("version"))
            .thenComparing(ProfileHistory::at)
            .thenComparing(row -> row.string("run") + row.string("stage") + row.get("attempt"));
    return rows.stream()
        .filter(row -> row.get("part") == null && wanted.test(row))
        .max(order)
        .map(
            newest -> {
              List<Row> columns =
                  rows.stream()
                      .filter(row -> row.get("part") == null && order.compare(row, newest) == 0)
                      .sorted(Comparator.comparingInt(row -> row.integer("column_number")))
                      .toList();
              DatasetProfile profile = ProfileRows.profile(columns);
              return new Past(
                  (DatasetVersion) ArtifactVersion.parse(newest.string("reference")),
                  ProfileRows.cameAbout(newest),
                  profile);
            });
  }

  /** Whether a row says anything of a figure: any does of the whole dataset. */
  private static boolean tells(Row row, Figure figure) {
    return figure.column() == null
        ? row.integer("column_number") == 1
        : figure.column().equals(row.string("column_name"));
  }

  private static Instant at(Row row) {
    return Objects.requireNonNull(row.instant("at"));
  }
}
