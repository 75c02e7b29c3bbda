package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.lineage.Fact.CancelRequested;
import dev.weir.lineage.Fact.LeaseTaken;
import dev.weir.lineage.Fact.RunFinished;
import dev.weir.lineage.LastWords;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.StageJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run has done so far, from its facts.
 *
 * @param started how it began
 * @param tokens the numbers of all leases that it was under
 * @param holder the last taking of its lease, if known
 * @param environment where and with what it ran last
 * @param done the stages whose results are published, by name
 * @param attempts how many attempts at each stage have begun
 * @param deaths how many attempts at each stage ended with their process, those that have had their
 *     end said for them
 * @param configs the configuration of each stage at its last attempt, as JSON
 * @param works what each stage was about to do in all its attempts, by the digest of the work
 * @param open attempts that have begun and not ended
 * @param registered the model versions that it registered
 * @param ended how it ended, or null if it has not
 * @param cancelRequest the wish that it be cancelled, if nobody has acted upon it yet; or null
 * @param lastSeen the time of the last fact of its own
 */
record RunHistory(
    Fact.RunStarted started,
    List<Long> tokens,
    @Nullable LeaseTaken holder,
    Map<String, String> environment,
    Map<String, Fact.StageFinished> done,
    Map<String, Integer> attempts,
    Map<String, Integer> deaths,
    Map<String, String> configs,
    Map<String, Set<String>> works,
    List<Fact.StageStarted> open,
    List<Fact.ModelRegistered> registered,
    @Nullable RunFinished ended,
    @Nullable CancelRequested cancelRequest,
    Instant lastSeen) {
  RunHistory {
    tokens = List.copyOf(tokens);
    environment = Map.copyOf(environment);
    done = Map.copyOf(done);
    attempts = Map.copyOf(attempts);
    deaths = Map.copyOf(deaths);
    configs = Map.copyOf(configs);
    works = Map.copyOf(works);
    open = List.copyOf(open);
    registered = List.copyOf(registered);
  }

  /**
   * The history of a run, or empty if the facts don't say how it began.
   *
   * @param facts all facts of one run, by time
   */
  static Optional<RunHistory> of(List<Fact> facts) {
    Fact.RunStarted started = null;
    Fact.LeaseTaken holder = null;
    Fact.RunFinished ended = null;
    Fact.CancelRequested cancelRequest = null;
    Map<String, String> environment = Map.of();
    List<Long> tokens = new ArrayList<>();
    Map<String, Fact.StageFinished> done = new LinkedHashMap<>();
    Map<String, Integer> attempts = new HashMap<>();
    Map<String, Integer> deaths = new HashMap<>();
    Map<String, String> configs = new HashMap<>();
    Map<String, Set<String>> works = new HashMap<>();
    Map<String, Fact.StageStarted> begun = new LinkedHashMap<>();
    Set<String> over = new HashSet<>();
    List<Fact.ModelRegistered> registered = new ArrayList<>();
    Instant lastSeen = Instant.EPOCH;
    for (Fact fact : facts) {
      if (fact instanceof Fact.CancelRequested request) {
        cancelRequest = request;
        continue;
      }
      if (fact instanceof Fact.Alert) {
        continue; // What people are told of it is no sign of its life.
      }
      lastSeen = fact.at().isAfter(lastSeen) ? fact.at() : lastSeen;
      if (fact instanceof Fact.LeaseTaken taken) {
        holder = holder == null || taken.token() > holder.token() ? taken : holder;
      } else if (fact instanceof Fact.RunStarted start) {
        started = start;
        environment = tokens.isEmpty() ? start.environment() : environment;
        tokens.add(start.token());
      } else if (fact instanceof Fact.RunResumed resumed) {
        environment = resumed.environment();
        tokens.add(resumed.token());
        ended = null;
        cancelRequest = null;
      } else if (fact instanceof Fact.StageStarted start) {
        begun.put(start.stage() + "/" + start.attempt(), start);
        configs.put(start.stage(), start.config());
        attempts.merge(start.stage(), start.attempt(), Math::max);
        works
            .computeIfAbsent(start.stage(), stage -> new TreeSet<>())
            .add(start.work() == null ? "" : start.work());
      } else if (fact instanceof Fact.StageFinished end) {
        over.add(end.stage() + "/" + end.attempt());
        if (end.attempt() > 0) {
          attempts.merge(end.stage(), end.attempt(), Math::max);
        }
        Fact.Failure error = end.error();
        if (end.state() == StageState.INTERRUPTED
            || (error != null && error.code().equals(LastWords.CODE))) {
          deaths.merge(end.stage(), 1, Integer::sum);
        }
        if (end.state().published()) {
          done.put(end.stage(), end);
        }
      } else if (fact instanceof Fact.ModelRegistered model) {
        registered.add(model);
      } else if (fact instanceof Fact.RunFinished finished) {
        ended = finished;
        cancelRequest = null;
      }
    }
    if (started == null) {
      return Optional.empty();
    }
    if (ended == null) {
      Fact.StageStarted unsaid = unsaid(started, environment, attempts);
      if (unsaid != null) {
        begun.put(unsaid.stage() + "/" + unsaid.attempt(), unsaid);
        attempts.put(unsaid.stage(), unsaid.attempt());
      }
    }
    begun.keySet().removeAll(over);
    return Optional.of(
        new RunHistory(
            started,
            tokens,
            holder,
            environment,
            done,
            attempts,
            deaths,
            configs,
            works,
            List.copyOf(begun.values()),
            registered,
            ended,
            cancelRequest,
            lastSeen));
  }

  /**
   * An attempt that a process without memory names among its last words, and whose beginning it
   * could not make durable any more; so there is nothing that it can have committed.
   */
  private static Fact.@Nullable StageStarted unsaid(
      Fact.RunStarted started, Map<String, String> environment, Map<String, Integer> attempts) {
    LastWords words = Endings.lastWords(environment).orElse(null);
    String stage = words == null ? null : words.stage();
    if (words == null
        || stage == null
        || !started.stages().contains(stage)
        || words.attempt() <= attempts.getOrDefault(stage, 0)) {
      return null;
    }
    return new Fact.StageStarted(
        words.at(),
        started.pipeline(),
        started.run(),
        stage,
        words.attempt(),
        StageJson.type(started.definition(), stage).orElse(""),
        "{}",
        null,
        null);
  }

  String run() {
    return started.run();
  }

  /** Whether it has ended, and there is nothing left to do. */
  boolean succeeded() {
    return ended != null && ended.state() == RunState.SUCCEEDED;
  }

  /** How often the run's process has died in a stage, a death that nobody has told of included. */
  int deaths(String stage) {
    boolean untold = open.stream().anyMatch(start -> start.stage().equals(stage));
    return deaths.getOrDefault(stage, 0) + (untold ? 1 : 0);
  }

  /** The stages of its plan that have not published their results. */
  Set<String> unfinished() {
    Set<String> names = new TreeSet<>(started.stages());
    names.removeAll(done.keySet());
    return names;
  }

  /**
   * The numbers of earlier leases under which a stage may have committed what it is about to do
   * now: none if any attempt at it was about to do something else.
   */
  List<Long> adoptable(String stage, @Nullable String work) {
    return work != null && works.getOrDefault(stage, Set.of()).equals(Set.of(work))
        ? tokens
        : List.of();
  }
}
