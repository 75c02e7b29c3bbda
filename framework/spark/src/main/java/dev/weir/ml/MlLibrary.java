package dev.weir.ml;

import dev.weir.config.Codec;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageLibrary;
import java.util.Map;

/** The stages of this package by their short names. */
public final class MlLibrary implements StageLibrary {
  @Override
  public Map<String, Class<? extends Stage>> stages() {
    return Map.of(
        "train", Train.class,
        "predict", Predict.class,
        "evaluate", Evaluate.class,
        "register", Register.class);
  }

  @Override
  public Map<Class<?>, Codec<?>> codecs() {
    return Map.of(MlStage.class, new MlStageCodec());
  }
}
