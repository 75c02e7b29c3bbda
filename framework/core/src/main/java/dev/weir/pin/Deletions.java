package dev.weir.pin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Row;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What people have given up: pins that were released, versions whose files were deleted. */
public final class Deletions {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How a version went.
   *
   * @param by who deleted it, in words
   */
  public record Deletion(Instant at, String by, String reason) {
    /** In words, to be said of files: {@code were deleted on 2026-01-31 by ada@ship: no space}. */
    public String text() {
      return "were deleted on %s by %s: %s"
          .formatted(LocalDate.ofInstant(at, ZoneOffset.UTC), by, reason);
    }
  }

  private record Released(String reference, String holder) {}

  /** Versions by table. */
  private final Map<String, Map<Long, Deletion>> gone = new HashMap<>();

  /** The versions that were last given up of a table, where it was not said that they are gone. */
  private final Map<String, Set<Long>> unfinished = new HashMap<>();

  private final Set<Released> released = new HashSet<>();

  private Deletions() {}

  /** Nothing. */
  public static Deletions none() {
    return new Deletions();
  }

  /** What was given up by what a reader sees. */
  public static Deletions of(LineageReader lineage) {
    Deletions deletions = new Deletions();
    List<Row> rows = new ArrayList<>(lineage.rows(LineageTable.DELETIONS, List.of()));
    rows.sort(Comparator.comparing(row -> Objects.requireNonNull(row.instant("at"))));
    rows.forEach(deletions::add);
    return deletions;
  }

  private void add(Row row) {
    if (row.string("kind").equals("PIN_RELEASED")) {
      released.add(new Released(row.string("reference"), row.string("holder")));
      return;
    }
    String table = row.string("table_id");
    List<Long> versions = versions(row.string("gone_versions"));
    String claimed = row.text("claimed_by");
    Deletion deletion =
        new Deletion(
            Objects.requireNonNull(row.instant("at")),
            row.string("done_by")
                + "@"
                + row.string("host")
                + (claimed == null ? "" : " for " + claimed),
            row.string("reason"));
    Map<Long, Deletion> known = gone.computeIfAbsent(table, id -> new HashMap<>());
    versions.forEach(version -> known.putIfAbsent(version, deletion));
    if (row.number("file_count") == 0) {
      unfinished.computeIfAbsent(table, id -> new HashSet<>()).addAll(versions);
    } else {
      unfinished.remove(table);
    }
  }

  private static List<Long> versions(String json) {
    try {
      return JSON.readValue(json, new TypeReference<List<Long>>() {});
    } catch (JsonProcessingException e) {
      throw new WeirException(
          "lineage-damaged",
          ErrorKind.DATA,
          "lineage.deletions names versions that can't be read: " + json,
          "Make the lineage tables anew: ./weir lineage rebuild.",
          e);
    }
  }

  /** How a version went, or empty if nobody has deleted its files. */
  public Optional<Deletion> of(String tableId, long version) {
    return Optional.ofNullable(gone.getOrDefault(tableId, Map.of()).get(version));
  }

  /** How a version went that a fact names. */
  public Optional<Deletion> of(Fact.DatasetWritten dataset) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(dataset.reference());
    return of(dataset.tableId(), version.version());
  }

  /** The versions of a table that a deletion gave up without coming to its end. */
  public Set<Long> unfinished(String tableId) {
    return Set.copyOf(unfinished.getOrDefault(tableId, Set.of()));
  }

  /** Whether somebody has released a pin. */
  boolean released(String reference, String holder) {
    return released.contains(new Released(reference, holder));
  }
}
