package dev.weir.provenance;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one part of two provenances is.
 *
 * @param name what is compared, such as a dataset's name
 * @param first what the first has, or null for nothing
 * @param second what the second has, or null for nothing
 * @param same whether the two count as the same, though another version may hold it
 */
public record Difference(
    Part part, String name, @Nullable String first, @Nullable String second, boolean same) {
  public Difference {
    Objects.requireNonNull(part);
    Objects.requireNonNull(name);
  }

  /** What is compared. */
  public enum Part {
    /** What was learned. */
    MODEL,
    /** Versions of datasets, by their content. */
    DATA,
    /** Files outside of Weir, by their bytes. */
    FILES,
    /** Classes and jars, by their digests, and the commit in git. */
    CODE,
    /** How stages were configured. */
    CONFIGURATION,
    /** Parameters of the run, and what stages noted of theirs. */
    PARAMETERS,
    /** What was measured, durations left out. */
    METRICS,
    /** Where and with what it ran. */
    ENVIRONMENT,
    /** What people decided. */
    REVIEWS
  }
}
