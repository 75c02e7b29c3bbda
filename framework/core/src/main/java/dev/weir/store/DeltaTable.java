package dev.weir.store;

import dev.weir.error.WeirException;
import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.commit.CommitFailedException;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.exceptions.CommitStateUnknownException;
import io.delta.kernel.exceptions.ConcurrentTransactionException;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.KernelEngineException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.exceptions.TableAlreadyExistsException;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.hook.PostCommitHook.PostCommitHookType;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Delta table, read and written through Delta Kernel. Safe for use by several threads; commits
 * through one object go one after the other.
 *
 * <p>What was read or committed last is kept: as long as the commit that made it is there and none
 * after it, neither the next commit nor the next look has to list the log.
 */
public final class DeltaTable {
  /** The transaction id whose number says how often a table was compacted. */
  public static final String COMPACTION = Compaction.KEY;

  private static final Logger LOG = LoggerFactory.getLogger(DeltaTable.class);

  /** How often a commit moves on behind other writers' before it gives up. */
  private static final int RETRIES = 100;

  private final Store store;
  private final String path;

  /** The table at the newest version that was seen. */
  private final AtomicReference<@Nullable Snapshot> known = new AtomicReference<>();

  /** Whether a checkpoint was written since, from which the next look is to begin. */
  private volatile boolean checkpointed;

  DeltaTable(Store store, String path) {
    this.store = store;
    this.path = path;
  }

  /** Something that may fail with an error of the store or of Kernel. */
  interface Attempt<T> {
    T get() throws IOException;
  }

  Engine engine() {
    return store.engine();
  }

  Store store() {
    return store;
  }

  FileStatus fileStatus(String file) throws IOException {
    return store.files().getFileStatus(file);
  }

  /** Where the table is, as Kernel and Spark take it: not percent-encoded. */
  public String path() {
    return path;
  }

  @Override
  public String toString() {
    return path;
  }

  /** The table's commits as its log holds them. */
  public CommitLog log() {
    return new CommitLog(store, path);
  }

  /**
   * Tries something and, where that fails, finds out why.
   *
   * @param version the version that it is done to, or {@code Long.MAX_VALUE} for the latest
   */
  <T> T trying(String what, long version, Attempt<T> attempt) {
    try {
      return attempt.get();
    } catch (WeirException e) {
      throw e;
    } catch (TableNotFoundException e) {
      throw StoreErrors.noTable(path, e);
    } catch (IOException | RuntimeException e) {
      throw failed(what, version, e);
    }
  }

  private WeirException failed(String what, long version, Exception error) {
    WeirException known = StoreErrors.failed(what, error);
    if (known.code().equals("store-failed")) {
      try {
        // Kernel says that something is broken, but seldom in which file.
        log().diagnose(version);
      } catch (WeirException damage) {
        damage.addSuppressed(error);
        return damage;
      }
    }
    return known;
  }

  /** Reads a data file, and names it where that fails. */
  <T> T readingFile(FileStatus file, Attempt<T> attempt) {
    try {
      return attempt.get();
    } catch (WeirException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw StoreErrors.dataFile(store.files(), file, e);
    }
  }

  /** The table as it stands now, or empty if there is none. */
  public Optional<TableSnapshot> find() {
    try {
      return Optional.of(latest());
    } catch (WeirException e) {
      if (e.code().equals("no-table")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * The table as it stands now.
   *
   * @throws WeirException {@code no-table} if there is none, {@code torn-commit}, {@code
   *     missing-commit} or {@code torn-checkpoint} if a part of its log is damaged
   */
  public TableSnapshot latest() {
    return new TableSnapshot(this, newest());
  }

  /**
   * The same by a listing of the log, where the absence of a file's name is not to be believed: a
   * network's file system may remember for a minute that a commit is not there.
   */
  public TableSnapshot listed() {
    Snapshot loaded = load(OptionalLong.empty());
    known.set(loaded);
    return new TableSnapshot(this, loaded);
  }

  /** The table as it stood at a version. */
  public TableSnapshot at(long version) {
    Snapshot last = known.get();
    return new TableSnapshot(
        this,
        last != null && last.getVersion() == version && isThere(last)
            ? last
            : load(OptionalLong.of(version)));
  }

  /** The same where that is likely to be how it stands now, which is found out sooner. */
  public TableSnapshot atNewest(long version) {
    try {
      Snapshot newest = newest();
      if (newest.getVersion() == version) {
        return new TableSnapshot(this, newest);
      }
    } catch (WeirException e) {
      // What is wrong with later versions is nothing to this one.
      LOG.debug("{} can't be read as it stands now", this, e);
    }
    return at(version);
  }

  /** The version of the table as it stands now. */
  public long latestVersion() {
    return latest().version();
  }

  /** The last number committed under a key of {@link TransactionId}, if any. */
  public OptionalLong transactionVersion(String appId) {
    return latest().transactionVersion(appId);
  }

  private Snapshot newest() {
    if (checkpointed) {
      checkpointed = false;
      known.set(null);
    }
    Snapshot last = known.get();
    if (last != null && isThere(last) && log().endsWith(last.getVersion())) {
      return last;
    }
    known.compareAndSet(last, null);
    Snapshot loaded = load(OptionalLong.empty());
    // Unless another thread has committed meanwhile.
    known.compareAndSet(null, loaded);
    return loaded;
  }

  /**
   * Whether the commit that made a snapshot is still there: a table that was dropped and made anew
   * has another.
   */
  private boolean isThere(Snapshot snapshot) {
    FileStatus then = snapshot.getLogSegment().getDeltaFileAtEndVersion();
    try {
      FileStatus now = fileStatus(then.getPath());
      return now.getSize() == then.getSize()
          && now.getModificationTime() == then.getModificationTime();
    } catch (IOException e) {
      return false;
    }
  }

  private Snapshot load(OptionalLong version) {
    return trying(
        "open " + path,
        version.orElse(Long.MAX_VALUE),
        () -> {
          Snapshot snapshot;
          try {
            snapshot = build(version);
          } catch (IllegalArgumentException e) {
            // A listing beside a writer may have its checksum and not its commit.
            snapshot = build(version);
          }
          // Kernel takes an empty commit for one that says nothing, and reads the newest one only
          // for what its checksum does not say.
          for (FileStatus file : snapshot.getLogSegment().getDeltas()) {
            if (file.getSize() == 0) {
              throw StoreErrors.torn(file.getPath(), "is empty", null);
            }
          }
          new LogDamage(log()).requireWhole(snapshot.getVersion());
          return snapshot;
        });
  }

  private Snapshot build(OptionalLong version) {
    var builder = TableManager.loadSnapshot(path);
    return (version.isPresent() ? builder.atVersion(version.getAsLong()) : builder).build(engine());
  }

  /**
   * Makes the table unless it is there.
   *
   * @return whether this call made it
   */
  public synchronized boolean create(TableDefinition definition) {
    if (find().isPresent()) {
      return false;
    }
    // The table's schema and its protocol.
    String writer = writer(2);
    try {
      return trying(
          "make " + path,
          Long.MAX_VALUE,
          () -> {
            Transaction transaction =
                TableManager.buildCreateTableTransaction(path, definition.schema(), writer)
                    .withTableProperties(definition.properties())
                    .build(engine());
            finish(transaction.commit(engine(), CloseableIterable.emptyIterable()));
            return true;
          });
    } catch (WeirException e) {
      // Another process made it meanwhile.
      if (e.getCause() instanceof ConcurrentWriteException
          || e.getCause() instanceof TableAlreadyExistsException) {
        return false;
      }
      throw e;
    }
  }

  /** Appends rows; returns the version that holds them. */
  public long append(List<? extends List<? extends @Nullable Object>> rows) {
    return append(rows, Optional.empty());
  }

  /**
   * Appends rows, or with none commits only the transaction id.
   *
   * @param rows each with a value for each column
   * @param id makes the commit a compare-and-set
   * @return the version that holds them
   * @throws ConflictException if the id, or a later one, was taken: nothing was committed
   * @throws WeirException {@code no-table}, {@code torn-commit}, {@code disk-full}, {@code
   *     store-failed}: nothing was committed; {@code commit-unknown}: whether it was could not be
   *     looked up
   */
  public synchronized long append(
      List<? extends List<? extends @Nullable Object>> rows, Optional<TransactionId> id) {
    return commit(newest(), rows, id, List.of(), RETRIES);
  }

  /**
   * Appends rows if the table is still as it was read.
   *
   * @param expected the table as it was read
   * @throws ConflictException if there has been any commit since: nothing was committed
   */
  public synchronized long append(
      TableSnapshot expected,
      List<? extends List<? extends @Nullable Object>> rows,
      TransactionId id) {
    return commit(expected.kernel(), rows, Optional.of(id), List.of(), 0);
  }

  /**
   * Puts rows in the place of all that are there, in one commit.
   *
   * @throws ConflictException if the id, or a later one, was taken, or another commit came between:
   *     nothing was committed
   */
  public synchronized long replace(
      List<? extends List<? extends @Nullable Object>> rows, TransactionId id) {
    Snapshot base = load(OptionalLong.empty());
    List<io.delta.kernel.data.Row> removals =
        trying(
            "list the files of " + path,
            base.getVersion(),
            () -> {
              List<io.delta.kernel.data.Row> found = new ArrayList<>();
              try (CloseableIterator<io.delta.kernel.data.Row> files =
                  Utils.intoRows(base.getScanBuilder().build().getScanFiles(engine()))) {
                while (files.hasNext()) {
                  AddFile file =
                      new AddFile(files.next().getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
                  found.add(
                      SingleAction.createRemoveFileSingleAction(
                          file.toRemoveFileRow(true, Optional.empty())));
                }
              }
              return found;
            });
    return commit(base, rows, Optional.of(id), removals, 0);
  }

  /**
   * Puts the rows of small files into larger ones, without any change to them. Safe beside readers,
   * writers and others that do the same; what is no longer of use is left for {@link #sweep}.
   *
   * @param rebased whether a commit may follow others that came between: true only for a table of
   *     which nobody else removes files
   * @param stopped asked between commits, and while files are merged, whether to leave the rest for
   *     another time
   * @return how many commits were made
   */
  public int compact(FileLayout layout, boolean rebased, BooleanSupplier stopped) {
    return new Compaction(new DeltaTable(store, path), layout, rebased, stopped).run();
  }

  /**
   * Deletes files of rows that no reader can need: those that were taken out of the table long
   * enough ago, and those that no commit ever named and that are older still.
   *
   * @param kept versions that somebody may read, beside the latest
   * @return how many files were deleted
   */
  public int sweep(Collection<Long> kept, Instant now) {
    return new Leftovers(this).sweep(kept, now);
  }

  /** Another for each commit, so that one whose outcome is unknown can be found again. */
  private static String writer(int actions) {
    return WholeCommit.writer(UUID.randomUUID().toString(), actions);
  }

  private long commit(
      Snapshot base,
      List<? extends List<? extends @Nullable Object>> rows,
      Optional<TransactionId> id,
      List<io.delta.kernel.data.Row> removals,
      int retries) {
    String writer = writer(removals.size() + (id.isPresent() ? 1 : 0) + (rows.isEmpty() ? 0 : 1));
    // Whatever becomes of this, it is not how the table stands.
    known.set(null);
    try {
      var builder =
          base.buildUpdateTableTransaction(
                  writer, removals.isEmpty() ? Operation.WRITE : Operation.MANUAL_UPDATE)
              .withMaxRetries(retries);
      id.ifPresent(i -> builder.withTransactionId(i.appId(), i.version()));
      Transaction transaction = builder.build(engine());
      List<io.delta.kernel.data.Row> actions = new ArrayList<>(removals);
      if (!rows.isEmpty()) {
        actions.addAll(write(transaction, rows));
      }
      return finish(
          transaction.commit(
              engine(),
              CloseableIterable.inMemoryIterable(Utils.toCloseableIterator(actions.iterator()))));
    } catch (ConcurrentTransactionException e) {
      throw new ConflictException(path, id.orElseThrow(), e);
    } catch (MaxCommitRetryLimitReachedException e) {
      OptionalLong made = find(writer, base.getVersion(), e);
      if (made.isEmpty()
          && e.getCause() instanceof CommitFailedException failed
          && failed.isConflict()) {
        throw new ConflictException(path, id.orElseThrow(), e);
      }
      return made.orElseThrow(() -> failed("append to " + path, base.getVersion(), e));
    } catch (CommitStateUnknownException | IOException | KernelEngineException e) {
      return settle(writer, base.getVersion(), e);
    } catch (IllegalArgumentException e) {
      // A row that the table can't hold.
      throw e;
    } catch (RuntimeException e) {
      return settle(writer, base.getVersion(), e);
    }
  }

  /** After an error that leaves open whether the commit is there: looks. */
  private long settle(String writer, long base, Exception error) {
    return find(writer, base, error).orElseThrow(() -> failed("append to " + path, base, error));
  }

  private OptionalLong find(String writer, long base, Exception error) {
    try {
      return lookUp(writer, base);
    } catch (WeirException e) {
      error.addSuppressed(e);
      throw StoreErrors.unknown(path, error);
    }
  }

  private OptionalLong lookUp(String writer, long base) {
    return log()
        .findLast(entry -> entry.engineInfo() != null && entry.engineInfo().endsWith(writer), base);
  }

  private List<io.delta.kernel.data.Row> write(
      Transaction transaction, List<? extends List<? extends @Nullable Object>> rows)
      throws IOException {
    var state = transaction.getTransactionState(engine());
    StructType schema = transaction.getSchema(engine());
    FilteredColumnarBatch batch =
        new FilteredColumnarBatch(new RowBatch(schema, rows), Optional.empty());
    CloseableIterator<FilteredColumnarBatch> physical =
        Transaction.transformLogicalData(
            engine(), state, Utils.singletonCloseableIterator(batch), Map.of());
    var context = Transaction.getWriteContext(engine(), state, Map.of());
    List<io.delta.kernel.data.Row> actions = new ArrayList<>();
    try (CloseableIterator<DataFileStatus> files =
            engine()
                .getParquetHandler()
                // Not the context's target directory, which is percent-encoded.
                .writeParquetFiles(path, physical, context.getStatisticsColumns());
        CloseableIterator<io.delta.kernel.data.Row> appends =
            Transaction.generateAppendActions(engine(), state, files, context)) {
      appends.forEachRemaining(actions::add);
    }
    if (actions.size() != 1) {
      throw new IllegalStateException(
          "Rows for %s became %d files instead of one".formatted(path, actions.size()));
    }
    return actions;
  }

  private long finish(TransactionCommitResult result) {
    known.set(result.getPostCommitSnapshot().orElse(null));
    List<PostCommitHook> hooks = result.getPostCommitHooks();
    boolean checkpointDue =
        hooks.stream().anyMatch(hook -> hook.getType() == PostCommitHookType.CHECKPOINT);
    for (PostCommitHook hook : hooks) {
      switch (hook.getType()) {
        case CHECKPOINT ->
            store.maintenance().checkpoint(engine(), path, hook, () -> checkpointed = true);
        case CHECKSUM_SIMPLE -> store.maintenance().checksum(engine(), path, hook);
        // It replays the log, which is short where a checkpoint has just been written.
        case CHECKSUM_FULL -> {
          if (checkpointDue) {
            store.maintenance().checksum(engine(), path, hook);
          }
        }
        // Not asked for: checkpoints are enough.
        case LOG_COMPACTION -> {}
      }
    }
    return result.getVersion();
  }

  /**
   * The rows added by the commits after version {@code after}, up to and with {@code upTo}, commit
   * by commit. For tables of Weir's own, which are neither partitioned nor have deletion vectors.
   *
   * @throws WeirException {@code log-expired} if a commit is no longer in the log, or its rows were
   *     put into other files long ago, {@code damaged-file} if a file of rows can't be read
   */
  public List<CommittedRows> rowsBetween(long after, long upTo, List<String> columns) {
    if (after >= upTo) {
      return List.of();
    }
    StructType schema = at(upTo).kernel().getSchema();
    StructType read = new StructType(columns.stream().map(schema::get).toList());
    List<CommittedRows> result = new ArrayList<>();
    for (CommitEntry entry : log().commits(after, upTo)) {
      result.add(new CommittedRows(entry.version(), rows(entry, read, columns)));
    }
    return result;
  }

  /**
   * The rows that one commit added and that meet every filter.
   *
   * @throws WeirException {@code log-expired} if the commit is no longer in the log
   */
  public List<Row> rowsOf(long version, List<String> columns, List<Filter> filters) {
    Set<String> read = new LinkedHashSet<>(columns);
    filters.forEach(filter -> read.add(filter.column()));
    return rowsBetween(version - 1, version, List.copyOf(read)).stream()
        .flatMap(commit -> commit.rows().stream())
        .filter(
            row -> filters.stream().allMatch(filter -> filter.matches(row.get(filter.column()))))
        .map(row -> new Row(columns, columns.stream().map(row::get).toList()))
        .toList();
  }

  private List<Row> rows(CommitEntry entry, StructType schema, List<String> columns) {
    List<Row> rows = new ArrayList<>();
    read(entry, schema, columns, TableSnapshot.into(columns, rows));
    return rows;
  }

  /**
   * Hands out the rows that a commit added, as they were written.
   *
   * @param schema a snapshot with the table's columns
   */
  public void read(CommitEntry entry, TableSnapshot schema, List<String> columns, RowSink into) {
    StructType all = schema.kernel().getSchema();
    read(entry, new StructType(columns.stream().map(all::get).toList()), columns, into);
  }

  private void read(CommitEntry entry, StructType schema, List<String> columns, RowSink into) {
    for (CommitEntry.AddedFile file : entry.files()) {
      if (!file.dataChange()) {
        continue;
      }
      String data = CommitLog.absolute(path, file.path());
      FileStatus status = FileStatus.of(data, file.bytes(), 0);
      try {
        readingFile(
            status,
            () -> {
              try (CloseableIterator<FileReadResult> batches =
                  engine()
                      .getParquetHandler()
                      .readParquetFiles(
                          Utils.singletonCloseableIterator(status), schema, Optional.empty())) {
                while (batches.hasNext()) {
                  TableSnapshot.hand(batches.next().getData(), null, columns, List.of(), into);
                }
              }
              return true;
            });
      } catch (WeirException e) {
        if (e.code().equals("damaged-file") && sweptAway(data)) {
          throw CommitLog.expired(entry.version(), log().folder(), e);
        }
        throw e;
      }
    }
  }

  /** Whether a file is missing because its rows stand in another one since. */
  private boolean sweptAway(String file) {
    try {
      fileStatus(file);
      return false;
    } catch (FileNotFoundException e) {
      return latest().files(List.of()).list().stream()
          .noneMatch(named -> named.name().equals(DataFile.name(file)));
    } catch (IOException e) {
      return false;
    }
  }
}
