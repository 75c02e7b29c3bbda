package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.plan.Plan;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Planner;
import dev.weir.plan.PriorWork;
import dev.weir.store.Home;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is settled of a run before it takes its lease: how it begins, what it reads, and by whom its
 * stages are decided. Without side effects.
 *
 * @param planner decides the stages that take part
 */
record Preparation(RunRequest request, Outside outside, Beginning beginning, Planner planner) {
  /**
   * What the home says now.
   *
   * @param home empty if there is none yet
   * @param past of the request's pipeline; empty if nothing was run in the home yet
   * @param abandoned whether a run that has not ended is to be taken for interrupted
   */
  static Preparation of(
      RunRequest request,
      Aside aside,
      Optional<Home> home,
      Optional<Past> past,
      Predicate<String> abandoned) {
    Map<String, Fact.OutsideFile> known = past.map(Past::files).orElse(Map.of());
    Outside outside = new Outside(request.project(), aside::hadoop, known);
    Beginning beginning = Beginning.of(request, past.map(Past::lineage), outside, abandoned);
    Planner planner =
        new Planner(
            beginning.pipeline(),
            home.orElse(null),
            past.map(Past::work).orElseGet(PriorWork::none),
            aside.fingerprints(),
            beginning.taken(),
            beginning.choice());
    return new Preparation(request, outside, beginning, planner);
  }

  /** Decides all stages that can be. */
  Plan plan(BiConsumer<PlannedStage, StageDefinition> decided) {
    RunHistory resumed = beginning.resumed();
    return planner.plan(resumed == null ? Map.of() : resumed.done(), decided);
  }

  Pipeline pipeline() {
    return beginning.pipeline();
  }

  /** The run that goes on, or null for a new one. */
  @Nullable RunHistory resumed() {
    return beginning.resumed();
  }

  /** The id of the run. */
  String run() {
    RunHistory resumed = beginning.resumed();
    return resumed == null ? request.run() : resumed.run();
  }

  /**
   * The facts that are said with the taking of the lease: what a process that died could not say,
   * and how the run begins.
   */
  List<Fact> opening(long token, Instant now, Map<String, String> environment) {
    RunHistory interrupted = beginning.interrupted();
    List<Fact> facts = new ArrayList<>();
    if (interrupted != null) {
      facts.addAll(
          beginning.resumed() == null
              ? Endings.ofInterrupted(interrupted, Instant.now())
              : Endings.ofAttempts(interrupted, Instant.now()));
    }
    facts.add(
        beginning.resumed() == null
            ? new Fact.RunStarted(
                now,
                pipeline().name(),
                run(),
                token,
                StageJson.of(request.pipeline()),
                texts(pipeline().params()),
                environment,
                pipeline().graph().order(),
                Outputs.of(pipeline()),
                beginning.taken().snapshot(),
                planner.classes(),
                beginning.choice())
            : new Fact.RunResumed(
                now,
                pipeline().name(),
                run(),
                token,
                environment,
                String.valueOf(beginning.note())));
    return facts;
  }

  private static Map<String, String> texts(Map<String, Object> params) {
    Map<String, String> texts = new LinkedHashMap<>();
    params.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return texts;
  }
}
