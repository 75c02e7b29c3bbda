package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an expectation of a profile that does not hold, and whose it is.
 *
 * @param owner who looks after it, or null if nobody is named
 */
public record Concern(
    @Help("error halts what comes after; warn is recorded only.") @Default("error")
        Severity severity,
    @Help("Who looks after the expectation.") @Nullable String owner,
    @Help("What the expectation is for, in a sentence.") @Nullable String description) {
  /** In earnest, and nobody's in particular. */
  public static final Concern USUAL = new Concern(Severity.ERROR, null, null);

  public Concern {
    Objects.requireNonNull(severity);
    if ((owner != null && owner.isBlank()) || (description != null && description.isBlank())) {
      throw new IllegalArgumentException("an owner and a description are not blank");
    }
  }

  /** The same, as a warning. */
  public Concern warning() {
    return new Concern(Severity.WARN, owner, description);
  }
}
