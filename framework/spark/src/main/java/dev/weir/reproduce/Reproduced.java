package dev.weir.reproduce;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of making a model again.
 *
 * @param subject the model's reference
 * @param compared all that was compared, in the order in which it was made
 * @param causes why something is not the same
 * @param notes what is not as it was and made no difference
 * @param tolerance how far apart fractions may be and count as equal, as a part of the larger one
 * @param home where it was made, or null if that was deleted
 */
public record Reproduced(
    String subject,
    List<Compared> compared,
    List<Cause> causes,
    List<Cause> notes,
    double tolerance,
    @Nullable URI home) {
  public Reproduced {
    Objects.requireNonNull(subject);
    compared = List.copyOf(compared);
    causes = List.copyOf(causes);
    notes = List.copyOf(notes);
  }

  /** The worst of all that was compared. */
  public Likeness verdict() {
    return compared.stream().map(Compared::likeness).reduce(Likeness.IDENTICAL, (a, b) -> a.or(b));
  }
}
