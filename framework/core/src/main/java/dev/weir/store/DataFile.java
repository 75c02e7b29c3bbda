package dev.weir.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.utils.FileStatus;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows, as a version of its table names it.
 *
 * @param row as Kernel lists it
 * @param rows how many rows it has, or -1 if its writer did not say
 * @param statistics the least and the greatest values of its columns
 */
record DataFile(io.delta.kernel.data.Row row, FileStatus status, long rows, JsonNode statistics) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static DataFile of(io.delta.kernel.data.Row row) {
    String json = add(row).getStatsJson().orElse("{}");
    try {
      JsonNode statistics = JSON.readTree(json);
      return new DataFile(
          row,
          InternalScanFileUtils.getAddFileStatus(row),
          statistics.path("numRecords").asLong(-1),
          statistics);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("No statistics: " + json, e);
    }
  }

  private static AddFile add(io.delta.kernel.data.Row row) {
    return new AddFile(row.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
  }

  AddFile add() {
    return add(row);
  }

  String path() {
    return status.getPath();
  }

  /** The last part of its path, which no other file of the table has. */
  String name() {
    return name(path());
  }

  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  long bytes() {
    return status.getSize();
  }

  /** When the newest of its rows was committed, in milliseconds since 1970. */
  long modified() {
    return status.getModificationTime();
  }

  /** The least value of a column of whole numbers; as low as can be where it is not known. */
  long least(String column) {
    JsonNode value = statistics.path("minValues").path(column);
    return value.isIntegralNumber() ? value.longValue() : Long.MIN_VALUE;
  }

  /** The greatest value of a column of whole numbers; as high as can be where it is not known. */
  long greatest(String column) {
    JsonNode value = statistics.path("maxValues").path(column);
    return value.isIntegralNumber() ? value.longValue() : Long.MAX_VALUE;
  }

  /** False if by its statistics it has none of the values in a column. */
  <T extends Comparable<T>> boolean mayHold(String column, NavigableSet<T> values, Class<T> type) {
    T least = value(statistics.path("minValues").path(column), type);
    T greatest = value(statistics.path("maxValues").path(column), type);
    if (values.isEmpty()) {
      return false;
    }
    T first = least == null ? values.first() : values.ceiling(least);
    return first != null && (greatest == null || first.compareTo(greatest) <= 0);
  }

  private static <T> @Nullable T value(JsonNode node, Class<T> type) {
    if (type == Long.class) {
      return node.isIntegralNumber() ? type.cast(node.longValue()) : null;
    }
    return node.isTextual() ? type.cast(node.textValue()) : null;
  }
}
