package dev.weir.provenance;

import dev.weir.lineage.Fact;
import dev.weir.lineage.Fact.StageStarted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt at a stage did.
 *
 * @param start how it began, or null where the facts don't say
 * @param end how it ended, with all that it read and published
 */
public record Work(@Nullable StageStarted start, Fact.StageFinished end) {
  private static final List<String> KEPT = List.of("dataset:", "model:", "candidate:");

  public Work {
    Objects.requireNonNull(end);
  }

  /** The stage's name. */
  public String stage() {
    return end.stage();
  }

  /** The run that it was done in. */
  public String run() {
    return end.run();
  }

  /** The stage's configuration as JSON. */
  public String config() {
    return start == null ? "{}" : start.config();
  }

  /** The parameters that it was done with, as it noted them, by name. */
  public Map<String, String> params() {
    Map<String, String> params = new LinkedHashMap<>();
    end.params().forEach(param -> params.put(param.name(), param.value()));
    return params;
  }

  /**
   * Whether all that it read is kept outside of Weir: what it published is then the first that can
   * be read again.
   */
  public boolean outside() {
    return !end.reads().isEmpty() && end.reads().stream().noneMatch(read -> kept(read.reference()));
  }

  /** Whether a reference is to something that Weir keeps. */
  static boolean kept(String reference) {
    return KEPT.stream().anyMatch(reference::startsWith);
  }
}
