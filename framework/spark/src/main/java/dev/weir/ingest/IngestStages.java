package dev.weir.ingest;

import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageLibrary;
import java.util.Map;

/** The stage that reads sources, by its short name. */
public final class IngestStages implements StageLibrary {
  /** Made by {@link java.util.ServiceLoader}. */
  public IngestStages() {}

  @Override
  public Map<String, Class<? extends Stage>> stages() {
    return Map.of("ingest", Ingest.class);
  }
}
