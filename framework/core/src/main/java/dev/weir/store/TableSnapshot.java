package dev.weir.store;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.ScanImpl;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** A table at one version. */
public final class TableSnapshot {
  private final DeltaTable table;
  private final Snapshot snapshot;

  TableSnapshot(DeltaTable table, Snapshot snapshot) {
    this.table = table;
    this.snapshot = snapshot;
  }

  /** A version of a table that another engine has written, to look at what its log says. */
  public static TableSnapshot of(URI table, Configuration hadoop, long version) {
    return new DeltaTable(Store.toRead(table, hadoop), Store.kernelPath(table)).at(version);
  }

  /** The version. */
  public long version() {
    return snapshot.getVersion();
  }

  /** The table's id: a table that was dropped and made again has another. */
  public String tableId() {
    return snapshot.getMetadata().getId();
  }

  /** When it was committed. */
  public Instant committedAt() {
    return table.trying(
        "look up when " + table + " was committed",
        version(),
        () -> Instant.ofEpochMilli(snapshot.getTimestamp(table.engine())));
  }

  /** How large the files of its data are together. */
  public long bytes() {
    return neededFiles().stream().mapToLong(TableFile::bytes).sum();
  }

  /** The names of the columns, in order. */
  public List<String> columns() {
    return List.copyOf(snapshot.getSchema().fieldNames());
  }

  /** The table's properties. */
  public Map<String, String> properties() {
    return Map.copyOf(snapshot.getTableProperties());
  }

  /** The last number committed under a key of {@link TransactionId}, if any. */
  public OptionalLong transactionVersion(String appId) {
    return table.trying(
        "look up %s in %s".formatted(appId, table),
        version(),
        () ->
            snapshot
                .getLatestTransactionVersion(table.engine(), appId)
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty()));
  }

  Snapshot kernel() {
    return snapshot;
  }

  /**
   * The files, listed once to be asked many times.
   *
   * @param columns which columns are read of them, in which order
   */
  public TableFiles files(List<String> columns) {
    return table.trying(
        "list the files of " + table,
        version(),
        () -> {
          Scan scan =
              snapshot.getScanBuilder().withReadSchema(readSchema(columns, List.of())).build();
          List<DataFile> files = new ArrayList<>();
          // Kernel's own interface leaves the statistics out unless it is the one to use them.
          try (CloseableIterator<io.delta.kernel.data.Row> found =
              Utils.intoRows(((ScanImpl) scan).getScanFiles(table.engine(), true))) {
            while (found.hasNext()) {
              files.add(DataFile.of(found.next()));
            }
          }
          return new TableFiles(table, columns, scan.getScanState(table.engine()), files);
        });
  }

  /** All rows, in no order. */
  public List<Row> rows() {
    return rows(columns(), List.of());
  }

  /**
   * The rows that meet every filter, in no order.
   *
   * @param columns which columns, in which order
   * @throws WeirException {@code no-column} for a column that the table lacks
   */
  public List<Row> rows(List<String> columns, List<Filter> filters) {
    return newest(columns, filters, Integer.MAX_VALUE);
  }

  /**
   * At least {@code enough} of the rows that were committed last, if there are so many, in no
   * order: files are read from the newest on, until they have given enough.
   */
  public List<Row> newest(List<String> columns, List<Filter> filters, int enough) {
    return table.trying("read " + table, version(), () -> scan(columns, filters, enough));
  }

  private StructType readSchema(List<String> columns, List<Filter> filters) {
    StructType schema = snapshot.getSchema();
    List<String> wanted = new ArrayList<>(columns);
    filters.stream().map(Filter::column).filter(c -> !wanted.contains(c)).forEach(wanted::add);
    StructType read = new StructType();
    for (String name : wanted) {
      if (schema.indexOf(name) < 0) {
        throw WeirException.user(
            "no-column",
            "%s has no column %s%s"
                .formatted(table, name, Nearest.ending(name, schema.fieldNames())),
            "It has " + String.join(", ", schema.fieldNames()) + ".");
      }
      read = read.add(schema.get(name));
    }
    return read;
  }

  private List<Row> scan(List<String> columns, List<Filter> filters, int enough)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    Files files = files(columns, filters);
    if (enough != Integer.MAX_VALUE) {
      files.sortNewestFirst();
    }
    for (io.delta.kernel.data.Row file : files.list) {
      files.read(file, rows);
      if (rows.size() >= enough) {
        break;
      }
    }
    return rows;
  }

  /**
   * The rows that meet every filter, file by file, from the newest back; files are read as they are
   * asked for.
   */
  public Iterator<List<Row>> newestFirst(List<String> columns, List<Filter> filters) {
    Files files =
        table.trying(
            "list the files of " + table,
            version(),
            () -> {
              Files found = files(columns, filters);
              found.sortNewestFirst();
              return found;
            });
    Iterator<io.delta.kernel.data.Row> next = files.list.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return next.hasNext();
      }

      @Override
      public List<Row> next() {
        io.delta.kernel.data.Row file = next.next();
        return table.trying(
            "read " + table,
            version(),
            () -> {
              List<Row> rows = new ArrayList<>();
              files.read(file, rows);
              return rows;
            });
      }
    };
  }

  /**
   * Hands out the rows that meet every filter, in no order. Files are read side by side, each into
   * a sink of its own.
   *
   * @return done with the sinks of all files once every file was read, or one of them has failed
   */
  public <S extends RowSink> CompletableFuture<List<S>> read(
      List<String> columns, List<Filter> filters, Supplier<S> sinks, Executor executor) {
    Files files =
        table.trying("list the files of " + table, version(), () -> files(columns, filters));
    List<CompletableFuture<S>> reading = new ArrayList<>();
    for (io.delta.kernel.data.Row file : files.list) {
      reading.add(
          CompletableFuture.supplyAsync(
              () -> {
                S sink = sinks.get();
                return table.trying(
                    "read " + table,
                    version(),
                    () -> {
                      files.read(file, sink);
                      return sink;
                    });
              },
              executor));
    }
    return CompletableFuture.allOf(reading.toArray(CompletableFuture[]::new))
        .thenApply(done -> reading.stream().map(CompletableFuture::join).toList());
  }

  /**
   * What this version can't be read for, file by file: data files and deletion vectors that are
   * gone or have another size than the log says. Looks at the files' sizes, not into them.
   */
  public List<String> damage() {
    return table.trying(
        "look for the files of " + table,
        version(),
        () -> {
          List<String> found = new ArrayList<>();
          for (io.delta.kernel.data.Row file : files(List.of(), List.of()).list) {
            FileStatus data = InternalScanFileUtils.getAddFileStatus(file);
            damage(data.getPath(), data.getSize(), true, found);
            DeletionVectorDescriptor vector =
                InternalScanFileUtils.getDeletionVectorDescriptorFromRow(file);
            if (vector != null && vector.isOnDisk()) {
              // Several may stand in one file.
              damage(
                  vector.getAbsolutePath(table.path()),
                  vector.getOffset().orElse(0) + (long) vector.getSizeInBytes(),
                  false,
                  found);
            }
          }
          return found;
        });
  }

  private void damage(String path, long bytes, boolean exactly, List<String> found)
      throws IOException {
    try {
      long there = table.fileStatus(path).getSize();
      if (exactly ? there != bytes : there < bytes) {
        found.add("%s has %d bytes instead of %d".formatted(path, there, bytes));
      }
    } catch (FileNotFoundException e) {
      found.add(path + " is gone");
    }
  }

  /**
   * A file of this version that is no longer there, if any, of data or of a deletion vector: the
   * version can't be read then, as after a VACUUM.
   *
   * @param filters only files that may hold rows that meet them are looked for
   */
  public Optional<String> missingFile(List<Filter> filters) {
    return table.trying(
        "look for the files of " + table,
        version(),
        () -> {
          for (io.delta.kernel.data.Row file : files(List.of(), filters).list) {
            for (TableFile needed : needed(file)) {
              try {
                table.fileStatus(needed.path());
              } catch (FileNotFoundException e) {
                return Optional.of(needed.path());
              }
            }
          }
          return Optional.empty();
        });
  }

  /**
   * The files that it takes to read this version: those of its data and of its deletion vectors.
   */
  public List<TableFile> neededFiles() {
    return table.trying(
        "list the files of " + table,
        version(),
        () -> {
          List<TableFile> needed = new ArrayList<>();
          for (io.delta.kernel.data.Row file : files(List.of(), List.of()).list) {
            needed.addAll(needed(file));
          }
          return needed;
        });
  }

  private List<TableFile> needed(io.delta.kernel.data.Row file) {
    List<TableFile> needed = new ArrayList<>();
    FileStatus data = InternalScanFileUtils.getAddFileStatus(file);
    needed.add(new TableFile(data.getPath(), data.getSize()));
    DeletionVectorDescriptor deleted =
        InternalScanFileUtils.getDeletionVectorDescriptorFromRow(file);
    if (deleted != null && deleted.isOnDisk()) {
      needed.add(new TableFile(deleted.getAbsolutePath(table.path()), 0));
    }
    return needed;
  }

  /** The files that may hold rows that meet the filters. */
  private final class Files {
    private final List<String> columns;
    private final List<Filter> filters;
    private final io.delta.kernel.data.Row state;
    private final StructType physical;
    private final List<io.delta.kernel.data.Row> list;

    Files(
        List<String> columns,
        List<Filter> filters,
        io.delta.kernel.data.Row state,
        List<io.delta.kernel.data.Row> list) {
      this.columns = columns;
      this.filters = filters;
      this.state = state;
      this.physical = ScanStateRow.getPhysicalDataReadSchema(state);
      this.list = list;
    }

    void sortNewestFirst() {
      list.sort(
          Comparator.comparingLong(
                  (io.delta.kernel.data.Row file) ->
                      InternalScanFileUtils.getAddFileStatus(file).getModificationTime())
              .reversed());
    }

    void read(io.delta.kernel.data.Row file, List<Row> into) throws IOException {
      read(file, into(columns, into));
    }

    void read(io.delta.kernel.data.Row file, RowSink into) throws IOException {
      FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
      table.readingFile(
          status,
          () -> {
            try (CloseableIterator<FileReadResult> data =
                    table
                        .engine()
                        .getParquetHandler()
                        .readParquetFiles(
                            Utils.singletonCloseableIterator(status), physical, Optional.empty());
                CloseableIterator<FilteredColumnarBatch> batches =
                    Scan.transformPhysicalData(
                        table.engine(), state, file, data.map(FileReadResult::getData))) {
              while (batches.hasNext()) {
                FilteredColumnarBatch batch = batches.next();
                hand(
                    batch.getData(),
                    batch.getSelectionVector().orElse(null),
                    columns,
                    filters,
                    into);
              }
            }
            return true;
          });
    }
  }

  private Files files(List<String> columns, List<Filter> filters) throws IOException {
    StructType schema = readSchema(columns, filters);
    Optional<Predicate> predicate = Filter.predicate(filters);
    var builder = snapshot.getScanBuilder().withReadSchema(schema);
    Scan scan = predicate.map(builder::withFilter).orElse(builder).build();
    List<io.delta.kernel.data.Row> files = new ArrayList<>();
    try (CloseableIterator<io.delta.kernel.data.Row> found =
        Utils.intoRows(scan.getScanFiles(table.engine()))) {
      found.forEachRemaining(files::add);
    }
    return new Files(columns, filters, scan.getScanState(table.engine()), files);
  }

  /** A sink that keeps the rows. */
  static RowSink into(List<String> columns, List<Row> rows) {
    return values -> rows.add(new Row(columns, Arrays.asList(values)));
  }

  /** Hands out the rows of a batch that are selected and meet the filters. */
  static void hand(
      ColumnarBatch batch,
      @Nullable ColumnVector selection,
      List<String> columns,
      List<Filter> filters,
      RowSink into) {
    StructType schema = batch.getSchema();
    ColumnVector[] vectors =
        columns.stream()
            .map(c -> batch.getColumnVector(schema.indexOf(c)))
            .toArray(ColumnVector[]::new);
    ColumnVector[] filtered =
        filters.stream()
            .map(f -> batch.getColumnVector(schema.indexOf(f.column())))
            .toArray(ColumnVector[]::new);
    rows:
    for (int row = 0; row < batch.getSize(); row++) {
      if (selection != null && (selection.isNullAt(row) || !selection.getBoolean(row))) {
        continue;
      }
      for (int i = 0; i < filtered.length; i++) {
        if (!filters.get(i).matches(RowBatch.value(filtered[i], row))) {
          continue rows;
        }
      }
      @Nullable Object[] values = new @Nullable Object[vectors.length];
      for (int i = 0; i < vectors.length; i++) {
        values[i] = RowBatch.value(vectors[i], row);
      }
      into.take(values);
    }
  }
}
