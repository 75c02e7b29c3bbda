package dev.weir.store;

import io.delta.kernel.Scan;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files of a table at one version, listed once to be asked many times: the log is not read
 * again for each question. Not for several threads.
 */
public final class TableFiles {
  /** Rows of files so small are kept, since most questions come to them again. */
  private static final int SMALL = 1000;

  private final DeltaTable table;
  private final List<String> columns;
  private final io.delta.kernel.data.Row state;
  private final StructType physical;
  private final List<DataFile> files;
  private final Map<String, List<Row>> small = new HashMap<>();

  TableFiles(
      DeltaTable table,
      List<String> columns,
      io.delta.kernel.data.Row state,
      List<DataFile> files) {
    this.table = table;
    this.columns = List.copyOf(columns);
    this.state = state;
    this.physical = ScanStateRow.getPhysicalDataReadSchema(state);
    this.files = List.copyOf(files);
  }

  List<DataFile> list() {
    return files;
  }

  /** How many files there are. */
  public int count() {
    return files.size();
  }

  /** All rows, in no order. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    files.forEach(file -> read(file, null, value -> true, rows));
    return rows;
  }

  /**
   * The rows that have one of some values in a column, in no order. Files whose statistics rule all
   * of them out are not read.
   *
   * @param column one of the columns that are read
   * @param type of the column: Long or String
   */
  public <T extends Comparable<T>> List<Row> rows(
      String column, NavigableSet<T> values, Class<T> type) {
    List<Row> rows = new ArrayList<>();
    for (DataFile file : files) {
      if (!file.mayHold(column, values, type)) {
        continue;
      }
      if (file.rows() < 0 || file.rows() > SMALL) {
        read(file, column, values::contains, rows);
        continue;
      }
      for (Row row : small.computeIfAbsent(file.path(), path -> all(file))) {
        Object value = row.get(column);
        if (value != null && values.contains(type.cast(value))) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /** The rows of one file, in the order in which they were written. */
  List<Row> all(DataFile file) {
    List<Row> rows = new ArrayList<>();
    read(file, null, value -> true, rows);
    return rows;
  }

  private void read(
      DataFile file, @Nullable String column, Predicate<Object> wanted, List<Row> into) {
    table.readingFile(
        file.status(),
        () -> {
          try (CloseableIterator<FileReadResult> data =
                  table
                      .engine()
                      .getParquetHandler()
                      .readParquetFiles(
                          Utils.singletonCloseableIterator(file.status()),
                          physical,
                          Optional.empty());
              CloseableIterator<FilteredColumnarBatch> batches =
                  Scan.transformPhysicalData(
                      table.engine(), state, file.row(), data.map(FileReadResult::getData))) {
            while (batches.hasNext()) {
              collect(batches.next(), column, wanted, into);
            }
          }
          return true;
        });
  }

  private void collect(
      FilteredColumnarBatch filtered,
      @Nullable String column,
      Predicate<Object> wanted,
      List<Row> into) {
    ColumnVector selection = filtered.getSelectionVector().orElse(null);
    ColumnarBatch batch = filtered.getData();
    StructType schema = batch.getSchema();
    ColumnVector[] vectors =
        columns.stream()
            .map(name -> batch.getColumnVector(schema.indexOf(name)))
            .toArray(ColumnVector[]::new);
    ColumnVector asked = column == null ? null : vectors[columns.indexOf(column)];
    for (int row = 0; row < batch.getSize(); row++) {
      if (selection != null && (selection.isNullAt(row) || !selection.getBoolean(row))) {
        continue;
      }
      if (asked != null) {
        Object value = RowBatch.value(asked, row);
        if (value == null || !wanted.test(value)) {
          continue;
        }
      }
      List<@Nullable Object> values = new ArrayList<>(vectors.length);
      for (ColumnVector vector : vectors) {
        values.add(RowBatch.value(vector, row));
      }
      into.add(new Row(columns, values));
    }
  }
}
