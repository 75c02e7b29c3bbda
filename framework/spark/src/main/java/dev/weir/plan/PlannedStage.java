package dev.weir.plan;

import dev.weir.lineage.Fact.Fingerprint;
import dev.weir.lineage.Made;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a plan says of one stage.
 *
 * @param reason why, in a sentence without its stop
 * @param fingerprint what its result would follow from, or null while that is not known
 * @param reused the attempt whose result is used again, or null
 * @param made what that attempt published, or null
 */
public record PlannedStage(
    String stage,
    Verdict verdict,
    String reason,
    @Nullable Fingerprint fingerprint,
    @Nullable Prior reused,
    @Nullable Made made) {
  public PlannedStage {
    Objects.requireNonNull(stage);
    Objects.requireNonNull(verdict);
    Objects.requireNonNull(reason);
    if ((verdict == Verdict.REUSE) != (reused != null && made != null)) {
      throw new IllegalArgumentException(
          "What is reused is known for a stage that is, and no other");
    }
  }

  static PlannedStage run(String stage, String reason, @Nullable Fingerprint fingerprint) {
    return new PlannedStage(stage, Verdict.RUN, reason, fingerprint, null, null);
  }
}
