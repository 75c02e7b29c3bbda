package dev.weir.pipeline;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds what a pipeline reads that nobody makes and that is not there. */
final class Missing {
  /** How many versions a message lists. */
  private static final int LISTED = 5;

  private final Graph.Catalog catalog;
  private final Map<DatasetName, String> datasets;
  private final Map<ModelName, String> models;
  private final Predicate<String> perhapsMade;
  private final Problems problems;
  private @Nullable List<String> names;

  /**
   * @param datasets the stage that makes each dataset
   * @param models the stage that makes each model
   * @param perhapsMade true of a name that a stage which could not be read may make
   */
  Missing(
      Graph.Catalog catalog,
      Map<DatasetName, String> datasets,
      Map<ModelName, String> models,
      Predicate<String> perhapsMade,
      Problems problems) {
    this.catalog = catalog;
    this.datasets = datasets;
    this.models = models;
    this.perhapsMade = perhapsMade;
    this.problems = problems;
  }

  void dataset(Graph.Use<Input> use, @Nullable Location at) {
    Input input = use.value();
    if (!catalog.has(input)) {
      find(
          use,
          at,
          "dataset",
          input.name().toString(),
          input.version(),
          catalog.versions(input.name()),
          datasets.get(input.name()));
    }
  }

  void model(Graph.Use<ModelInput> use, @Nullable Location at) {
    ModelInput input = use.value();
    if (!catalog.has(input)) {
      find(
          use,
          at,
          "model",
          input.name().toString(),
          input.number(),
          catalog.versions(input.name()),
          models.get(input.name()));
    }
  }

  private void find(
      Graph.Use<?> use,
      @Nullable Location at,
      String kind,
      String name,
      @Nullable Number version,
      List<? extends Number> versions,
      @Nullable String maker) {
    if (version == null && perhapsMade.test(name)) {
      return;
    }
    String why;
    if (!versions.isEmpty()) {
      why = ", a version that the home does not hold; it holds " + listed(versions);
    } else if (version != null && maker != null) {
      why =
          ", of which the home holds no version; without @%s it reads what stage '%s' publishes"
              .formatted(version, maker);
    } else {
      why =
          (version == null
                  ? ", which no other stage publishes and the home does not hold"
                  : ", which the home does not hold")
              + Nearest.hint(name, names());
    }
    Wiring.add(
        problems,
        at,
        "stage '%s' reads the %s %s%s".formatted(use.stage(), kind, use.value(), why));
  }

  private static String listed(List<? extends Number> versions) {
    List<String> last =
        versions.subList(Math.max(0, versions.size() - LISTED), versions.size()).stream()
            .map(v -> "@" + v)
            .toList();
    String list = String.join(", ", last);
    return last.size() == versions.size()
        ? list
        : "%d versions, the last of them %s".formatted(versions.size(), list);
  }

  private List<String> names() {
    if (names == null) {
      List<String> all = new ArrayList<>(catalog.names());
      datasets.keySet().forEach(n -> all.add(n.toString()));
      models.keySet().forEach(n -> all.add(n.toString()));
      names = all;
    }
    return names;
  }
}
