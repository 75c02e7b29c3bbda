package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.lineage.LastWords;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The facts that a process which died could not say any more. */
final class Endings {
  private Endings() {}

  /** The ends of the attempts that were under way, by what is known of their process's end. */
  static List<Fact> ofAttempts(RunHistory old, Instant now) {
    return ofAttempts(old, now, null);
  }

  /**
   * The same.
   *
   * @param cancelled why they count as cancelled, or null if they don't
   */
  private static List<Fact> ofAttempts(
      RunHistory old, Instant now, Fact.@Nullable Failure cancelled) {
    Optional<LastWords> words = lastWords(old.environment());
    List<Fact> facts = new ArrayList<>();
    for (Fact.StageStarted start : old.open()) {
      Optional<LastWords> its = words.filter(said -> said.concern(start.stage(), start.attempt()));
      facts.add(
          new Fact.StageFinished(
              now,
              start.at(),
              start.pipeline(),
              start.run(),
              start.stage(),
              start.attempt(),
              start.type(),
              state(its, cancelled),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              cancelled != null
                  ? cancelled
                  : its.map(LastWords::failure).orElseGet(() -> interrupted(old)),
              null,
              null));
    }
    return facts;
  }

  private static StageState state(Optional<LastWords> words, Fact.@Nullable Failure cancelled) {
    return cancelled != null
        ? StageState.CANCELLED
        : words.isPresent() ? StageState.FAILED : StageState.INTERRUPTED;
  }

  /** What the process left behind as it ended, if it could. */
  static Optional<LastWords> lastWords(Map<String, String> environment) {
    String path = environment.get(LastWords.ENVIRONMENT_KEY);
    return path == null ? Optional.empty() : LastWords.read(Path.of(path));
  }

  /** What is known of how the process of a run ended. */
  static Fact.Failure ofProcess(RunHistory old) {
    return lastWords(old.environment()).map(LastWords::failure).orElseGet(() -> interrupted(old));
  }

  private static Fact.Failure interrupted(RunHistory old) {
    Fact.LeaseTaken holder = old.holder();
    return new Fact.Failure(
        "interrupted",
        holder == null
            ? "Its process ended without a word."
            : "Process %d on %s, which ran it, ended without a word; it was last heard of at %s."
                .formatted(holder.pid(), holder.host(), old.lastSeen()),
        "");
  }

  /**
   * The end of a run that nobody goes on with.
   *
   * @param because why, or null to say what ended its last attempts
   */
  static List<Fact> ofRun(
      RunHistory old, Instant now, RunState state, Fact.@Nullable Failure because) {
    List<Fact> facts =
        new ArrayList<>(ofAttempts(old, now, state == RunState.CANCELLED ? because : null));
    Set<String> begun = new HashSet<>(old.attempts().keySet());
    begun.addAll(old.done().keySet());
    for (String stage : old.started().stages()) {
      if (!begun.contains(stage)) {
        facts.add(
            skipped(
                old.started().pipeline(),
                old.run(),
                stage,
                "",
                now,
                "the run was interrupted before"));
      }
    }
    Fact.Failure first =
        facts.stream()
            .filter(Fact.StageFinished.class::isInstance)
            .map(fact -> ((Fact.StageFinished) fact).error())
            .findFirst()
            .orElse(null);
    facts.add(
        new Fact.RunFinished(
            now,
            old.started().at(),
            old.started().pipeline(),
            old.run(),
            state,
            because != null ? because : first));
    return facts;
  }

  /** The end of an interrupted run that nobody goes on with; it may have been asked for. */
  static List<Fact> ofInterrupted(RunHistory old, Instant now) {
    Fact.CancelRequested request = old.cancelRequest();
    return request == null
        ? ofRun(old, now, RunState.INTERRUPTED, null)
        : ofRun(old, now, RunState.CANCELLED, cancelled(request));
  }

  /** Why a run was cancelled that somebody asked to cancel. */
  static Fact.Failure cancelled(Fact.CancelRequested request) {
    return new Fact.Failure("cancel-requested", request.text(), "");
  }

  /** A stage that never began is a fact too: what the plan had and the run has not. */
  static Fact.StageFinished skipped(
      String pipeline, String run, String stage, String type, Instant now, String because) {
    return new Fact.StageFinished(
        now,
        now,
        pipeline,
        run,
        stage,
        0,
        type,
        StageState.SKIPPED,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        new Fact.Failure("skipped", "It never began, since %s.".formatted(because), ""),
        null,
        null);
  }
}
