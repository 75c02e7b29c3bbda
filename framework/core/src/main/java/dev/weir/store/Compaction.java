package dev.weir.store;

import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.Transaction;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.exceptions.CheckpointAlreadyExistsException;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.fs.Path;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the rows of small files into larger ones. Its commits change no data: who reads a table
 * commit by commit finds no rows in them.
 *
 * <p>Each commit takes the next number of one transaction id, and removes the files that it read,
 * so that of two at once one is refused. Other writers' appends are no reason to give up where
 * {@code rebased} says so: what they add stays as it is.
 */
final class Compaction {
  /** The transaction id whose number is that of the table's compactions. */
  static final String KEY = "weir/compaction";

  private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);

  /** How many files one commit removes at most. */
  private static final int MOST = 500;

  private static final int RETRIES = 100;

  private final DeltaTable table;
  private final FileLayout layout;
  private final boolean rebased;
  private final BooleanSupplier stopped;

  /**
   * @param table an object of its own: one that others write through would have them wait
   * @param rebased whether a commit may follow others that came between
   * @param stopped asked between commits, and while files are merged, whether to leave the rest for
   *     another time
   */
  Compaction(DeltaTable table, FileLayout layout, boolean rebased, BooleanSupplier stopped) {
    this.table = table;
    this.layout = layout;
    this.rebased = rebased;
    this.stopped = stopped;
  }

  /**
   * Does what there is to do.
   *
   * @return how many commits were made
   */
  int run() {
    int commits = 0;
    while (!stopped.getAsBoolean() && pass()) {
      commits++;
    }
    if (commits > 0) {
      checkpoint();
    }
    return commits;
  }

  private boolean pass() {
    TableSnapshot base = table.latest();
    TableFiles files = base.files(base.columns());
    List<DataFile> inputs =
        layout.sortedBy() == null ? inOrder(files.list()) : sorted(files.list(), layout.sortedBy());
    if (inputs.isEmpty()) {
      return false;
    }
    long total = inputs.stream().mapToLong(DataFile::rows).sum();
    int outputs = Math.toIntExact(Math.max(1, (total + layout.rows() - 1) / layout.rows()));
    // In a sorted table each file is as large as the others, so that none of them is small again.
    int each =
        layout.sortedBy() == null
            ? Integer.MAX_VALUE
            : Math.toIntExact((total + outputs - 1) / outputs);
    Writer writer = new Writer(base, each, newest(inputs));
    boolean done = false;
    try {
      if (layout.sortedBy() == null) {
        for (DataFile file : inputs) {
          writer.add(files.all(file));
        }
      } else {
        merge(files, inputs, layout.sortedBy(), writer);
      }
      writer.close();
      // What has been read to its end is committed even so: thrown away, a home of which every
      // process is short would begin again each time, and never be in order.
      done = writer.count == total;
    } finally {
      if (!done) {
        writer.discard();
      }
    }
    return done && commit(base, inputs, writer);
  }

  private static long newest(List<DataFile> files) {
    return files.stream().mapToLong(DataFile::modified).max().orElse(0);
  }

  /**
   * Small files that follow upon each other and make one that is large enough, the oldest first: no
   * file of rows committed in between is left out, so that the order of files stays that of their
   * rows.
   */
  private List<DataFile> inOrder(List<DataFile> files) {
    if (files.stream().filter(layout::small).count() < layout.files()) {
      return List.of();
    }
    List<DataFile> byTime = new ArrayList<>(files);
    byTime.sort(Comparator.comparingLong(DataFile::modified).thenComparing(DataFile::path));
    List<DataFile> group = new ArrayList<>();
    long rows = 0;
    long bytes = 0;
    for (DataFile file : byTime) {
      boolean small = layout.small(file);
      if (small) {
        group.add(file);
        rows += file.rows();
        bytes += file.bytes();
      }
      boolean full = rows >= layout.rows() || bytes >= layout.bytes() || group.size() >= MOST;
      if (full || (!small && group.size() >= layout.files() / 2)) {
        return group.size() > 1 ? group : List.of();
      }
      if (!small) {
        group.clear();
        rows = 0;
        bytes = 0;
      }
    }
    return group.size() > 1 ? group : List.of();
  }

  /** All small files if there are many, or all of all if too many overlap. */
  private List<DataFile> sorted(List<DataFile> files, String column) {
    List<DataFile> small = files.stream().filter(layout::small).toList();
    if (small.size() >= layout.files()) {
      return small.subList(0, Math.min(small.size(), MOST));
    }
    List<DataFile> large = files.stream().filter(file -> !layout.small(file)).toList();
    return depth(large, column) > FileLayout.DEPTH ? large : List.of();
  }

  /** How many files at most hold the same value. */
  private static int depth(List<DataFile> files, String column) {
    List<DataFile> byLeast = new ArrayList<>(files);
    byLeast.sort(Comparator.comparingLong(file -> file.least(column)));
    PriorityQueue<Long> open = new PriorityQueue<>();
    int deepest = 0;
    for (DataFile file : byLeast) {
      while (!open.isEmpty() && open.element() < file.least(column)) {
        open.remove();
      }
      open.add(file.greatest(column));
      deepest = Math.max(deepest, open.size());
    }
    return deepest;
  }

  /** A file that is being merged: its rows in order. */
  private record Cursor(Deque<Row> rows, String column) {
    long next() {
      return rows.element().number(column);
    }
  }

  /** Writes the rows of files in order; of these only those in memory whose values overlap. */
  private void merge(TableFiles files, List<DataFile> inputs, String column, Writer writer) {
    Deque<DataFile> waiting = new ArrayDeque<>();
    inputs.stream()
        .sorted(Comparator.comparingLong(file -> file.least(column)))
        .forEach(waiting::add);
    PriorityQueue<Cursor> open = new PriorityQueue<>(Comparator.comparingLong(Cursor::next));
    while (!open.isEmpty() || !waiting.isEmpty()) {
      while (!waiting.isEmpty()
          && (open.isEmpty() || waiting.element().least(column) <= open.element().next())) {
        if (stopped.getAsBoolean()) {
          return;
        }
        List<Row> rows = new ArrayList<>(files.all(waiting.remove()));
        rows.sort(Comparator.comparingLong(row -> row.number(column)));
        if (!rows.isEmpty()) {
          open.add(new Cursor(new ArrayDeque<>(rows), column));
        }
      }
      Cursor least = open.poll();
      if (least != null) {
        writer.add(List.of(least.rows().remove()));
        if (!least.rows().isEmpty()) {
          open.add(least);
        }
      }
    }
  }

  /** Writes files of so many rows each. */
  private final class Writer {
    private final TableSnapshot base;
    private final StructType schema;
    private final int each;
    private final long modified;
    private List<List<@Nullable Object>> rows = new ArrayList<>();
    private final List<DataFileStatus> written = new ArrayList<>();
    private long count;

    Writer(TableSnapshot base, int each, long modified) {
      this.base = base;
      this.schema = base.kernel().getSchema();
      this.each = each;
      this.modified = modified;
    }

    void add(List<Row> more) {
      for (Row row : more) {
        rows.add(row.values());
        count++;
        if (rows.size() >= each) {
          flush();
        }
      }
    }

    private void flush() {
      if (rows.isEmpty()) {
        return;
      }
      List<List<@Nullable Object>> batch = rows;
      rows = new ArrayList<>();
      table.trying(
          "write into " + table,
          base.version(),
          () -> {
            Transaction transaction =
                base.kernel()
                    .buildUpdateTableTransaction("Weir", Operation.MANUAL_UPDATE)
                    .build(table.engine());
            var context =
                Transaction.getWriteContext(
                    table.engine(), transaction.getTransactionState(table.engine()), Map.of());
            try (CloseableIterator<DataFileStatus> files =
                table
                    .engine()
                    .getParquetHandler()
                    .writeParquetFiles(
                        table.path(),
                        Utils.singletonCloseableIterator(
                            new FilteredColumnarBatch(
                                new RowBatch(schema, batch), Optional.empty())),
                        context.getStatisticsColumns())) {
              while (files.hasNext()) {
                written.add(files.next());
              }
            }
            return true;
          });
    }

    void close() {
      flush();
    }

    /** As actions of a commit. */
    List<io.delta.kernel.data.Row> actions() {
      List<io.delta.kernel.data.Row> actions = new ArrayList<>();
      for (DataFileStatus file : written) {
        actions.add(
            SingleAction.createAddFileSingleAction(
                AddFile.convertDataFileStatus(
                        schema,
                        new Path(table.path()).toUri(),
                        // As old as its newest row: readers look at the newest files first.
                        new DataFileStatus(
                            file.getPath(), file.getSize(), modified, file.getStatistics()),
                        Map.of(),
                        false,
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                    .toRow()));
      }
      return actions;
    }

    /** What no commit names is of no use. */
    void discard() {
      for (DataFileStatus file : written) {
        try {
          table.store().files().delete(file.getPath());
        } catch (IOException e) {
          LOG.debug("Left {} for the next sweep", file.getPath(), e);
        }
      }
    }
  }

  /**
   * Whether the commit was made. Of one that seems not to be the files stay, for the sweep: an
   * error after it leaves that open.
   */
  private boolean commit(TableSnapshot base, List<DataFile> inputs, Writer writer) {
    List<io.delta.kernel.data.Row> actions = new ArrayList<>();
    for (DataFile input : inputs) {
      actions.add(
          SingleAction.createRemoveFileSingleAction(
              input.add().toRemoveFileRow(false, Optional.empty())));
    }
    actions.addAll(writer.actions());
    try {
      Transaction transaction =
          base.kernel()
              .buildUpdateTableTransaction(
                  WholeCommit.writer(UUID.randomUUID().toString(), actions.size() + 1),
                  Operation.MANUAL_UPDATE)
              .withMaxRetries(rebased ? RETRIES : 0)
              .withTransactionId(KEY, base.transactionVersion(KEY).orElse(0) + 1)
              .build(table.engine());
      transaction.commit(
          table.engine(),
          CloseableIterable.inMemoryIterable(Utils.toCloseableIterator(actions.iterator())));
      return true;
    } catch (ConcurrentWriteException | MaxCommitRetryLimitReachedException e) {
      LOG.debug("Another came between when files of {} were put together", table, e);
      return false;
    } catch (RuntimeException e) {
      throw StoreErrors.failed("put files of " + table + " together", e);
    }
  }

  /** So that nobody has to read the commits of all the files that are no more. */
  private void checkpoint() {
    try {
      Snapshot latest = table.latest().kernel();
      try {
        latest.writeCheckpoint(table.engine());
      } catch (CheckpointAlreadyExistsException e) {
        LOG.trace("There is a checkpoint of {}", table, e);
      }
      latest.writeChecksum(table.engine(), Snapshot.ChecksumWriteMode.FULL);
    } catch (IOException | RuntimeException e) {
      LOG.debug("No checkpoint of {} was written; the next one will be", table, e);
    }
  }
}
