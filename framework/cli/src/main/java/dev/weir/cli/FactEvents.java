package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.run.RunEvent;
import dev.weir.run.RunResult;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells of a run that another process makes as that process would, from the run's facts. */
final class FactEvents {
  private final URI home;
  private final Map<String, Fact.StageFinished> ended = new LinkedHashMap<>();
  private final List<Fact.ModelRegistered> registered = new ArrayList<>();
  private String run = "";
  private String pipeline = "";
  private @Nullable String log;
  private Instant startedAt = Instant.EPOCH;
  private Instant lastAt = Instant.EPOCH;
  private Fact.@Nullable RunFinished finished;

  FactEvents(URI home) {
    this.home = home;
  }

  /** What a fact says, if it is anything that is shown; facts come in order. */
  Optional<RunEvent> of(Fact fact) {
    if (fact instanceof Fact.Alert) {
      return Optional.empty(); // Told of the run, not by it.
    }
    lastAt = fact.at().isAfter(lastAt) ? fact.at() : lastAt;
    if (fact instanceof Fact.RunStarted started) {
      run = started.run();
      pipeline = started.pipeline();
      log = started.environment().get("log");
      startedAt = started.at();
      return Optional.of(
          new RunEvent.Began(started.at(), run, pipeline, home, log, started.stages(), null));
    }
    if (fact instanceof Fact.RunResumed resumed) {
      finished = null;
      log = resumed.environment().get("log");
      return Optional.of(new RunEvent.Resumed(resumed.at(), log, resumed.reason()));
    }
    if (fact instanceof Fact.CancelRequested request) {
      return Optional.of(new RunEvent.CancelAsked(request.at(), request.text()));
    }
    if (fact instanceof Fact.StageStarted started) {
      return Optional.of(new RunEvent.StageBegan(started.at(), started.stage(), started.attempt()));
    }
    if (fact instanceof Fact.ModelRegistered model) {
      registered.add(model);
    } else if (fact instanceof Fact.StageFinished stage) {
      ended.put(stage.stage(), stage);
      Fact.Reused reused = stage.reused();
      if (reused != null) {
        return Optional.of(
            new RunEvent.StageReused(
                stage.at(), "the same as in run " + reused.run(), stage, List.of()));
      }
      return Optional.of(
          new RunEvent.StageEnded(
              stage.at(),
              stage,
              registered.stream()
                  .filter(model -> model.stage().equals(stage.stage()))
                  .filter(model -> model.attempt() == stage.attempt())
                  .toList()));
    } else if (fact instanceof Fact.RunFinished end) {
      finished = end;
    }
    return Optional.empty();
  }

  /**
   * What the run came to.
   *
   * @param holder who ran it, for one that ended without a word
   */
  RunResult result(RunState state, @Nullable Holder holder) {
    Fact.RunFinished end = finished;
    return new RunResult(
        run,
        pipeline,
        state,
        startedAt,
        end == null ? lastAt : end.at(),
        ended.values().stream().filter(stage -> stage.state() != StageState.SKIPPED).toList(),
        ended.values().stream()
            .filter(stage -> stage.state() == StageState.SKIPPED)
            .map(Fact.StageFinished::stage)
            .toList(),
        registered,
        end == null ? interrupted(holder) : end.error(),
        null,
        log);
  }

  private static Fact.Failure interrupted(@Nullable Holder holder) {
    return new Fact.Failure(
        "interrupted",
        holder == null
            ? "Its driver ended without a word."
            : "Its driver, process %d on host %s, ended without a word."
                .formatted(holder.pid(), holder.host()),
        "");
  }
}
