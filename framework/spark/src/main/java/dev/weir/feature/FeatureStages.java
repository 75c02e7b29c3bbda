package dev.weir.feature;

import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageLibrary;
import java.util.Map;

/** The stages that shape datasets, by their short names. */
public final class FeatureStages implements StageLibrary {
  /** Made by {@link java.util.ServiceLoader}. */
  public FeatureStages() {}

  @Override
  public Map<String, Class<? extends Stage>> stages() {
    return Map.of("sql", Sql.class, "split", Split.class);
  }
}
