package dev.weir.pin;

import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that something was made from, over any number of stages. */
final class Upstream {
  private static final String DATASET = "dataset:";

  /** Where one comes from by an edge. */
  private record Edge(Node from, @Nullable String toDetail, Instant at) {}

  /**
   * A place in the lineage.
   *
   * @param detail the Delta table's id of a dataset where the edge knows it
   */
  record Node(String reference, @Nullable String detail) {
    boolean dataset() {
      return reference.startsWith(DATASET);
    }

    /** Whether an edge that ends at this reference may lead to the same table. */
    private boolean meets(@Nullable String other) {
      return !dataset() || detail == null || other == null || detail.equals(other);
    }
  }

  private final Map<String, List<Edge>> into;

  private Upstream(Map<String, List<Edge>> into) {
    this.into = into;
  }

  static Upstream of(LineageReader lineage) {
    Map<String, List<Edge>> into = new HashMap<>();
    // All of them at once: pins are asked of every model, whose ways meet in the same edges.
    for (Row row : lineage.rows(LineageTable.EDGES, List.of())) {
      String from = row.text("from_reference");
      String to = row.text("to_reference");
      if (from != null && to != null) {
        into.computeIfAbsent(to, reference -> new ArrayList<>())
            .add(
                new Edge(
                    new Node(from, row.text("from_detail")),
                    row.text("to_detail"),
                    Objects.requireNonNull(row.instant("at"))));
      }
    }
    return new Upstream(into);
  }

  /** The dataset versions that something was made from, directly or not. */
  Set<Node> datasets(String reference) {
    Node start = new Node(reference, null);
    Set<Node> seen = new LinkedHashSet<>(Set.of(start));
    Deque<Node> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Node at = open.remove();
      for (Edge edge : into.getOrDefault(at.reference(), List.of())) {
        Node from = from(edge);
        if (at.meets(edge.toDetail()) && seen.add(from)) {
          open.add(from);
        }
      }
    }
    seen.remove(start);
    seen.removeIf(node -> !node.dataset());
    return seen;
  }

  /** A registration names its evaluation without its table: the last that was made by then. */
  private Node from(Edge edge) {
    Node from = edge.from();
    if (!from.dataset() || from.detail() != null) {
      return from;
    }
    return into.getOrDefault(from.reference(), List.of()).stream()
        .filter(made -> made.toDetail() != null && !made.at().isAfter(edge.at()))
        .max(Comparator.comparing(Edge::at))
        .map(made -> new Node(from.reference(), made.toDetail()))
        .orElse(from);
  }
}
