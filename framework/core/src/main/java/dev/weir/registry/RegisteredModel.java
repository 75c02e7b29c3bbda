package dev.weir.registry;

import dev.weir.artifact.ModelVersion;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registered model version as it stands.
 *
 * @param state what was said of it last, if that was said of these files and this evaluation
 * @param review what was said of it last, or null
 * @param aliases the aliases that name it, sorted
 * @param candidate the candidate that it is, as a reference
 * @param digest the digest over the digests of its files
 * @param contentDigest the digest of what it learned, or null where it was not taken
 * @param type the predictor's class, or null if unknown
 * @param evaluation the evaluation that it was registered on, as a reference, or null
 * @param signature its input and output schema as JSON, or null if unknown
 * @param run the run that registered it
 * @param registeredBy who started that run, or null if unknown
 * @param trainedIn the run that trained it
 * @param trainedBy who started that run, or null if unknown
 */
public record RegisteredModel(
    ModelVersion version,
    ModelState state,
    @Nullable Review review,
    List<String> aliases,
    String candidate,
    String digest,
    @Nullable String contentDigest,
    @Nullable String type,
    @Nullable String evaluation,
    @Nullable String signature,
    String run,
    Instant registeredAt,
    @Nullable String registeredBy,
    String trainedIn,
    @Nullable String trainedBy) {
  public RegisteredModel {
    aliases = List.copyOf(aliases);
  }

  /** {@code model:credit.default@3}. */
  public String reference() {
    return version.reference();
  }

  /**
   * Whether it was approved as something else than it is: other files, or on another evaluation.
   * That says nothing of it.
   */
  public boolean approvedAsAnother() {
    return review != null && state == ModelState.REGISTERED;
  }
}
