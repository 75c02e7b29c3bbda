package dev.weir.lineage;

import dev.weir.lineage.Fact.Failure;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import dev.weir.store.TableSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The runs of a home and their stages as they stood when the lineage was looked at. */
final class RunViews {
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

  private final LineageReader lineage;
  private final TableSnapshot events;
  private final List<CommittedFact> tail;
  private final List<OpenRun> openRuns;

  /**
   * @param tail what the events have said since the lineage tables were made
   */
  RunViews(
      LineageReader lineage,
      TableSnapshot events,
      List<CommittedFact> tail,
      List<OpenRun> openRuns) {
    this.lineage = lineage;
    this.events = events;
    this.tail = tail;
    this.openRuns = openRuns;
  }

  /** Those that began last, the newest first. */
  List<RunView> newest(int limit) {
    Map<String, RunView> views = new LinkedHashMap<>();
    lineage.newest(LineageTable.RUNS, RUN, limit).forEach(row -> put(views, row));
    lineage.late(LineageTable.RUNS).forEach(row -> put(views, row));
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
  Optional<RunView> find(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isPresent()) {
      return open.map(this::underWay);
    }
    Map<String, RunView> ended = new HashMap<>();
    lineage
        .rows(LineageTable.RUNS, List.of(Filter.equal("run", run)))
        .forEach(row -> put(ended, row));
    return Optional.ofNullable(ended.get(run));
  }

  /** Where and with what a run was made, by name; nothing where there is no such run. */
  Map<String, String> environment(String run) {
    if (openRuns.stream().anyMatch(open -> open.run().equals(run))) {
      return Events.ofRun(events, run).stream()
          .filter(Fact.RunStarted.class::isInstance)
          .map(fact -> ((Fact.RunStarted) fact).environment())
          .findFirst()
          .orElse(Map.of());
    }
    return lineage.rows(LineageTable.RUNS, List.of(Filter.equal("run", run))).stream()
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
  List<StageView> stages(String run) {
    Optional<OpenRun> open = openRuns.stream().filter(o -> o.run().equals(run)).findFirst();
    if (open.isEmpty()) {
      return latest(
          lineage.rows(LineageTable.STAGES, List.of(Filter.equal("run", run))).stream()
              .map(RunViews::stage)
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

  /** A run that has begun and not ended. */
  RunView underWay(OpenRun open) {
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
  boolean overtaken(OpenRun open) {
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
