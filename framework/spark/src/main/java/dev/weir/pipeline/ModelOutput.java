package dev.weir.pipeline;

import dev.weir.artifact.ModelName;

/** A port through which a stage publishes a fitted model, as a candidate. */
public record ModelOutput(ModelName name) {
  /** Reads {@code namespace.name}. */
  public static ModelOutput parse(String text) {
    return new ModelOutput(ModelName.parse(text));
  }

  /** The same as {@link #parse}, to be imported statically. */
  public static ModelOutput toModel(String text) {
    return parse(text);
  }

  @Override
  public String toString() {
    return name.toString();
  }
}
