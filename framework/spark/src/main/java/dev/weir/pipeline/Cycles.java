package dev.weir.pipeline;

import dev.weir.config.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Finds the stages that wait for each other: the strongly connected components of the graph, by
 * Tarjan's algorithm (SIAM Journal on Computing 1, 1972) with a stack of its own, and of each the
 * shortest cycle through the stage that was given first.
 */
final class Cycles {
  /** More stages than this in a cycle are not all named. */
  private static final int MOST_NAMED = 12;

  private final List<Wiring.Node> nodes;
  private final List<Map<Integer, Wiring.Edge>> edges;
  private final Problems problems;
  private final int[] component;

  Cycles(List<Wiring.Node> nodes, List<Map<Integer, Wiring.Edge>> edges, Problems problems) {
    this.nodes = nodes;
    this.edges = edges;
    this.problems = problems;
    this.component = new int[nodes.size()];
  }

  /** Notes one fault for each group of stages that wait for each other. */
  void find() {
    int count = components();
    int[] size = new int[count];
    for (int c : component) {
      size[c]++;
    }
    boolean[] told = new boolean[count];
    for (int i = 0; i < nodes.size(); i++) {
      if (size[component[i]] > 1 && !told[component[i]]) {
        told[component[i]] = true;
        List<Integer> cycle = shortest(i);
        Wiring.add(problems, nodes.get(i).places().stage(), message(cycle));
      }
    }
  }

  private int components() {
    int n = nodes.size();
    int[] index = new int[n];
    int[] low = new int[n];
    boolean[] open = new boolean[n];
    List<Iterator<Integer>> left = new ArrayList<>();
    edges.forEach(e -> left.add(e.keySet().iterator()));
    Deque<Integer> path = new ArrayDeque<>();
    Deque<Integer> stack = new ArrayDeque<>();
    int next = 0;
    int count = 0;
    for (int root = 0; root < n; root++) {
      if (index[root] != 0) {
        continue;
      }
      path.push(root);
      while (!path.isEmpty()) {
        int at = path.peek();
        if (index[at] == 0) {
          index[at] = ++next;
          low[at] = next;
          stack.push(at);
          open[at] = true;
        }
        if (left.get(at).hasNext()) {
          int to = left.get(at).next();
          if (index[to] == 0) {
            path.push(to);
          } else if (open[to]) {
            low[at] = Math.min(low[at], index[to]);
          }
          continue;
        }
        path.pop();
        if (!path.isEmpty()) {
          int parent = path.peek();
          low[parent] = Math.min(low[parent], low[at]);
        }
        if (low[at] == index[at]) {
          int member;
          do {
            member = stack.pop();
            open[member] = false;
            component[member] = count;
          } while (member != at);
          count++;
        }
      }
    }
    return count;
  }

  /**
   * A shortest way from a stage back to it, in the direction of the data. The search goes over what
   * stages wait for, against the data, and the way is gathered from its end.
   */
  private List<Integer> shortest(int start) {
    int[] cameFrom = new int[nodes.size()];
    Arrays.fill(cameFrom, -1);
    Deque<Integer> queue = new ArrayDeque<>();
    queue.add(start);
    while (!queue.isEmpty()) {
      int at = queue.remove();
      for (int to : edges.get(at).keySet()) {
        if (to == start) {
          List<Integer> cycle = new ArrayList<>();
          cycle.add(start);
          for (int step = at; step != start; step = cameFrom[step]) {
            cycle.add(step);
          }
          cycle.add(start);
          return cycle;
        }
        if (component[to] == component[start] && cameFrom[to] < 0) {
          cameFrom[to] = at;
          queue.add(to);
        }
      }
    }
    throw new IllegalStateException("No cycle through " + nodes.get(start).name());
  }

  private String message(List<Integer> cycle) {
    List<String> path = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < cycle.size(); i++) {
      path.add(nodes.get(cycle.get(i)).name());
      if (i + 1 < cycle.size()) {
        reasons.add(reason(cycle.get(i), cycle.get(i + 1)));
      }
    }
    return "the stages wait for each other: %s (%s)"
        .formatted(joined(" → ", path), joined(", ", reasons));
  }

  private String reason(int from, int to) {
    Wiring.Edge edge = Objects.requireNonNull(edges.get(to).get(from));
    String reader = nodes.get(to).name();
    String maker = nodes.get(from).name();
    return edge.artifact() == null
        ? "%s comes after %s".formatted(reader, maker)
        : "%s reads %s of %s".formatted(reader, edge.artifact(), maker);
  }

  private static String joined(String separator, List<String> parts) {
    if (parts.size() <= MOST_NAMED) {
      return String.join(separator, parts);
    }
    int half = MOST_NAMED / 2;
    return String.join(separator, parts.subList(0, half))
        + separator
        + "… %,d more …".formatted(parts.size() - MOST_NAMED)
        + separator
        + String.join(separator, parts.subList(parts.size() - half, parts.size()));
  }
}
