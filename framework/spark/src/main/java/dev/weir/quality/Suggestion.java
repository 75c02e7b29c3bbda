package dev.weir.quality;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A check that a dataset suggests.
 *
 * @param evidence what it is suggested by
 * @param doubt why one is less sure of it, or null; such a check only warns
 */
public record Suggestion(Check check, String evidence, @Nullable String doubt) {
  public Suggestion {
    Objects.requireNonNull(check);
    Objects.requireNonNull(evidence);
    if ((doubt != null) != (check.terms().severity() == Severity.WARN)) {
      throw new IllegalArgumentException("What one is less sure of warns, and nothing else");
    }
  }
}
