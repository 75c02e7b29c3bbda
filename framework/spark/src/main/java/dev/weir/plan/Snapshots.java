package dev.weir.plan;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Published;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.StageDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes stock of what a pipeline reads that none of its stages makes. */
public final class Snapshots {
  private Snapshots() {}

  /**
   * What there is now.
   *
   * @param snapshot what was found
   * @param missing why the files of a stage could not be found, by stage: no reason to refuse a
   *     run, since the stage looks again and fails where somebody sees it
   */
  public record Taken(Fact.Snapshot snapshot, Map<String, String> missing) {
    public Taken {
      missing = Map.copyOf(missing);
    }
  }

  /**
   * Looks at everything that the pipeline reads from outside of it.
   *
   * @throws WeirException {@code missing-input} if a dataset or a model is not there
   */
  public static Taken take(Pipeline pipeline, Published published, Outside outside) {
    Graph.External external = pipeline.graph().external();
    Map<String, Fact.DatasetWritten> datasets = new LinkedHashMap<>();
    for (Graph.Use<Input> use : external.inputs()) {
      Input input = use.value();
      datasets.computeIfAbsent(
          input.toString(),
          key ->
              published
                  .dataset(input.name(), input.version())
                  .orElseThrow(() -> missing(use.stage(), "dataset " + input)));
    }
    Map<String, Fact.ModelRead> models = new LinkedHashMap<>();
    for (Graph.Use<ModelInput> use : external.models()) {
      ModelInput input = use.value();
      models.computeIfAbsent(
          input.toString(),
          key ->
              published
                  .model(input.name(), input.number())
                  .map(found -> new Fact.ModelRead(found.reference(), found.written()))
                  .orElseThrow(() -> missing(use.stage(), "model " + input)));
    }
    return taken(pipeline, datasets, models, outside);
  }

  /** What is given of datasets and models, and looks at everything else that is read. */
  public static Taken given(Pipeline pipeline, Fact.Snapshot given, Outside outside) {
    return taken(pipeline, given.datasets(), given.models(), outside);
  }

  private static Taken taken(
      Pipeline pipeline,
      Map<String, Fact.DatasetWritten> datasets,
      Map<String, Fact.ModelRead> models,
      Outside outside) {
    Map<String, List<Fact.OutsideFile>> sources = new LinkedHashMap<>();
    Map<String, String> missing = new LinkedHashMap<>();
    for (StageDefinition definition : pipeline.stages()) {
      if (definition.stage() instanceof OutsideReader reader) {
        try {
          sources.put(definition.name(), reader.pin(outside));
        } catch (WeirException e) {
          missing.put(definition.name(), String.valueOf(e.getMessage()));
        }
      }
    }
    return new Taken(new Fact.Snapshot(datasets, models, sources), missing);
  }

  private static WeirException missing(String stage, String what) {
    return WeirException.user(
        "missing-input",
        "Stage '%s' reads %s, which no stage of the pipeline makes and the home does not hold."
            .formatted(stage, what),
        "Run the pipeline that makes it first, or name a version that is there.");
  }
}
