package dev.weir.quality;

import dev.weir.artifact.DatasetName;
import dev.weir.pipeline.Input;
import dev.weir.registry.ModelReference;
import org.jspecify.annotations.Nullable;

/**
 * What the distributions of a dataset are compared with: {@code dataset:credit.raw@3}, {@code
 * dataset:credit.raw} for the newest version that was accepted before, or {@code
 * model:credit.default@champion} for the data that a model came from.
 *
 * <p>It is no port: what it names at the moment that the stage begins is looked up in the lineage,
 * as history is, so that a stage may be held against a model that is trained after it.
 *
 * @param dataset a dataset, or null
 * @param version its version, or null for the newest
 * @param model a model, or null
 */
public record Against(
    @Nullable DatasetName dataset, @Nullable Long version, @Nullable ModelReference model) {
  private static final String DATASET = "dataset:";
  private static final String MODEL = "model:";

  public Against {
    if ((dataset == null) == (model == null)) {
      throw new IllegalArgumentException("It is a dataset or a model");
    }
  }

  /** Reads a reference; throws {@link IllegalArgumentException} with what it may be. */
  public static Against parse(String text) {
    if (text.startsWith(MODEL)) {
      return new Against(null, null, ModelReference.parse(text));
    }
    if (text.startsWith(DATASET)) {
      Input input = Input.parse(text.substring(DATASET.length()));
      return new Against(input.name(), input.version(), null);
    }
    throw new IllegalArgumentException(
        "'%s' is neither a dataset nor a model: write dataset:namespace.name, with @version or without, or model:namespace.name, with @number, @alias or without"
            .formatted(text));
  }

  @Override
  public String toString() {
    return model != null
        ? MODEL + model
        : DATASET + dataset + (version == null ? "" : "@" + version);
  }
}
