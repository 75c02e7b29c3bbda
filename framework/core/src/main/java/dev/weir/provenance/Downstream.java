package dev.weir.provenance;

import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    Map<String, @Nullable String> tables = new LinkedHashMap<>();
    tables.put(reference, tableId);
    Deque<String> open = new ArrayDeque<>(List.of(reference));
    Set<String> seen = new HashSet<>(open);
    List<Edge> edges = new ArrayList<>();
    while (!open.isEmpty()) {
      String from = open.remove();
      for (Row row :
          lineage.rows(LineageTable.EDGES, List.of(Filter.equal("from_reference", from)))) {
        String to = row.text("to_reference");
        String table = tables.get(from);
        String read = row.text("from_detail");
        boolean other =
            from.startsWith("dataset:") && table != null && read != null && !table.equals(read);
        if (to == null || other) {
          // Nothing came of it, or it is of a table of the same name that was dropped.
          continue;
        }
        edges.add(new Edge(from, to, row.string("pipeline"), row.string("stage")));
        if (seen.add(to)) {
          tables.put(to, to.startsWith("dataset:") ? row.text("to_detail") : null);
          open.add(to);
        }
      }
    }
    return new Downstream(edges);
  }

  /** What came of it, in the order in which it was found. */
  List<String> references() {
    return edges.stream().map(Edge::to).distinct().toList();
  }
}
