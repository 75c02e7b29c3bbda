package dev.weir.pipeline;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.config.Problems;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How the stages of a pipeline hang together: which waits for which, who makes what, and what comes
 * from outside. A stage waits for those that make what it reads, unless it reads a given version,
 * and for those it comes {@code after}.
 */
public final class Graph {
  private final Map<String, Set<String>> dependencies;
  private final Map<String, Set<String>> dependents;
  private final List<String> order;
  private final Map<DatasetName, String> datasets;
  private final Map<ModelName, String> models;
  private final External external;

  /** What a pipeline reads that none of its stages makes, and so must be there before it runs. */
  public record External(List<Use<Input>> inputs, List<Use<ModelInput>> models) {
    public External {
      inputs = List.copyOf(inputs);
      models = List.copyOf(models);
    }
  }

  /**
   * A port of a stage, and what it reads.
   *
   * @param port the port's name, such as {@code from}
   */
  public record Use<T>(String stage, String port, T value) {}

  /** What is there before a run. */
  public interface Catalog {
    /** The versions of a dataset that are there, from the lowest up. */
    List<Long> versions(DatasetName name);

    /** The registered versions of a model that are there, from the lowest up. */
    List<Integer> versions(ModelName name);

    /** The names of all datasets and models there, to find what a mistyped one meant. */
    Collection<String> names();

    /** True if the version that the input asks for is there, or any if it asks for none. */
    default boolean has(Input input) {
      List<Long> there = versions(input.name());
      return input.version() == null ? !there.isEmpty() : there.contains(input.version());
    }

    /** True if the version that the input asks for is there, or any if it asks for none. */
    default boolean has(ModelInput input) {
      List<Integer> there = versions(input.name());
      return input.number() == null ? !there.isEmpty() : there.contains(input.number());
    }
  }

  Graph(
      Map<String, Set<String>> dependencies,
      List<String> order,
      Map<DatasetName, String> datasets,
      Map<ModelName, String> models,
      External external) {
    Map<String, Set<String>> dependents = new LinkedHashMap<>();
    dependencies.keySet().forEach(stage -> dependents.put(stage, new LinkedHashSet<>()));
    dependencies.forEach(
        (stage, needed) ->
            needed.forEach(n -> Objects.requireNonNull(dependents.get(n)).add(stage)));
    this.dependencies = frozen(dependencies);
    this.dependents = frozen(dependents);
    this.order = List.copyOf(order);
    this.datasets = Map.copyOf(datasets);
    this.models = Map.copyOf(models);
    this.external = external;
  }

  /** Infers the graph from what stages read and write; throws one error that lists every fault. */
  public static Graph of(String pipeline, List<StageDefinition> stages) {
    Problems problems = new Problems();
    Wiring wiring = Wiring.of(stages, problems);
    problems.throwIfAny("invalid-pipeline", "the pipeline '" + pipeline + "'");
    return wiring.graph();
  }

  /** The stages that each stage waits for, by name, in the order that the stages were given. */
  public Map<String, Set<String>> dependencies() {
    return dependencies;
  }

  /** The stages that wait for each stage, by name, in the order that the stages were given. */
  public Map<String, Set<String>> dependents() {
    return dependents;
  }

  /** All stages, each after those it waits for; where that leaves a choice, as they were given. */
  public List<String> order() {
    return order;
  }

  /** The stage that publishes a dataset, if one does. */
  public Optional<String> producer(DatasetName name) {
    return Optional.ofNullable(datasets.get(name));
  }

  /** The stage that publishes a candidate of a model, if one does. */
  public Optional<String> producer(ModelName name) {
    return Optional.ofNullable(models.get(name));
  }

  /** The stage that publishes each dataset. */
  public Map<DatasetName, String> producers() {
    return datasets;
  }

  /** The stage that publishes a candidate of each model. */
  public Map<ModelName, String> modelProducers() {
    return models;
  }

  /** Whether any stage reads or writes: without ports a stage may well do without Spark. */
  public boolean readsOrWrites() {
    return !producers().isEmpty()
        || !modelProducers().isEmpty()
        || !external.inputs().isEmpty()
        || !external.models().isEmpty();
  }

  /** What must be there before the pipeline runs. */
  public External external() {
    return external;
  }

  /** Throws one error that lists everything that must be there before a run and is not. */
  public void requireExternal(String pipeline, Catalog catalog) {
    Problems problems = new Problems();
    Missing missing = new Missing(catalog, datasets, models, name -> false, problems);
    external.inputs().forEach(use -> missing.dataset(use, null));
    external.models().forEach(use -> missing.model(use, null));
    problems.throwIfAny("missing-input", "the pipeline '" + pipeline + "'");
  }

  private static Map<String, Set<String>> frozen(Map<String, Set<String>> map) {
    Map<String, Set<String>> copy = new LinkedHashMap<>();
    map.forEach((k, v) -> copy.put(k, v.isEmpty() ? Set.of() : Collections.unmodifiableSet(v)));
    return Collections.unmodifiableMap(copy);
  }
}
