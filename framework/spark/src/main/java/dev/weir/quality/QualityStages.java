package dev.weir.quality;

import dev.weir.config.Codec;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageLibrary;
import java.util.Map;

/** The stages of this package by their short names. */
public final class QualityStages implements StageLibrary {
  @Override
  public Map<String, Class<? extends Stage>> stages() {
    return Map.of("validate", Validate.class);
  }

  @Override
  public Map<Class<?>, Codec<?>> codecs() {
    return Map.of(Columns.class, new ColumnsCodec());
  }
}
