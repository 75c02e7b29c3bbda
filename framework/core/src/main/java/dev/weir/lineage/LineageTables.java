package dev.weir.lineage;

import dev.weir.background.Background;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.ConflictException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableDefinition;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lineage tables of a home: made from the events, appended to, and to be made anew from nothing
 * at any time.
 *
 * <p>Each commit of a table carries the transaction id {@code weir/lineage} with the version of the
 * events that it was made from, and is made only if the table stands as it was read, so that of two
 * who bring a table up to date one is refused. When all tables stand, a row in {@code
 * lineage/progress} says so; an update that was interrupted before that is taken up where each
 * table stands.
 */
public final class LineageTables {
  /** The transaction id under which each table keeps how far it was made. */
  static final String KEY = "weir/lineage";

  private static final String DAMAGED = "lineage-damaged";

  private final Events events;
  private final Map<LineageTable, DeltaTable> tables = new EnumMap<>(LineageTable.class);
  private final DeltaTable progress;
  private final Consumer<String> beforeCommit;
  private final boolean keepsHouse;

  /**
   * @param beforeCommit told the name of each table before a commit to it
   */
  LineageTables(Events events, Consumer<String> beforeCommit) {
    this(events, beforeCommit, true);
  }

  /**
   * @param keepsHouse whether an update has tables put in order that have become slow to read
   */
  LineageTables(Events events, Consumer<String> beforeCommit, boolean keepsHouse) {
    this.events = events;
    this.beforeCommit = beforeCommit;
    this.keepsHouse = keepsHouse;
    Home home = events.home();
    for (LineageTable table : LineageTable.values()) {
      tables.put(table, home.table(table.path()));
    }
    this.progress = home.table(Progress.PATH);
  }

  /** The lineage tables of a home. */
  public static LineageTables of(Events events) {
    return new LineageTables(events, table -> {});
  }

  /** A table as it was found: how far it was made from the events, -1 for not at all. */
  private record Found(TableSnapshot snapshot, long transaction, long made) {}

  /** The rows that the tables lack since a point at which all of them stood. */
  private record News(
      List<CommittedFact> range,
      Projection projection,
      Map<LineageTable, List<List<@Nullable Object>>> rows) {}

  /** The table itself. */
  public DeltaTable table(LineageTable table) {
    DeltaTable found = tables.get(table);
    if (found == null) {
      throw new IllegalArgumentException("There is no table " + table);
    }
    return found;
  }

  /** The common point to which the tables were brought last, if ever. */
  public Optional<LineageSnapshot> current() {
    return progress().map(Progress::snapshot);
  }

  Optional<Progress> progress() {
    return derived("progress", () -> Progress.read(progress));
  }

  /** Does something with a table that can be made anew, and says so where it is damaged. */
  static <T> T derived(String table, Supplier<T> work) {
    try {
      return work.get();
    } catch (WeirException e) {
      if (e.code().equals("no-table")
          || (e.kind() == ErrorKind.DATA && !e.code().equals(DAMAGED))) {
        throw damaged(table, "can't be read: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static WeirException damaged(String table, String found, @Nullable Throwable cause) {
    return new WeirException(
        DAMAGED,
        ErrorKind.DATA,
        "The table lineage.%s %s".formatted(table, found),
        "Make the lineage tables anew: weir lineage rebuild.",
        cause);
  }

  /** The rows of a table at a point that meet every filter, in no order. */
  public List<Row> rows(LineageTable table, LineageSnapshot snapshot, List<Filter> filters) {
    return derived(
        table.tableName(),
        () -> {
          TableSnapshot at = at(table, snapshot);
          return at.rows(at.columns(), filters);
        });
  }

  TableSnapshot at(LineageTable table, LineageSnapshot snapshot) {
    return derived(table.tableName(), () -> table(table).atNewest(snapshot.version(table)));
  }

  /**
   * Brings the tables up to date with the events.
   *
   * @return the point at which they then stand
   */
  public LineageSnapshot update() {
    long before = -1;
    while (true) {
      TableSnapshot latest = before < 0 ? events.table().latest() : events.table().listed();
      long upTo = latest.version();
      Optional<Progress> done = progress();
      if (done.isPresent() && !done.get().complete()) {
        // An older Weir made them, and knew fewer.
        return rebuild();
      }
      if (done.isPresent() && done.get().eventsVersion() == upTo) {
        return done.get().snapshot();
      }
      Optional<News> news =
          done.map(Progress::eventsVersion)
              .filter(point -> point < upTo)
              .flatMap(point -> news(latest, point));
      Map<LineageTable, Found> found = find(done, news);
      long furthest =
          Math.max(
              done.map(Progress::eventsVersion).orElse(-1L),
              found.values().stream().mapToLong(Found::transaction).max().orElse(-1));
      if (furthest > upTo) {
        // Another update read the events later than this one did.
        if (before == upTo) {
          throw ahead(furthest, upTo);
        }
        before = upTo;
        continue;
      }
      Optional<LineageSnapshot> updated = update(latest, done, found, news);
      if (updated.isPresent()) {
        return updated.get();
      }
    }
  }

  /**
   * Has tables put in order that have become slow to read, in the background: after an update,
   * since one that comes between has what was done until then thrown away.
   */
  private void keepHouse(Progress progress) {
    List<String> due = Housekeeping.due(progress);
    if (!due.isEmpty()) {
      events
          .home()
          .store()
          .inBackground(
              "put the lineage tables in order",
              stopped -> new Housekeeping(events, this).tidy(due, stopped));
    }
  }

  static WeirException ahead(long furthest, long upTo) {
    return new WeirException(
        "lineage-ahead",
        ErrorKind.DATA,
        "The lineage tables were made from version %d of lineage/events, which is at version %d: the event table was restored from an older copy."
            .formatted(furthest, upTo),
        "Make the lineage tables anew: weir lineage rebuild.");
  }

  /** What came after a version of the events; empty if its commits are no longer told apart. */
  private Optional<News> news(TableSnapshot latest, long after) {
    try {
      List<CommittedFact> range = events.between(after, latest.version());
      Projection projection = new Projection(range, run -> Events.ofRun(latest, run));
      return Optional.of(
          new News(range, projection, concurrently(table -> projection.rows(table, after))));
    } catch (WeirException e) {
      if (e.code().equals("log-expired")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The tables as they are found, but for those of which it is known without opening them. */
  private Map<LineageTable, Found> find(Optional<Progress> done, Optional<News> news) {
    Map<LineageTable, Found> found = new EnumMap<>(LineageTable.class);
    concurrently(
            table ->
                derived(
                    table.tableName(),
                    () ->
                        stands(table, done, news)
                            ? Optional.<Found>empty()
                            : Optional.of(find(table, done))))
        .forEach((table, one) -> one.ifPresent(there -> found.put(table, there)));
    return found;
  }

  /**
   * Whether a table stands as it was left, and nothing is to be added: most do, after most runs.
   */
  private boolean stands(LineageTable table, Optional<Progress> done, Optional<News> news) {
    Progress.State state = done.map(p -> p.tables().get(table.tableName())).orElse(null);
    return state != null
        && news.isPresent()
        && news.get().rows().getOrDefault(table, List.of()).isEmpty()
        && Progress.State.digest(columns(table)).equals(state.columns())
        && table(table).log().isNewest(state.version());
  }

  private static List<String> columns(LineageTable table) {
    return table.definition().columns().stream().map(column -> column.name()).toList();
  }

  private Found find(LineageTable table, Optional<Progress> done) {
    DeltaTable delta = table(table);
    Optional<TableSnapshot> there = delta.find();
    if (there.isPresent() && hasOtherColumns(table, there.get())) {
      events.home().store().drop(delta);
      there = Optional.empty();
    }
    if (there.isEmpty()) {
      delta.create(table.definition());
    }
    TableSnapshot snapshot = there.orElseGet(delta::latest);
    long transaction = snapshot.transactionVersion(KEY).orElse(-1);
    Progress.State state = done.map(p -> p.tables().get(table.tableName())).orElse(null);
    // Of a table that was made again since, the progress says nothing.
    if (done.isEmpty() || state == null || !state.id().equals(snapshot.tableId())) {
      return new Found(snapshot, transaction, transaction);
    }
    if (snapshot.version() < state.version()) {
      throw damaged(
          table.tableName(),
          "is at version %d, and lineage.progress knows version %d: commits were removed from its log."
              .formatted(snapshot.version(), state.version()),
          null);
    }
    return new Found(snapshot, transaction, Math.max(transaction, done.get().eventsVersion()));
  }

  /** True for a table of another Weir, which is made anew with the columns of this one. */
  private static boolean hasOtherColumns(LineageTable table, TableSnapshot snapshot) {
    return !snapshot.columns().equals(columns(table));
  }

  /** One try; empty if another update came between. */
  private Optional<LineageSnapshot> update(
      TableSnapshot latest,
      Optional<Progress> done,
      Map<LineageTable, Found> found,
      Optional<News> news) {
    long upTo = latest.version();
    long stood = done.map(Progress::eventsVersion).orElse(-1L);
    long after = found.values().stream().mapToLong(Found::made).reduce(stood, Math::min);
    Optional<News> since = after == stood && news.isPresent() ? news : news(latest, after);
    if (since.isEmpty()) {
      // The commits since are no longer told apart: from nothing, then.
      return Optional.of(rebuild());
    }
    List<CommittedFact> range = since.get().range();
    Projection projection = since.get().projection();
    List<OpenRun> openRuns =
        Progress.openRuns(
            done.map(Progress::openRuns).orElse(List.of()),
            range.stream().filter(f -> f.version() > stood).toList(),
            projection::started);
    try {
      Map<LineageTable, Progress.State> states =
          concurrently(
              table -> {
                Found was = found.get(table);
                if (was == null) {
                  return Objects.requireNonNull(done.orElseThrow().tables().get(table.tableName()));
                }
                var rows =
                    was.made() == after
                        ? Objects.requireNonNull(since.get().rows().get(table))
                        : projection.rows(table, was.made());
                long version = was.snapshot().version();
                if (!rows.isEmpty()) {
                  beforeCommit.accept(table.tableName());
                  version =
                      derived(
                          table.tableName(),
                          () ->
                              table(table)
                                  .append(was.snapshot(), rows, new TransactionId(KEY, upTo)));
                }
                return Progress.State.of(was.snapshot(), version)
                    .then(
                        done.map(p -> p.tables().get(table.tableName())).orElse(null),
                        Housekeeping.care(table),
                        was.snapshot());
              });
      Map<String, Progress.State> all = byName(states);
      all.put(
          Housekeeping.EVENTS,
          Progress.State.of(latest, upTo)
              .then(
                  done.map(p -> p.tables().get(Housekeeping.EVENTS)).orElse(null),
                  Housekeeping.OF_EVENTS,
                  latest));
      Progress next = new Progress(upTo, all, openRuns);
      beforeCommit.accept("progress");
      derived(
          "progress",
          () -> {
            progress.create(LineageColumns.PROGRESS);
            return progress.append(
                List.of(next.row(Instant.now())), Optional.of(new TransactionId(KEY, upTo)));
          });
      if (keepsHouse) {
        keepHouse(next);
      }
      return Optional.of(next.snapshot());
    } catch (ConflictException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Progress.State> byName(Map<LineageTable, Progress.State> states) {
    Map<String, Progress.State> byName = new TreeMap<>();
    states.forEach((table, state) -> byName.put(table.tableName(), state));
    return byName;
  }

  /**
   * Makes the tables anew from all events. Each is replaced in one commit, so that whoever reads it
   * meanwhile sees the old rows or the new ones; one that can't be read is dropped first.
   *
   * @return the point at which they then stand
   */
  public LineageSnapshot rebuild() {
    while (true) {
      long upTo = events.table().latestVersion();
      long furthest = -1;
      for (DeltaTable table : all()) {
        furthest = Math.max(furthest, transaction(table));
      }
      if (furthest == upTo) {
        // The same number can't be taken twice: an empty commit makes another.
        events.table().append(List.of());
        continue;
      }
      if (furthest > upTo) {
        for (DeltaTable table : all()) {
          if (transaction(table) >= upTo) {
            events.home().store().drop(table);
          }
        }
      }
      TableSnapshot latest = events.table().latest();
      long version = latest.version();
      List<Fact> facts = Events.all(latest);
      List<CommittedFact> range =
          facts.stream().map(fact -> new CommittedFact(version, fact)).toList();
      Projection projection = new Projection(range, run -> Events.ofRun(latest, run));
      TransactionId id = new TransactionId(KEY, version);
      try {
        Map<LineageTable, Progress.State> states =
            concurrently(
                table -> {
                  DeltaTable delta = table(table);
                  if (delta.find().filter(found -> hasOtherColumns(table, found)).isPresent()) {
                    events.home().store().drop(delta);
                  }
                  beforeCommit.accept(table.tableName());
                  long replaced =
                      replace(delta, table.definition(), projection.rows(table, -1), id);
                  return Progress.State.anew(delta.latest(), replaced);
                });
        Progress next =
            new Progress(
                version,
                byName(states),
                Progress.openRuns(List.of(), range, run -> Optional.empty()));
        beforeCommit.accept("progress");
        replace(progress, LineageColumns.PROGRESS, List.of(next.row(Instant.now())), id);
        return next.snapshot();
      } catch (ConflictException e) {
        // Another brought a table up to date meanwhile: from the start.
      }
    }
  }

  /** Puts rows in the place of all that are there; a table that can't be read is dropped. */
  private long replace(
      DeltaTable table,
      TableDefinition definition,
      List<? extends List<? extends @Nullable Object>> rows,
      TransactionId id) {
    try {
      table.create(definition);
      return table.replace(rows, id);
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA) {
        throw e;
      }
      events.home().store().drop(table);
      table.create(definition);
      return table.replace(rows, id);
    }
  }

  private List<DeltaTable> all() {
    List<DeltaTable> all = new ArrayList<>(tables.values());
    all.add(progress);
    return all;
  }

  /** How far a table was made; one that can't be read is dropped. */
  private long transaction(DeltaTable table) {
    try {
      return table
          .find()
          .map(snapshot -> snapshot.transactionVersion(KEY))
          .orElse(OptionalLong.empty())
          .orElse(-1);
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA) {
        throw e;
      }
      events.home().store().drop(table);
      return -1;
    }
  }

  /** Does something for every table, two at a time. */
  private static <T> Map<LineageTable, T> concurrently(Function<LineageTable, T> work) {
    ExecutorService threads = Executors.newFixedThreadPool(2, Background.threads("weir-lineage"));
    try {
      Map<LineageTable, CompletableFuture<T>> futures = new EnumMap<>(LineageTable.class);
      for (LineageTable table : LineageTable.values()) {
        futures.put(table, CompletableFuture.supplyAsync(() -> work.apply(table), threads));
      }
      // Every one is waited for, so that nothing goes on after a failure.
      CompletableFuture.allOf(futures.values().toArray(CompletableFuture[]::new))
          .handle((done, error) -> true)
          .join();
      Map<LineageTable, T> results = new EnumMap<>(LineageTable.class);
      futures.forEach((table, future) -> results.put(table, Background.await(future)));
      return results;
    } finally {
      threads.shutdown();
    }
  }
}
