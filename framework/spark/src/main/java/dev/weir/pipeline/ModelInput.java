package dev.weir.pipeline;

import dev.weir.artifact.ModelName;
import org.jspecify.annotations.Nullable;

/**
 * A port through which a stage reads a model.
 *
 * @param name the model
 * @param number the registered version to read, or null for the candidate made in the run or, if
 *     none is, the latest version registered when the run starts
 */
public record ModelInput(ModelName name, @Nullable Integer number) {
  /** Reads {@code namespace.name} or {@code namespace.name@number}. */
  public static ModelInput parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      return new ModelInput(ModelName.parse(text), null);
    }
    try {
      return new ModelInput(
          ModelName.parse(text.substring(0, at)), Integer.parseInt(text.substring(at + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text.substring(at + 1) + "' is not a version of a model: it is a number", e);
    }
  }

  /** The same as {@link #parse}, to be imported statically. */
  public static ModelInput model(String text) {
    return parse(text);
  }

  @Override
  public String toString() {
    return number == null ? name.toString() : name + "@" + number;
  }
}
