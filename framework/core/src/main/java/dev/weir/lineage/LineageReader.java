package dev.weir.lineage;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact.Failure;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import dev.weir.store.TableSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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

  private final LineageTables tables;
  private final TableSnapshot events;
  private final Optional<LineageSnapshot> point;
  private final List<CommittedFact> tail;
  private final List<OpenRun> openRuns;

  private LineageReader(
      LineageTables tables,
      TableSnapshot events,
      Optional<Progress> progress,
      List<CommittedFact> tail) {
    this.tables = tables;
    this.events = events;
    this.point = progress.map(Progress::snapshot);
    this.tail = tail;
    this.openRuns = Progress.openRuns(progress.map(Progress::openRuns).orElse(List.of()), tail);
  }

  /** Looks at the lineage as it is now. */
  public static LineageReader open(Events events) {
    LineageTables tables = LineageTables.of(events);
    Optional<Progress> progress = tables.progress();
    TableSnapshot latest = events.table().latest();
    long after = progress.map(Progress::eventsVersion).orElse(-1L);
    if (after > latest.version()) {
      throw LineageTables.ahead(after, latest.version());
    }
    try {
      return new LineageReader(tables, latest, progress, events.between(after, latest.version()));
    } catch (WeirException e) {
      if (!e.code().equals("log-expired")) {
        throw e;
      }
      // Nobody has looked for so long that the commits since are no longer told apart.
      tables.update();
      return open(events);
    }
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
    point.ifPresent(at -> rows.addAll(tables.rows(table, at, filters)));
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
          .forEach(row -> views.put(row.string("run"), ended(row)));
    }
    overlay().named(LineageTable.RUNS).forEach(row -> views.put(row.string("run"), ended(row)));
    openRuns.forEach(open -> views.put(open.run(), underWay(open)));
    return views.values().stream()
        .sorted(Comparator.comparing(RunView::startedAt).reversed().thenComparing(RunView::run))
        .limit(limit)
        .toList();
  }

  /** A run by its id. */
  public Optional<RunView> run(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isPresent()) {
      return open.map(this::underWay);
    }
    Optional<Row> late =
        overlay().named(LineageTable.RUNS).stream()
            .filter(row -> row.string("run").equals(run))
            .findFirst();
    if (late.isPresent()) {
      return late.map(LineageReader::ended);
    }
    return point.flatMap(
        at ->
            tables.rows(LineageTable.RUNS, at, List.of(Filter.equal("run", run))).stream()
                .map(LineageReader::ended)
                .findFirst());
  }

  /**
   * The attempts at the stages of a run, in the order in which they began; of a run under way also
   * the stages that have not begun.
   */
  public List<StageView> stages(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isEmpty()) {
      return rows(LineageTable.STAGES, List.of(Filter.equal("run", run))).stream()
          .map(LineageReader::stage)
          .sorted(byStart())
          .toList();
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
                finished.error()));
      }
    }
    List<StageView> views = new ArrayList<>(attempts.values());
    views.sort(byStart());
    for (String stage : planned) {
      if (views.stream().noneMatch(view -> view.stage().equals(stage))) {
        views.add(new StageView(run, stage, 0, StageState.PENDING, null, null, null, null));
      }
    }
    return views;
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

  /** Whether the lease that the run was under is another's by now, or nobody's. */
  private boolean overtaken(OpenRun open) {
    OptionalLong lease = events.transactionVersion(Lease.key(open.pipeline()));
    return lease.isPresent() && lease.getAsLong() >= Lease.released(open.token());
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
        error(row));
  }

  private static @Nullable Failure error(Row row) {
    String code = row.text("error_code");
    return code == null
        ? null
        : new Failure(code, row.string("error_message"), row.string("error_exception"));
  }
}
