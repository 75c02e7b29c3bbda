package dev.weir.lineage;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact.Failure;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableFiles;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the lineage of a home says at one moment: the lineage tables at their last common point, and
 * laid over them what the events have said since. Reads only, and no more than it is asked for.
 */
public final class LineageReader {
  private static final List<String> RUN =
      List.of(
          "run",
          "pipeline",
          "state",
          "started_at",
          "finished_at",
          "started_by",
          "error_code",
          "error_message",
          "error_exception");

  private static final String RUN_STARTED = Facts.kind(Fact.RunStarted.class);

  private static final String DEEDS = "weir/deeds";

  private static final String ALERTS = "weir/alerts";

  private final Events table;
  private final LineageTables tables;
  private final TableSnapshot events;
  private final Optional<LineageSnapshot> point;
  private final List<CommittedFact> tail;
  private final List<OpenRun> openRuns;

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
  }

  /** Looks at the lineage as it is now. */
  public static LineageReader open(Events events) {
    LineageTables tables = LineageTables.of(events);
    CompletableFuture<Optional<Progress>> reading = inBackground(tables::progress);
    return open(events, tables, reading, events.table().latest());
  }

  /** Looks at the lineage of a home as it is now, if anything was ever done in it. */
  public static Optional<LineageReader> existing(Home home) {
    Events events = Events.of(home);
    LineageTables tables = LineageTables.of(events);
    // The two take the same time, of which most is to load the classes of one kind of file.
    CompletableFuture<Optional<Progress>> reading = inBackground(tables::progress);
    return events.table().find().map(latest -> open(events, tables, reading, latest));
  }

  private static <T> CompletableFuture<T> inBackground(Supplier<T> work) {
    return CompletableFuture.supplyAsync(
        work,
        task -> {
          Thread thread = new Thread(task, "weir-progress");
          thread.setDaemon(true);
          thread.start();
        });
  }

  private static LineageReader open(
      Events events,
      LineageTables tables,
      CompletableFuture<Optional<Progress>> reading,
      TableSnapshot seen) {
    Optional<Progress> progress;
    try {
      progress = reading.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
    TableSnapshot latest = seen;
    if (progress.isPresent() && progress.get().eventsVersion() > seen.version()) {
      // Somebody brought the tables up to date between the two looks.
      latest = events.table().latest();
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
    return openRuns.stream().map(this::underWay).toList();
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
      boolean dead = overtaken(open);
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
    Map<String, RunView> views = new LinkedHashMap<>();
    if (point.isPresent()) {
      TableSnapshot runs = tables.at(LineageTable.RUNS, point.get());
      LineageTables.derived(LineageTable.RUNS.tableName(), () -> runs.newest(RUN, List.of(), limit))
          .forEach(row -> put(views, row));
    }
    overlay().named(LineageTable.RUNS).forEach(row -> put(views, row));
    openRuns.forEach(open -> views.put(open.run(), underWay(open)));
    return views.values().stream()
        .sorted(Comparator.comparing(RunView::startedAt).reversed().thenComparing(RunView::run))
        .limit(limit)
        .toList();
  }

  /** A run that was resumed has a row for each time it ended; the last is how it stands. */
  private static void put(Map<String, RunView> views, Row row) {
    RunView view = ended(row);
    views.merge(
        view.run(),
        view,
        (a, b) ->
            Objects.requireNonNull(a.finishedAt()).isAfter(Objects.requireNonNull(b.finishedAt()))
                ? a
                : b);
  }

  /** A run by its id. */
  public Optional<RunView> run(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isPresent()) {
      return open.map(this::underWay);
    }
    Map<String, RunView> ended = new HashMap<>();
    rows(LineageTable.RUNS, List.of(Filter.equal("run", run))).forEach(row -> put(ended, row));
    return Optional.ofNullable(ended.get(run));
  }

  /** Where and with what a run was made, by name; nothing where there is no such run. */
  public Map<String, String> environment(String run) {
    if (openRuns.stream().anyMatch(open -> open.run().equals(run))) {
      return Events.ofRun(events, run).stream()
          .filter(Fact.RunStarted.class::isInstance)
          .map(fact -> ((Fact.RunStarted) fact).environment())
          .findFirst()
          .orElse(Map.of());
    }
    return rows(LineageTable.RUNS, List.of(Filter.equal("run", run))).stream()
        .map(row -> row.text("environment"))
        .filter(Objects::nonNull)
        .map(Projection::environment)
        .findFirst()
        .orElse(Map.of());
  }

  /**
   * The attempts at the stages of a run, in the order in which they began; of a run under way also
   * the stages that have not begun.
   */
  public List<StageView> stages(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isEmpty()) {
      return latest(
          rows(LineageTable.STAGES, List.of(Filter.equal("run", run))).stream()
              .map(LineageReader::stage)
              .sorted(byStart())
              .toList());
    }
    StageState unended = overtaken(open.get()) ? StageState.UNKNOWN : StageState.RUNNING;
    List<Fact> facts = Events.ofRun(events, run);
    Map<String, StageView> attempts = new LinkedHashMap<>();
    List<String> planned = new ArrayList<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.RunStarted started) {
        planned.addAll(started.stages());
      } else if (fact instanceof Fact.StageStarted started) {
        attempts.putIfAbsent(
            started.stage() + "/" + started.attempt(),
            new StageView(
                run,
                started.stage(),
                started.attempt(),
                unended,
                started.type(),
                started.at(),
                null,
                null,
                null));
      } else if (fact instanceof Fact.StageFinished finished) {
        attempts.put(
            finished.stage() + "/" + finished.attempt(),
            new StageView(
                run,
                finished.stage(),
                finished.attempt(),
                finished.state(),
                finished.type(),
                finished.startedAt(),
                finished.at(),
                finished.error(),
                finished.reused() == null ? null : finished.reused().run()));
      }
    }
    List<StageView> views = new ArrayList<>(attempts.values());
    // What an earlier end of the run skipped is to be done now.
    views.removeIf(view -> view.state() == StageState.SKIPPED);
    views.sort(byStart());
    Set<String> begun = new HashSet<>();
    views.forEach(view -> begun.add(view.stage()));
    for (String stage : planned) {
      if (!begun.contains(stage)) {
        views.add(new StageView(run, stage, 0, StageState.PENDING, null, null, null, null, null));
      }
    }
    return views;
  }

  /** Without what an earlier end of the run said of stages that it never came to. */
  private static List<StageView> latest(List<StageView> views) {
    Map<String, StageView> last = new HashMap<>();
    views.forEach(view -> last.put(view.stage(), view));
    return views.stream()
        .filter(view -> view.state() != StageState.SKIPPED || view.equals(last.get(view.stage())))
        .toList();
  }

  private static Comparator<StageView> byStart() {
    return Comparator.comparing(
            StageView::startedAt, Comparator.nullsLast(Comparator.<Instant>naturalOrder()))
        .thenComparing(StageView::stage)
        .thenComparing(StageView::attempt);
  }

  private RunView underWay(OpenRun open) {
    Instant lastSeen =
        tail.stream()
            .map(CommittedFact::fact)
            .filter(fact -> fact.run().equals(open.run()))
            // What others ask of it, and tell of it, is no sign of its life.
            .filter(fact -> !(fact instanceof Fact.CancelRequested || fact instanceof Fact.Alert))
            .map(Fact::at)
            .max(Comparator.naturalOrder())
            .orElse(null);
    return new RunView(
        open.run(),
        open.pipeline(),
        overtaken(open) ? RunState.INTERRUPTED : RunState.RUNNING,
        open.startedAt(),
        null,
        open.startedBy(),
        lastSeen,
        null);
  }

  /**
   * Whether the lease that the run was under is another's by now, or nobody's, or its process on
   * this machine is gone.
   */
  private boolean overtaken(OpenRun open) {
    OptionalLong lease = Lease.last(events, open.pipeline(), open.run());
    return (lease.isPresent() && lease.getAsLong() >= Lease.released(open.token()))
        || open.abandoned(Holder.current().host());
  }

  private static RunView ended(Row row) {
    return new RunView(
        row.string("run"),
        row.string("pipeline"),
        RunState.valueOf(row.string("state")),
        Objects.requireNonNull(row.instant("started_at")),
        row.instant("finished_at"),
        row.text("started_by"),
        null,
        error(row));
  }

  private static StageView stage(Row row) {
    return new StageView(
        row.string("run"),
        row.string("stage"),
        row.integer("attempt"),
        StageState.valueOf(row.string("state")),
        row.text("type"),
        row.instant("started_at"),
        row.instant("finished_at"),
        error(row),
        row.text("reused_run"));
  }

  private static @Nullable Failure error(Row row) {
    String code = row.text("error_code");
    return code == null
        ? null
        : new Failure(code, row.string("error_message"), row.string("error_exception"));
  }
}
