package dev.weir.pipeline;

import dev.weir.config.Problems;
import java.nio.file.Path;
import java.util.Map;

/** A pipeline with the file that it was read from, so that later faults can be placed in it. */
public final class LoadedPipeline {
  private final Pipeline pipeline;
  private final Path file;
  private final String shown;
  private final Map<String, Places> places;

  LoadedPipeline(Pipeline pipeline, Path file, String shown, Map<String, Places> places) {
    this.pipeline = pipeline;
    this.file = file;
    this.shown = shown;
    this.places = Map.copyOf(places);
  }

  /** The pipeline. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** The file that it was read from. */
  public Path file() {
    return file;
  }

  /**
   * Throws one error that lists everything that must be there before a run and is not, each at its
   * place in the file.
   */
  public void requireExternal(Graph.Catalog catalog) {
    Problems problems = new Problems();
    pipeline.graph().missing(catalog, stage -> places.getOrDefault(stage, Places.NONE), problems);
    problems.throwIfAny("missing-input", "the pipeline '" + pipeline.name() + "'");
  }

  @Override
  public String toString() {
    return pipeline.name() + " of " + shown;
  }
}
