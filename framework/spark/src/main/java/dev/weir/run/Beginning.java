package dev.weir.run;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Published;
import dev.weir.lineage.RunView;
import dev.weir.pin.Deletions;
import dev.weir.pipeline.Concurrency;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.plan.Snapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How a run begins: as a new one, or as one that had stopped and goes on.
 *
 * @param pipeline the stages that take part
 * @param choice which of them run by force, and which are taken as they are
 * @param taken what is read from outside of the pipeline
 * @param interrupted the run of the pipeline that has not ended though nobody runs it, or null
 * @param resumed the run that goes on, or null for a new one
 * @param note what there is to say of a run that was interrupted, in a sentence, or null
 */
record Beginning(
    Pipeline pipeline,
    Fact.Choice choice,
    Snapshots.Taken taken,
    @Nullable RunHistory interrupted,
    @Nullable RunHistory resumed,
    @Nullable String note) {
  /** How often a stage's process may die before the run is no longer resumed by itself. */
  private static final int DEATHS = 3;

  /**
   * How a run begins by what the lineage says now. Whether its lease is free is not asked.
   *
   * @param lineage empty for a home that holds none
   * @param abandoned whether a run that has not ended is to be taken for interrupted
   */
  static Beginning of(
      RunRequest request,
      Optional<LineageReader> lineage,
      Outside outside,
      Predicate<String> abandoned) {
    String asked = request.resumes();
    if (asked != null) {
      RunHistory old = history(lineage, asked);
      boolean beside =
          lineage.isPresent() && lineage.get().beside(request.pipeline().name(), asked);
      Optional<RunHistory> open =
          beside
              ? Optional.of(old).filter(run -> run.ended() == null)
              : lineage.flatMap(reader -> open(request.pipeline(), reader, abandoned));
      Optional<String> lost = lost(old, lineage.map(Deletions::of).orElseGet(Deletions::none));
      if (lost.isPresent() && !old.succeeded()) {
        throw WeirException.user(
            "run-expired",
            "Run %s can't go on: %s.".formatted(asked, lost.get()),
            "Begin a new run, which makes again what is gone: ./weir run %s."
                .formatted(old.started().pipeline()));
      }
      return resume(request, asked, old, open);
    }
    // A run that goes on beside others can't tell which of them are alive.
    Optional<RunHistory> open =
        request.pipeline().concurrency() == Concurrency.ALLOW
            ? Optional.empty()
            : lineage.flatMap(reader -> open(request.pipeline(), reader, abandoned));
    Selection.Selected selected = request.selection().of(request.pipeline());
    Fact.Snapshot given = request.given();
    Snapshots.Taken taken =
        given == null
            ? Snapshots.take(
                selected.pipeline(), lineage.map(Published::of).orElseGet(Published::none), outside)
            : Snapshots.given(selected.pipeline(), given, outside);
    Deletions deletions = lineage.map(Deletions::of).orElseGet(Deletions::none);
    if (open.isEmpty()) {
      requireThere(taken.snapshot(), deletions);
      return new Beginning(selected.pipeline(), selected.choice(), taken, null, null, null);
    }
    RunHistory old = open.get();
    Optional<String> against =
        against(request, selected, taken, old).or(() -> lost(old, deletions));
    if (against.isPresent()) {
      requireThere(taken.snapshot(), deletions);
      String note =
          "Run %s was interrupted. It is not resumed, since %s."
              .formatted(old.run(), against.get());
      return new Beginning(selected.pipeline(), selected.choice(), taken, old, null, note);
    }
    return new Beginning(
        selected.pipeline(),
        old.started().choice(),
        new Snapshots.Taken(old.started().snapshot(), Map.of()),
        old,
        old,
        "Resumes run %s, which was interrupted: %s.".formatted(old.run(), whereabouts(old)));
  }

  /** What the run reads by a version of its own choice must not have been given up. */
  private static void requireThere(Fact.Snapshot snapshot, Deletions deletions) {
    for (Fact.DatasetWritten dataset : snapshot.datasets().values()) {
      Optional<Deletions.Deletion> deletion = deletions.of(dataset);
      if (deletion.isPresent()) {
        throw WeirException.user(
            "input-deleted",
            "The files of %s, which the pipeline reads, %s."
                .formatted(dataset.reference(), deletion.get().text()),
            "Name a version that is there, or none for the latest; ./weir pins lists what stays.");
      }
    }
  }

  /** What of a run's data has been deleted since, in words, if anything. */
  private static Optional<String> lost(RunHistory old, Deletions deletions) {
    List<Fact.DatasetWritten> needed =
        new ArrayList<>(old.started().snapshot().datasets().values());
    old.done().values().forEach(stage -> needed.addAll(stage.datasets()));
    for (Fact.DatasetWritten dataset : needed) {
      Optional<Deletions.Deletion> deletion = deletions.of(dataset);
      if (deletion.isPresent()) {
        return Optional.of(
            "the files of %s %s".formatted(dataset.reference(), deletion.get().text()));
      }
    }
    return Optional.empty();
  }

  private static Optional<RunHistory> open(
      Pipeline pipeline, LineageReader lineage, Predicate<String> abandoned) {
    List<String> open =
        lineage.openRuns(pipeline.name()).stream()
            .filter(run -> !lineage.beside(pipeline.name(), run) && abandoned.test(run))
            .toList();
    return open.isEmpty()
        ? Optional.empty()
        : RunHistory.of(lineage.facts(open.get(open.size() - 1)));
  }

  private static RunHistory history(Optional<LineageReader> lineage, String run) {
    return lineage
        .flatMap(reader -> RunHistory.of(reader.facts(run)))
        .orElseThrow(
            () ->
                WeirException.user(
                    "unknown-run",
                    "There is no run '%s'%s"
                        .formatted(
                            run,
                            Nearest.ending(
                                run,
                                lineage
                                    .map(reader -> reader.runs(Integer.MAX_VALUE))
                                    .orElse(List.of())
                                    .stream()
                                    .map(RunView::run)
                                    .toList())),
                    "See ./weir runs."));
  }

  /** Who ran it, and that this is over; it may be gone, or asleep. */
  private static String whereabouts(RunHistory old) {
    Fact.LeaseTaken holder = old.holder();
    return holder == null
        ? "nothing is heard of its process any more"
        : "nothing is heard of process %d on %s any more".formatted(holder.pid(), holder.host());
  }

  // --- A run that goes on because it was asked to

  private static Beginning resume(
      RunRequest request, String asked, RunHistory old, Optional<RunHistory> open) {
    Fact.RunStarted started = old.started();
    if (!started.pipeline().equals(request.pipeline().name())) {
      throw WeirException.user(
          "another-pipeline",
          "Run %s is one of the pipeline %s, not of %s."
              .formatted(asked, started.pipeline(), request.pipeline().name()),
          "See ./weir runs.");
    }
    if (old.succeeded()) {
      throw WeirException.user(
          "nothing-to-resume",
          "Run %s has succeeded: there is nothing left of it to do.".formatted(asked),
          "A new run is made by ./weir run %s.".formatted(started.pipeline()));
    }
    if (open.isPresent() && !open.get().run().equals(asked)) {
      throw WeirException.user(
          "newer-run",
          "Run %s of the pipeline %s began after run %s, and has not ended."
              .formatted(open.get().run(), started.pipeline(), asked),
          "Resume that one first: ./weir resume %s.".formatted(open.get().run()));
    }
    requireSameWork(request.pipeline(), old);
    Pipeline part = Selection.part(request.pipeline(), Set.copyOf(started.stages()));
    return new Beginning(
        part,
        started.choice(),
        new Snapshots.Taken(started.snapshot(), Map.of()),
        open.orElse(null),
        old,
        "Resumes run %s, which %s."
            .formatted(
                old.run(),
                old.ended() == null
                    ? "was interrupted: " + whereabouts(old)
                    : "had ended as " + old.ended().state()));
  }

  /** What the run has finished must be what the pipeline would do; the rest may have changed. */
  private static void requireSameWork(Pipeline pipeline, RunHistory old) {
    Map<String, StageDefinition> now = new HashMap<>();
    pipeline.stages().forEach(stage -> now.put(stage.name(), stage));
    for (String name : old.started().stages()) {
      StageDefinition definition = now.get(name);
      boolean done = old.done().containsKey(name);
      if (definition == null) {
        throw changed(old, "stage '%s' is no longer in the pipeline".formatted(name));
      }
      Fact.StageFinished end = old.done().get(name);
      if (done && end != null && !end.type().equals(definition.stage().getClass().getName())) {
        throw changed(old, "stage '%s', which it has finished, is another now".formatted(name));
      }
      String config = old.configs().get(name);
      if (done && config != null && !config.equals(StageJson.of(definition.stage()))) {
        throw changed(
            old,
            "the configuration of stage '%s', which it has finished, has changed".formatted(name));
      }
    }
  }

  private static WeirException changed(RunHistory old, String what) {
    return WeirException.user(
        "pipeline-changed",
        "Run %s can't go on: %s.".formatted(old.run(), what),
        "Begin a new run, which uses again what is the same: ./weir run %s."
            .formatted(old.started().pipeline()));
  }

  // --- A run that goes on because it was interrupted

  /** Why the interrupted run is not what is asked for now, or empty if it is. */
  private static Optional<String> against(
      RunRequest request, Selection.Selected selected, Snapshots.Taken taken, RunHistory old) {
    if (old.cancelRequest() != null) {
      return Optional.of(old.cancelRequest().by() + " asked for it to be cancelled");
    }
    if (request.selection().fresh()) {
      return Optional.of("a fresh one was asked for");
    }
    Fact.RunStarted started = old.started();
    if (!started.choice().equals(selected.choice())
        || !Set.copyOf(started.stages()).equals(names(selected.pipeline()))) {
      return Optional.of("other stages were asked for");
    }
    Map<String, String> params = new HashMap<>();
    request.pipeline().params().forEach((name, value) -> params.put(name, String.valueOf(value)));
    for (String name : params.keySet()) {
      if (!Objects.equals(params.get(name), started.params().get(name))) {
        return Optional.of(
            "parameter %s was %s in it and is %s"
                .formatted(name, started.params().get(name), params.get(name)));
      }
    }
    if (!started.definition().equals(StageJson.of(request.pipeline()))) {
      return Optional.of("the pipeline has changed since");
    }
    for (String stage : old.unfinished()) {
      List<Fact.OutsideFile> was = started.snapshot().sources().get(stage);
      List<Fact.OutsideFile> is = taken.snapshot().sources().get(stage);
      if (was != null && !was.equals(is)) {
        return Optional.of("what stage %s reads from outside has changed since".formatted(stage));
      }
    }
    return Optional.empty();
  }

  private static Set<String> names(Pipeline pipeline) {
    return Set.copyOf(pipeline.stages().stream().map(StageDefinition::name).toList());
  }

  /**
   * The stage that was under way each time that the run's process died, if it has died so often
   * that it should not be tried again by itself.
   */
  Optional<Fact.StageStarted> hopeless(RunRequest request) {
    RunHistory old = resumed;
    if (old == null || request.resumes() != null) {
      return Optional.empty();
    }
    Map<String, Integer> allowed = new HashMap<>();
    pipeline
        .stages()
        .forEach(stage -> allowed.put(stage.name(), Math.max(DEATHS, stage.retry().attempts())));
    return old.open().stream()
        .filter(start -> old.deaths(start.stage()) >= allowed.getOrDefault(start.stage(), DEATHS))
        .findFirst();
  }

  /** When the run began, whichever process began it. */
  Instant startedAt(Instant now) {
    return resumed == null ? now : resumed.started().at();
  }
}
