package dev.weir.run;

import dev.weir.pipeline.Graph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which stages can begin: those for which all that they wait for has succeeded. One thread's. */
final class Schedule {
  private final Graph graph;
  private final Map<String, Integer> waitingFor = new HashMap<>();
  private final Deque<String> ready = new ArrayDeque<>();
  private final Map<String, String> skipped = new LinkedHashMap<>();

  Schedule(Graph graph) {
    this.graph = graph;
    for (String stage : graph.order()) {
      int needs = graph.dependencies().getOrDefault(stage, Set.of()).size();
      waitingFor.put(stage, needs);
      if (needs == 0) {
        ready.add(stage);
      }
    }
  }

  /** A stage that can begin, taken off the schedule. */
  Optional<String> next() {
    return Optional.ofNullable(ready.poll());
  }

  /** A stage's result is there. */
  void succeeded(String stage) {
    for (String next : graph.dependents().getOrDefault(stage, Set.of())) {
      if (waitingFor.merge(next, -1, Integer::sum) == 0) {
        ready.add(next);
      }
    }
  }

  /** A stage did not succeed; returns those that won't begin because of that. */
  List<String> failed(String stage) {
    List<String> now = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>(graph.dependents().getOrDefault(stage, Set.of()));
    while (!open.isEmpty()) {
      String next = open.remove();
      if (skipped.putIfAbsent(next, stage) == null) {
        now.add(next);
        open.addAll(graph.dependents().getOrDefault(next, Set.of()));
      }
    }
    return now;
  }

  /** The stages that won't begin, each with the one that did not succeed. */
  Map<String, String> skipped() {
    return skipped;
  }
}
