package dev.weir.profile;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a column differs from the reference's.
 *
 * @param effects how large the differences are; empty unless compared
 * @param chance how often chance alone would make a difference as large at least, corrected for how
 *     many columns were compared; 1 unless compared
 */
public record ColumnDrift(String column, Outcome outcome, List<Effect> effects, double chance) {
  /** What a comparison can come to. */
  public enum Outcome {
    /** No difference that counts. */
    SAME,
    /** A difference that is large and not by chance. */
    DRIFTED,
    /** One of both has too few values. */
    TOO_FEW,
    /** The reference lacks the column. */
    ADDED,
    /** Only the reference has the column. */
    MISSING,
    /** Its type is another. */
    RETYPED
  }

  public ColumnDrift {
    effects = List.copyOf(effects);
  }

  /** How large a difference is by one measure, where it was taken. */
  public Optional<Effect> effect(Effect.Kind kind) {
    return effects.stream().filter(effect -> effect.kind() == kind).findFirst();
  }

  /** Whether it is not as the reference: another distribution, or no such column there or here. */
  public boolean drifted() {
    return switch (outcome) {
      case DRIFTED, ADDED, MISSING, RETYPED -> true;
      case SAME, TOO_FEW -> false;
    };
  }

  @Override
  public String toString() {
    String found = "%s: %s".formatted(column, outcome.name().toLowerCase(Locale.ROOT));
    if (effects.isEmpty()) {
      return found.replace('_', ' ');
    }
    return found
        + effects.stream()
            .sorted(Comparator.comparingDouble(effect -> -effect.value() / effect.limit()))
            .map(
                effect ->
                    String.format(
                        Locale.ROOT,
                        "%s %.3f (from %s on)",
                        effect.kind().text(),
                        effect.value(),
                        effect.limit()))
            .collect(Collectors.joining(", ", "; ", ""))
        + String.format(Locale.ROOT, "; by chance %.2g", chance);
  }
}
