package dev.weir.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a run would do.
 *
 * @param stages in the order in which they can run
 */
public record Plan(String pipeline, List<PlannedStage> stages) {
  public Plan {
    Objects.requireNonNull(pipeline);
    stages = List.copyOf(stages);
  }

  /** Whether any stage runs, or may. */
  public boolean hasWork() {
    return stages.stream().anyMatch(stage -> stage.verdict() != Verdict.REUSE);
  }

  /** How many stages have a verdict. */
  public int count(Verdict verdict) {
    return (int) stages.stream().filter(stage -> stage.verdict() == verdict).count();
  }

  /** The stages by name, in the same order. */
  public Map<String, PlannedStage> byName() {
    Map<String, PlannedStage> byName = new LinkedHashMap<>();
    stages.forEach(stage -> byName.put(stage.stage(), stage));
    return byName;
  }
}
