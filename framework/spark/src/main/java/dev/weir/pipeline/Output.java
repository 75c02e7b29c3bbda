package dev.weir.pipeline;

import dev.weir.artifact.DatasetName;

/** A port through which a stage publishes a new version of a dataset. */
public record Output(DatasetName name) {
  /** Reads {@code namespace.name}. */
  public static Output parse(String text) {
    return new Output(DatasetName.parse(text));
  }

  /** The same as {@link #parse}, to be imported statically. */
  public static Output to(String text) {
    return parse(text);
  }

  @Override
  public String toString() {
    return name.toString();
  }
}
