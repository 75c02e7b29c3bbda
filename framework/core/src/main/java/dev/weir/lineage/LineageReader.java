package dev.weir.lineage;

import dev.weir.background.Background;
import dev.weir.error.WeirException;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableFiles;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What the lineage of a home says at one moment: the lineage tables at their last common point, and
 * laid over them what the events have said since. Reads only, and no more than it is asked for.
 */
public final class LineageReader {
  private static final String RUN_STARTED = Facts.kind(Fact.RunStarted.class);

  private static final String DEEDS = "weir/deeds";

  private static final String ALERTS = "weir/alerts";

  private final Events table;
  private final LineageTables tables;
  private final TableSnapshot events;
  private final Optional<LineageSnapshot> point;
  private final List<CommittedFact> tail;
  private final List<OpenRun> openRuns;
  private final RunViews runs;

  private LineageReader(
      Events table,
      LineageTables tables,
      TableSnapshot events,
      Optional<Progress> progress,
      List<CommittedFact> tail) {
    this.table = table;
    this.tables = tables;
    this.events = events;
    this.point = progress.map(Progress::snapshot);
    this.tail = tail;
    this.openRuns =
        Progress.openRuns(
            progress.map(Progress::openRuns).orElse(List.of()), tail, run -> start(events, run));
    this.runs = new RunViews(this, events, tail, openRuns);
  }

  /** Looks at the lineage as it is now. */
  public static LineageReader open(Events events) {
    LineageTables tables = LineageTables.of(events);
    CompletableFuture<Optional<Progress>> reading =
        Background.begin("weir-progress", tables::progress);
    return open(events, tables, reading, events.table().latest());
  }

  /** Looks at the lineage of a home as it is now, if anything was ever done in it. */
  public static Optional<LineageReader> existing(Home home) {
    Events events = Events.of(home);
    LineageTables tables = LineageTables.of(events);
    // The two take the same time, of which most is to load the classes of one kind of file.
    CompletableFuture<Optional<Progress>> reading =
        Background.begin("weir-progress", tables::progress);
    return events.table().find().map(latest -> open(events, tables, reading, latest));
  }

  private static LineageReader open(
      Events events,
      LineageTables tables,
      CompletableFuture<Optional<Progress>> reading,
      TableSnapshot seen) {
    Optional<Progress> progress = Background.await(reading);
    TableSnapshot latest = seen;
    if (progress.isPresent() && progress.get().eventsVersion() > seen.version()) {
      // Somebody brought the tables up to date between the two looks.
      latest = events.table().listed();
    }
    if (progress.isPresent() && !progress.get().complete()) {
      // An older Weir made them, and knew fewer.
      tables.update();
      return open(events);
    }
    long after = progress.map(Progress::eventsVersion).orElse(-1L);
    if (after > latest.version()) {
      throw LineageTables.ahead(after, latest.version());
    }
    try {
      return new LineageReader(
          events, tables, latest, progress, events.between(after, latest.version()));
    } catch (WeirException e) {
      if (!e.code().equals("log-expired")) {
        throw e;
      }
      // Nobody has looked for so long that the commits since are no longer told apart.
      tables.update();
      return open(events);
    }
  }

  /**
   * Makes what was done durable, if nothing has been said since this looked.
   *
   * @return the version of the events that holds it
   * @throws dev.weir.store.ConflictException if anything was: nothing was committed
   */
  public long append(List<Fact.Deed> deeds) {
    return table
        .table()
        .append(
            events,
            Events.rows(List.copyOf(deeds)),
            new TransactionId(DEEDS, events.version() + 1));
  }

  /**
   * Makes durable what people are told of, if nothing has been said since this looked.
   *
   * @throws dev.weir.store.ConflictException if anything was: nothing was committed
   */
  public void tell(List<Fact.AlertRaised> alerts) {
    var unused =
        table
            .table()
            .append(
                events,
                Events.rows(List.copyOf(alerts)),
                new TransactionId(ALERTS, events.version() + 1));
  }

  /** The files of a table as it was at {@link #point}, if it was ever made. */
  Optional<TableFiles> files(LineageTable table, List<String> columns) {
    return point.map(
        at -> LineageTables.derived(table.tableName(), () -> tables.at(table, at).files(columns)));
  }

  /**
   * The rows of some runs, those of stages that ended in runs still under way among them.
   *
   * @param columns which columns, the run among them
   */
  List<Row> of(LineageTable table, List<String> columns, Collection<String> runs) {
    TreeSet<String> wanted = new TreeSet<>(runs);
    List<Row> rows = new ArrayList<>();
    files(table, columns)
        .ifPresent(
            files ->
                rows.addAll(
                    LineageTables.derived(
                        table.tableName(), () -> files.rows("run", wanted, String.class))));
    for (Row row : late(table)) {
      if (wanted.contains(row.string("run"))) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** The rows of a table that are made by what the events have said since {@link #point}. */
  List<Row> late(LineageTable table) {
    return overlay().named(table);
  }

  /** All facts of a run, by time. */
  public List<Fact> facts(String run) {
    return Events.ofRun(events, run);
  }

  /**
   * Whether a run has a lease of its own, since it goes on beside others of its pipeline. How it
   * began says so, whatever its pipeline's file says by now.
   */
  public boolean beside(String pipeline, String run) {
    return Lease.beside(events, pipeline, run);
  }

  /** How a run began, without what it has done since. */
  public Optional<Fact.RunStarted> start(String run) {
    return start(events, run);
  }

  private static Optional<Fact.RunStarted> start(TableSnapshot events, String run) {
    return Events.byTime(
            events, List.of(Filter.equal("run", run), Filter.equal("kind", RUN_STARTED)))
        .stream()
        .map(Fact.RunStarted.class::cast)
        .findFirst();
  }

  /** The runs of a pipeline that have begun and not ended, in the order in which they began. */
  public List<String> openRuns(String pipeline) {
    return openRuns.stream()
        .filter(open -> open.pipeline().equals(pipeline))
        .map(OpenRun::run)
        .toList();
  }

  /** The runs of all pipelines that have begun and not ended, as they are known now. */
  public List<RunView> openRuns() {
    return openRuns.stream().map(runs::underWay).toList();
  }

  /** The run of a pipeline that began last. */
  public Optional<String> lastRun(String pipeline) {
    List<String> open = openRuns(pipeline);
    if (!open.isEmpty()) {
      return Optional.of(open.get(open.size() - 1));
    }
    Iterator<List<Row>> ended =
        newestFirst(
            LineageTable.RUNS,
            List.of("run", "started_at"),
            List.of(Filter.equal("pipeline", pipeline)));
    while (ended.hasNext()) {
      Optional<String> last =
          ended.next().stream()
              .max(Comparator.comparing(row -> Objects.requireNonNull(row.instant("started_at"))))
              .map(row -> row.string("run"));
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  /** The last number of a lease; grows with all that its holders say. */
  public OptionalLong lease(LeaseRequest request) {
    return events.transactionVersion(Lease.key(request));
  }

  /**
   * Rows of a lineage table, the newest first, in portions that are read as they are asked for.
   *
   * @param filters all of which a row meets
   */
  public Iterator<List<Row>> newestFirst(
      LineageTable table, List<String> columns, List<Filter> filters) {
    List<Row> late = new ArrayList<>();
    for (Row row : overlay().named(table)) {
      if (filters.stream().allMatch(filter -> filter.matches(row.get(filter.column())))) {
        late.add(0, row);
      }
    }
    Iterator<List<Row>> older =
        point
            .map(at -> tables.at(table, at).newestFirst(columns, filters))
            .orElseGet(Collections::emptyIterator);
    return Stream.concat(
            late.isEmpty() ? Stream.of() : Stream.of(late),
            StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(older, Spliterator.ORDERED), false))
        .iterator();
  }

  /** The event table whose facts are looked at. */
  public Events table() {
    return table;
  }

  /** The events that are looked at. */
  TableSnapshot events() {
    return events;
  }

  /** The version of the events that is looked at. */
  public long eventsVersion() {
    return events.version();
  }

  /** The point to which the tables were brought last; throws if they never were. */
  public LineageSnapshot point() {
    return point.orElseThrow(() -> new IllegalStateException("The tables were never made"));
  }

  /**
   * What is to be laid over a table as it was at {@link #point}: rows of what has ended since, and
   * of the runs and attempts that are under way, whose ends are null.
   */
  public List<Row> overlay(LineageTable table) {
    Projection overlay = overlay();
    List<Row> rows = new ArrayList<>(overlay.named(table));
    List<String> columns =
        table.definition().columns().stream().map(column -> column.name()).toList();
    for (OpenRun open : openRuns) {
      boolean dead = runs.overtaken(open);
      List<Fact> facts =
          table == LineageTable.RUNS || table == LineageTable.STAGES
              ? Events.ofRun(events, open.run())
              : List.of();
      Set<String> ended = new HashSet<>();
      for (Fact fact : facts) {
        if (fact instanceof Fact.StageFinished finished) {
          ended.add(finished.stage() + "/" + finished.attempt());
        }
      }
      for (Fact fact : facts) {
        if (table == LineageTable.RUNS && fact instanceof Fact.RunStarted started) {
          RunState state = dead ? RunState.INTERRUPTED : RunState.RUNNING;
          rows.add(new Row(columns, overlay.underWay(started, state)));
        } else if (table == LineageTable.STAGES
            && fact instanceof Fact.StageStarted started
            && !ended.contains(started.stage() + "/" + started.attempt())) {
          StageState state = dead ? StageState.UNKNOWN : StageState.RUNNING;
          rows.add(new Row(columns, Projection.underWay(started, state)));
        }
      }
    }
    return rows;
  }

  private Projection overlay() {
    return new Projection(tail, run -> Events.ofRun(events, run));
  }

  /**
   * Rows of a lineage table, those of stages that ended in runs still under way among them.
   *
   * @param filters all of which a row meets
   */
  public List<Row> rows(LineageTable table, List<Filter> filters) {
    List<Row> rows = new ArrayList<>();
    // A point of an older Weir knows nothing of tables, and of facts, that came after it.
    point
        .filter(at -> at.versions().containsKey(table.tableName()))
        // A table is made without rows, and most homes have nothing to say in some.
        .filter(at -> at.version(table) > 0)
        .ifPresent(at -> rows.addAll(tables.rows(table, at, filters)));
    for (Row row : overlay().named(table)) {
      if (filters.stream().allMatch(filter -> filter.matches(row.get(filter.column())))) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** The runs that began last, the newest first. */
  public List<RunView> runs(int limit) {
    return runs.newest(limit);
  }

  /** A run by its id. */
  public Optional<RunView> run(String run) {
    return runs.find(run);
  }

  /** Where and with what a run was made, by name; nothing where there is no such run. */
  public Map<String, String> environment(String run) {
    return runs.environment(run);
  }

  /**
   * The attempts at the stages of a run, in the order in which they began; of a run under way also
   * the stages that have not begun.
   */
  public List<StageView> stages(String run) {
    return runs.stages(run);
  }

  /** The rows of a table that were put in last until {@link #point}, the newest first. */
  List<Row> newest(LineageTable table, List<String> columns, int limit) {
    return point
        .map(
            at ->
                LineageTables.derived(
                    table.tableName(),
                    () -> tables.at(table, at).newest(columns, List.of(), limit)))
        .orElse(List.of());
  }
}
