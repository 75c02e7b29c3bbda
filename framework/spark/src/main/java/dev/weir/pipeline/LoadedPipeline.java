package dev.weir.pipeline;

import java.nio.file.Path;

/** A pipeline with the file that it was read from. */
public final class LoadedPipeline {
  private final Pipeline pipeline;
  private final Path file;
  private final String shown;

  LoadedPipeline(Pipeline pipeline, Path file, String shown) {
    this.pipeline = pipeline;
    this.file = file;
    this.shown = shown;
  }

  /** The pipeline. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** The file that it was read from. */
  public Path file() {
    return file;
  }

  @Override
  public String toString() {
    return pipeline.name() + " of " + shown;
  }
}
