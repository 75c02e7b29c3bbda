package dev.weir.lineage;

import java.util.List;

/** What a stage of a run published. */
public record Made(
    List<Fact.DatasetWritten> datasets,
    List<Fact.ModelWritten> models,
    List<Fact.ModelRegistered> registered) {
  /** Nothing. */
  public static final Made NOTHING = new Made(List.of(), List.of(), List.of());

  public Made {
    datasets = List.copyOf(datasets);
    models = List.copyOf(models);
    registered = List.copyOf(registered);
  }
}
