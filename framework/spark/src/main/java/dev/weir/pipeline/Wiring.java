package dev.weir.pipeline;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Infers how stages hang together and finds every fault in that, in time that grows with the number
 * of stages and ports and without recursion.
 */
final class Wiring {
  private static final Ports NO_PORTS = new Ports(List.of(), List.of(), List.of(), List.of());

  /**
   * A stage as far as it is known.
   *
   * @param ports what it reads and writes, or null if that could not be found out
   */
  record Node(String name, @Nullable Ports ports, Collection<String> after, Places places) {
    Ports known() {
      return ports == null ? NO_PORTS : ports;
    }
  }

  /** Who makes something, through which port. */
  private record Maker(int stage, String port) {}

  /** Why one stage waits for another: what it reads of it, or null for {@code after}. */
  record Edge(int from, @Nullable String artifact) {}

  /** What no stage makes, and where it is asked for. */
  private record External<T>(Graph.Use<T> use, @Nullable Location at) {}

  private final List<Node> nodes;
  private final Problems problems;
  private final Map<String, Integer> byName = new LinkedHashMap<>();
  private final Map<DatasetName, Maker> datasets = new LinkedHashMap<>();
  private final Map<ModelName, Maker> models = new LinkedHashMap<>();
  private final List<Map<Integer, Edge>> edges = new ArrayList<>();
  private final List<External<Input>> inputs = new ArrayList<>();
  private final List<External<ModelInput>> modelInputs = new ArrayList<>();

  private Wiring(List<Node> nodes, Problems problems) {
    this.nodes = List.copyOf(nodes);
    this.problems = problems;
  }

  /** The wiring of stages that stand in no file, its faults noted. */
  static Wiring of(List<StageDefinition> stages, Problems problems) {
    List<Node> nodes = new ArrayList<>();
    for (StageDefinition stage : stages) {
      Ports ports = null;
      try {
        ports = Ports.of(stage.stage());
      } catch (IllegalArgumentException e) {
        problems.add("stage '%s': %s".formatted(stage.name(), e.getMessage()));
      }
      nodes.add(new Node(stage.name(), ports, stage.after(), Places.NONE));
    }
    return check(nodes, problems);
  }

  /** The wiring of stages, its faults noted. */
  static Wiring check(List<Node> nodes, Problems problems) {
    Wiring wiring = new Wiring(nodes, problems);
    if (nodes.isEmpty()) {
      problems.add("it has no stages");
    }
    wiring.names();
    wiring.makers();
    wiring.edges();
    new Cycles(nodes, wiring.edges, problems).find();
    return wiring;
  }

  /**
   * Notes what no stage makes and the catalog lacks.
   *
   * @param perhapsMade true of a name that a stage which could not be read may make
   */
  void missing(Graph.Catalog catalog, Predicate<String> perhapsMade) {
    Missing missing = new Missing(catalog, makers(datasets), makers(models), perhapsMade, problems);
    inputs.forEach(input -> missing.dataset(input.use(), input.at()));
    modelInputs.forEach(input -> missing.model(input.use(), input.at()));
  }

  private <N> Map<N, String> makers(Map<N, Maker> makers) {
    Map<N, String> stages = new LinkedHashMap<>();
    makers.forEach((name, maker) -> stages.put(name, nodes.get(maker.stage()).name()));
    return stages;
  }

  /** The graph, if no fault was found. */
  Graph graph() {
    Map<String, Set<String>> dependencies = new LinkedHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      Set<String> needed = new LinkedHashSet<>();
      edges.get(i).keySet().forEach(n -> needed.add(nodes.get(n).name()));
      dependencies.put(nodes.get(i).name(), needed);
    }
    return new Graph(
        dependencies,
        order(),
        makers(datasets),
        makers(models),
        new Graph.External(
            inputs.stream().map(External::use).toList(),
            modelInputs.stream().map(External::use).toList()));
  }

  /** Notes a fault, at its place if it has one. */
  static void add(Problems problems, @Nullable Location at, String message) {
    if (at == null) {
      problems.add(message);
    } else {
      problems.add(at, message);
    }
  }

  private void names() {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String fault = Names.fault("stage", node.name());
      if (fault != null) {
        add(problems, node.places().stage(), fault);
      }
      if (byName.putIfAbsent(node.name(), i) != null) {
        add(
            problems,
            node.places().stage(),
            "two stages are named '%s': give each a name of its own".formatted(node.name()));
      }
    }
  }

  private void makers() {
    for (int i = 0; i < nodes.size(); i++) {
      for (Ports.Port<Output> port : nodes.get(i).known().outputs()) {
        twice("", port, datasets.putIfAbsent(port.value().name(), new Maker(i, port.name())), i);
      }
      for (Ports.Port<ModelOutput> port : nodes.get(i).known().modelOutputs()) {
        Maker maker = new Maker(i, port.name());
        twice("the model ", port, models.putIfAbsent(port.value().name(), maker), i);
      }
    }
  }

  private void twice(String kind, Ports.Port<?> port, @Nullable Maker first, int stage) {
    if (first == null) {
      return;
    }
    Node node = nodes.get(stage);
    String message =
        first.stage() == stage
            ? "stage '%s' publishes %s%s twice, through '%s' and '%s'"
                .formatted(node.name(), kind, port.value(), first.port(), port.name())
            : "stages '%s' and '%s' both publish %s%s: in a pipeline one stage does"
                .formatted(nodes.get(first.stage()).name(), node.name(), kind, port.value());
    add(problems, node.places().port(port.name()), message);
  }

  private void edges() {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      Map<Integer, Edge> needed = new TreeMap<>();
      edges.add(needed);
      for (Ports.Port<Input> port : node.known().inputs()) {
        Maker maker = port.value().version() == null ? datasets.get(port.value().name()) : null;
        if (maker == null) {
          inputs.add(external(node, port));
        } else {
          edge(i, port, maker, "", "version", needed);
        }
      }
      for (Ports.Port<ModelInput> port : node.known().modelInputs()) {
        Maker maker = port.value().number() == null ? models.get(port.value().name()) : null;
        if (maker == null) {
          modelInputs.add(external(node, port));
        } else {
          edge(i, port, maker, "the model ", "number", needed);
        }
      }
      for (String name : node.after()) {
        after(i, name, needed);
      }
    }
  }

  private static <T> External<T> external(Node node, Ports.Port<T> port) {
    return new External<>(
        new Graph.Use<>(node.name(), port.name(), port.value()), node.places().port(port.name()));
  }

  private void edge(
      int reader,
      Ports.Port<?> port,
      Maker maker,
      String kind,
      String version,
      Map<Integer, Edge> needed) {
    if (maker.stage() == reader) {
      add(
          problems,
          nodes.get(reader).places().port(port.name()),
          "stage '%s' reads %s%s, which it publishes itself; an earlier one is read as %s@<%s>"
              .formatted(nodes.get(reader).name(), kind, port.value(), port.value(), version));
    } else {
      needed.putIfAbsent(maker.stage(), new Edge(maker.stage(), kind + port.value()));
    }
  }

  private void after(int stage, String name, Map<Integer, Edge> needed) {
    Node node = nodes.get(stage);
    Integer other = byName.get(name);
    if (other == null) {
      add(
          problems,
          node.places().after(name),
          "stage '%s' comes after '%s', which is no stage of the pipeline%s"
              .formatted(node.name(), name, Nearest.hint(name, byName.keySet())));
    } else if (node.name().equals(name)) {
      add(
          problems,
          node.places().after(name),
          "stage '%s' comes after itself".formatted(node.name()));
    } else {
      needed.putIfAbsent(other, new Edge(other, null));
    }
  }

  /** Kahn's algorithm; of the stages that are ready, the one given first comes first. */
  private List<String> order() {
    int[] waiting = new int[nodes.size()];
    List<List<Integer>> dependents = new ArrayList<>();
    nodes.forEach(node -> dependents.add(new ArrayList<>()));
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < nodes.size(); i++) {
      waiting[i] = edges.get(i).size();
      for (int needed : edges.get(i).keySet()) {
        dependents.get(needed).add(i);
      }
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<String> order = new ArrayList<>();
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      order.add(nodes.get(next).name());
      for (int dependent : dependents.get(next)) {
        if (--waiting[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    return order;
  }
}
