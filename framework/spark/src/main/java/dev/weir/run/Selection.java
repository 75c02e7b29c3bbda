package dev.weir.run;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageDefinition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which stages of a pipeline are asked for.
 *
 * @param fresh whether all of them run, whatever was made before
 * @param from the stage that runs with all that follow it, or null
 * @param only the one stage that runs, or null
 * @param also more stages that run with all that follow them; none without {@code from}
 * @param since the stage of which what it reads is taken as it is, and which runs with all that
 *     follow it if that was not done before; or null
 */
public record Selection(
    boolean fresh,
    @Nullable String from,
    @Nullable String only,
    List<String> also,
    @Nullable String since) {
  /** All stages; those whose work was done before are used again. */
  public static final Selection ALL = new Selection(false, null, null);

  /** All stages, whatever was made before. */
  public static final Selection FRESH = new Selection(true, null, null);

  public Selection {
    also = List.copyOf(also);
    if (from != null && only != null) {
      throw WeirException.user(
          "from-and-only",
          "--from %s and --only %s are two choices.".formatted(from, only),
          "Give one of them.");
    }
  }

  /** All stages, or one of them with what follows it, or one alone. */
  public Selection(boolean fresh, @Nullable String from, @Nullable String only) {
    this(fresh, from, only, List.of(), null);
  }

  /** Stages that run with all that follow them. */
  public static Selection from(List<String> stages) {
    return new Selection(false, stages.get(0), null, stages.subList(1, stages.size()), null);
  }

  /** A stage and all that follow it, as far as their work was not done before. */
  public static Selection since(String stage) {
    return new Selection(false, null, null, List.of(), stage);
  }

  /** Whether the whole pipeline is asked for. */
  boolean whole() {
    return from == null && only == null && since == null;
  }

  /** What that means for a pipeline. */
  Selected of(Pipeline pipeline) {
    Graph graph = pipeline.graph();
    if (whole()) {
      return new Selected(pipeline, new Fact.Choice(fresh ? graph.order() : List.of(), List.of()));
    }
    Set<String> asked = new LinkedHashSet<>();
    asked.add(from != null ? from : only != null ? only : Objects.requireNonNull(since));
    asked.addAll(also);
    for (String first : asked) {
      if (!graph.dependencies().containsKey(first)) {
        throw WeirException.user(
            "unknown-stage",
            "There is no stage '%s' in the pipeline %s%s"
                .formatted(first, pipeline.name(), Nearest.ending(first, graph.order())),
            "It has " + String.join(", ", graph.order()) + ".");
      }
    }
    if (only == null) {
      Deque<String> open = new ArrayDeque<>(asked);
      while (!open.isEmpty()) {
        graph.dependents().getOrDefault(open.remove(), Set.of()).stream()
            .filter(asked::add)
            .forEach(open::add);
      }
    }
    Set<String> taken = new LinkedHashSet<>();
    asked.forEach(stage -> taken.addAll(graph.dependencies().getOrDefault(stage, Set.of())));
    taken.removeAll(asked);
    Set<String> planned = new LinkedHashSet<>(asked);
    planned.addAll(taken);
    return new Selected(
        part(pipeline, planned),
        new Fact.Choice(since == null ? List.copyOf(asked) : List.of(), List.copyOf(taken)));
  }

  /**
   * What a selection comes to.
   *
   * @param pipeline the stages that take part
   * @param choice which of them run by force, and of which the last result is taken as it is
   */
  record Selected(Pipeline pipeline, Fact.Choice choice) {}

  /** A pipeline of some of a pipeline's stages. */
  static Pipeline part(Pipeline pipeline, Collection<String> stages) {
    List<StageDefinition> part = new ArrayList<>();
    for (StageDefinition definition : pipeline.stages()) {
      if (stages.contains(definition.name())) {
        Set<String> after = new LinkedHashSet<>(definition.after());
        after.retainAll(stages);
        part.add(
            new StageDefinition(
                definition.name(),
                definition.stage(),
                after,
                definition.retry(),
                definition.timeout(),
                definition.cache()));
      }
    }
    return new Pipeline(pipeline.name(), pipeline.params(), part, pipeline.concurrency());
  }
}
