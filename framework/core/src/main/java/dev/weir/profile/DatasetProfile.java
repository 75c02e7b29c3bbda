package dev.weir.profile;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is in a dataset, column by column. The profile of a whole is the merge of its parts'.
 *
 * @param format the number of the form that it is written in
 * @param rows how many rows there are
 * @param bytes the size of the files that hold them, or null where that is not known
 * @param columns each column with another name, in the order of the dataset
 */
public record DatasetProfile(
    int format, long rows, @Nullable Long bytes, List<ColumnProfile> columns) {
  /** The newest form that this Weir can read. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  public DatasetProfile {
    columns = List.copyOf(columns);
    if (format < 1 || format > FORMAT) {
      throw new IllegalArgumentException(
          "A profile of form %d is of a newer Weir; this one reads up to %d"
              .formatted(format, FORMAT));
    }
    if (rows < 0) {
      throw new IllegalArgumentException("A dataset has 0 rows or more, not " + rows);
    }
    long names = columns.stream().map(ColumnProfile::name).distinct().count();
    if (names < columns.size()) {
      throw new IllegalArgumentException("Two columns have the same name");
    }
    for (ColumnProfile column : columns) {
      if (column.values() + column.nulls() != rows) {
        throw new IllegalArgumentException(
            "Column %s has %d values and %d nulls in %d rows"
                .formatted(column.name(), column.values(), column.nulls(), rows));
      }
    }
  }

  /** In the form of this Weir, and without the size of files. */
  public DatasetProfile(long rows, List<ColumnProfile> columns) {
    this(FORMAT, rows, null, columns);
  }

  /** The same in files of this size. */
  public DatasetProfile withBytes(@Nullable Long size) {
    return new DatasetProfile(format, rows, size, columns);
  }

  /** As JSON. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("A profile can't be written as JSON", e);
    }
  }

  /** Reads what {@link #json} wrote. */
  public static DatasetProfile parse(String json) {
    try {
      return Objects.requireNonNull(JSON.readValue(json, DatasetProfile.class));
    } catch (JsonProcessingException | NullPointerException e) {
      throw new WeirException(
          "profile-damaged",
          ErrorKind.DATA,
          "A profile can't be read: " + e.getMessage(),
          "Profile the dataset again.",
          e);
    }
  }

  /**
   * Of the rows of both. A column that one of them lacks is null there; one of another type there
   * keeps the type of this one, and what can't be compared is lost.
   */
  public DatasetProfile merge(DatasetProfile other) {
    Map<String, ColumnProfile> merged = new LinkedHashMap<>();
    columns.forEach(
        column ->
            merged.put(
                column.name(),
                other
                    .column(column.name())
                    .map(column::merge)
                    .orElseGet(() -> column.withMoreNulls(other.rows))));
    other.columns.forEach(
        column -> merged.computeIfAbsent(column.name(), name -> column.withMoreNulls(rows)));
    return new DatasetProfile(rows + other.rows, new ArrayList<>(merged.values()))
        .withBytes(bytes == null || other.bytes == null ? null : (Long) (bytes + other.bytes));
  }

  /** The column of this name. */
  public Optional<ColumnProfile> column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /**
   * The same with no sketch but those that some figures are taken from: small, and not for drift.
   */
  public DatasetProfile only(Collection<Figure> figures) {
    return new DatasetProfile(
            rows,
            columns.stream()
                .map(
                    column ->
                        column.only(
                            figures.stream()
                                .filter(figure -> column.name().equals(figure.column()))
                                .map(Figure::measure)
                                .collect(Collectors.toSet())))
                .toList())
        .withBytes(bytes);
  }

  /** The same as it is kept: with fewer of the most frequent values, a few kilobytes a column. */
  public DatasetProfile kept() {
    return new DatasetProfile(rows, columns.stream().map(ColumnProfile::kept).toList())
        .withBytes(bytes);
  }
}
