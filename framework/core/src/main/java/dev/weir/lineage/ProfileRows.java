package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Frequencies;
import dev.weir.profile.Moments;
import dev.weir.profile.Quantiles;
import dev.weir.profile.ValueKind;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Profiles of datasets as rows of {@code lineage.profiles}, one a column, and back. */
public final class ProfileRows {
  private static final int SHOWN = 10;

  private ProfileRows() {}

  private static Instant at(Row row) {
    return Objects.requireNonNull(row.instant("at"));
  }

  /** When the version of a row came about: it was committed, or else looked into. */
  static Instant cameAbout(Row row) {
    Instant committed = row.instant("committed_at");
    return committed == null ? at(row) : committed;
  }

  /** What rows of one attempt say of a version: of all its columns, or of some, in any order. */
  public static DatasetProfile profile(List<Row> columns) {
    Row first = columns.get(0);
    return new DatasetProfile(
            first.number("row_count"),
            columns.stream()
                .sorted(Comparator.comparing(row -> row.integer("column_number")))
                .flatMap(row -> DatasetProfile.parse(row.string("profile")).columns().stream())
                .toList())
        .withBytes((Long) first.get("byte_count"));
  }

  /**
   * The profile of a version, if a stage has looked into it, accepted or not.
   *
   * @param tableId the Delta table's id: a table that was made again has the same versions
   */
  public static Optional<DatasetProfile> of(
      LineageReader lineage, DatasetVersion version, String tableId) {
    List<Row> rows =
        lineage
            .rows(
                LineageTable.PROFILES,
                List.of(
                    Filter.equal("name", version.name().toString()),
                    Filter.equal("version", version.version()),
                    Filter.equal("table_id", tableId)))
            .stream()
            .filter(row -> row.get("part") == null)
            .toList();
    return rows.stream()
        .max(Comparator.comparing(ProfileRows::at))
        .map(
            last ->
                profile(
                    rows.stream()
                        .filter(
                            row ->
                                row.string("run").equals(last.string("run"))
                                    && row.string("stage").equals(last.string("stage"))
                                    && row.integer("attempt") == last.integer("attempt"))
                        .toList()));
  }

  /** Adds the rows of a profile. */
  static void add(Fact.DatasetProfiled profiled, List<List<@Nullable Object>> rows) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(profiled.reference());
    DatasetProfile profile = DatasetProfile.parse(profiled.profile());
    int number = 1;
    for (ColumnProfile column : profile.columns()) {
      List<@Nullable Object> row = new ArrayList<>();
      Collections.addAll(
          row,
          profiled.run(),
          profiled.stage(),
          profiled.attempt(),
          profiled.pipeline(),
          profiled.reference(),
          version.name().toString(),
          version.version(),
          profiled.tableId(),
          profiled.accepted(),
          profiled.part(),
          profile.bytes(),
          profiled.committedAt(),
          number++,
          column.name(),
          column.type(),
          profile.rows(),
          column.values(),
          column.nulls(),
          column.nans(),
          column.kind() == ValueKind.OTHER || !column.countsDistinct()
              ? null
              : (Double) column.distinctValues());
      numbers(column, row);
      row.add(column.first());
      row.add(column.last());
      lengths(column.lengths(), row);
      row.add(frequencies(column.frequent()));
      row.add(frequencies(column.patterns()));
      row.add(new DatasetProfile(profile.rows(), List.of(column)).json());
      row.add(profiled.at());
      rows.add(row);
    }
  }

  private static void numbers(ColumnProfile column, List<@Nullable Object> row) {
    Moments moments = column.moments();
    Quantiles quantiles = column.quantiles();
    boolean numbers = column.kind().isNumber();
    if (numbers && moments != null) {
      Collections.addAll(row, moments.min(), moments.max(), moments.mean(), moments.deviation());
    } else {
      row.addAll(Collections.nCopies(4, null));
    }
    if (numbers && quantiles != null) {
      Arrays.stream(quantiles.quantiles(0.05, 0.25, 0.5, 0.75, 0.95)).forEach(row::add);
    } else {
      row.addAll(Collections.nCopies(5, null));
    }
  }

  private static void lengths(@Nullable Moments lengths, List<@Nullable Object> row) {
    if (lengths == null) {
      row.addAll(Collections.nCopies(3, null));
    } else {
      Collections.addAll(row, (long) lengths.min(), (long) lengths.max(), lengths.mean());
    }
  }

  private static @Nullable String frequencies(@Nullable Frequencies frequencies) {
    if (frequencies == null) {
      return null;
    }
    try {
      return Facts.json().writeValueAsString(frequencies.items().stream().limit(SHOWN).toList());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not to be written as JSON: " + frequencies, e);
    }
  }
}
