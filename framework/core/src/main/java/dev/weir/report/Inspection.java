package dev.weir.report;

import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.Fact;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A version of a dataset as a gate has looked at it once.
 *
 * @param dataset what was looked at
 * @param gate the stage that looked
 * @param at when that stage ended
 * @param published what it published as accepted, {@code dataset:credit.clean@3}, or null if it
 *     halted
 * @param checks what was found of each check, in the order in which they were asked
 */
public record Inspection(
    DatasetVersion dataset,
    Gate gate,
    String run,
    int attempt,
    Instant at,
    @Nullable String published,
    List<Fact.Check> checks) {
  public Inspection {
    checks = List.copyOf(checks);
  }

  /** Whether the stage published something. */
  public boolean accepted() {
    return published != null;
  }

  /** Whether it is the one that looked at this version, or that published it. */
  boolean isOf(DatasetVersion version) {
    return dataset.equals(version) || version.reference().equals(published);
  }
}
