package dev.weir.pipeline;

import dev.weir.config.Codec;
import java.util.Map;

/**
 * Stages that YAML can name in short, found through {@link java.util.ServiceLoader}. A stage that
 * no library lists is named by its class.
 */
public interface StageLibrary {
  /** Stage records by the short names that {@code uses:} takes, such as {@code ingest}. */
  Map<String, Class<? extends Stage>> stages();

  /** How types that the record binding can't describe are read from YAML. */
  default Map<Class<?>, Codec<?>> codecs() {
    return Map.of();
  }
}
