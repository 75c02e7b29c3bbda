package dev.weir.provenance;

import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Walk;
import java.util.List;

/**
 * All that came from one version, found along the edges.
 *
 * @param edges from something that came of it, or from itself, to what was made of that
 */
record Downstream(List<Edge> edges) {
  Downstream {
    edges = List.copyOf(edges);
  }

  /** From one thing to what a stage made of it. */
  record Edge(String from, String to, String pipeline, String stage) {}

  /**
   * @param tableId the id of the dataset's table
   */
  static Downstream of(LineageReader lineage, String reference, String tableId) {
    Walk walk =
        Walk.of(
            lineage, new Walk.Start(reference, tableId), Walk.Direction.DOWN, Integer.MAX_VALUE);
    return new Downstream(
        walk.edges().stream()
            .map(
                edge ->
                    new Edge(
                        edge.from().reference(),
                        edge.to().reference(),
                        edge.by().pipeline(),
                        edge.by().stage()))
            .toList());
  }

  /** What came of it, in the order in which it was found. */
  List<String> references() {
    return edges.stream().map(Edge::to).distinct().toList();
  }
}
