package dev.weir.pipeline;

import dev.weir.artifact.DatasetName;
import org.jspecify.annotations.Nullable;

/**
 * A port through which a stage reads a dataset.
 *
 * @param name the dataset
 * @param version the Delta version to read, or null for the one made in the run or, if none is, the
 *     latest published when the run starts
 */
public record Input(DatasetName name, @Nullable Long version) {
  /** Reads {@code namespace.name} or {@code namespace.name@version}. */
  public static Input parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      return new Input(DatasetName.parse(text), null);
    }
    try {
      return new Input(
          DatasetName.parse(text.substring(0, at)), Long.parseLong(text.substring(at + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text.substring(at + 1) + "' is not a version of a dataset: it is a number", e);
    }
  }

  /** The same as {@link #parse}, to be imported statically. */
  public static Input from(String text) {
    return parse(text);
  }

  @Override
  public String toString() {
    return version == null ? name.toString() : name + "@" + version;
  }
}
