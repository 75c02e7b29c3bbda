package dev.weir.pipeline;

import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds what a pipeline reads that nobody makes and that is not there. */
final class Missing {
  private final Graph graph;
  private final Graph.Catalog catalog;
  private final Function<String, Places> places;
  private final Problems problems;
  private @Nullable List<String> names;

  Missing(Graph graph, Graph.Catalog catalog, Function<String, Places> places, Problems problems) {
    this.graph = graph;
    this.catalog = catalog;
    this.places = places;
    this.problems = problems;
  }

  void dataset(Graph.Use<Input> use) {
    if (!catalog.has(use.value().name())) {
      add(use, "the dataset " + use.value(), use.value().name().toString());
    }
  }

  void model(Graph.Use<ModelInput> use) {
    if (!catalog.has(use.value().name())) {
      add(use, "the model " + use.value(), use.value().name().toString());
    }
  }

  private void add(Graph.Use<?> use, String what, String name) {
    Wiring.add(
        problems,
        places.apply(use.stage()).port(use.port()),
        "stage '%s' reads %s, which no other stage publishes and the home does not hold%s"
            .formatted(use.stage(), what, Nearest.hint(name, names())));
  }

  private List<String> names() {
    if (names == null) {
      List<String> all = new ArrayList<>(catalog.names());
      graph.producers().keySet().forEach(n -> all.add(n.toString()));
      graph.modelProducers().keySet().forEach(n -> all.add(n.toString()));
      names = all;
    }
    return names;
  }
}
