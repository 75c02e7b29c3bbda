package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import dev.weir.profile.DriftLimits;
import dev.weir.profile.Unjudged;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * That columns are distributed as they are elsewhere, judged by the profiles of both.
 *
 * @param columns which columns, or null for all
 * @param tooFew what happens where one of both has too few values, or where there is nothing to
 *     compare with yet
 */
@Help("What the distributions of columns are compared with, and how much they may differ.")
public record DriftCheck(
    @Help(
            "dataset:namespace.name@version, without a version the newest accepted before; or model:namespace.name@number, @alias or without, for the data that it came from.")
        Against against,
    @Help("The columns; all of them unless given.") @Nullable Columns columns,
    @Inline DriftLimits limits,
    @Help("What happens where there is too little to compare, or nothing yet.") @Default("warn")
        Unjudged tooFew,
    @Inline Concern concern) {
  public DriftCheck {
    Objects.requireNonNull(against);
    Objects.requireNonNull(limits);
    Objects.requireNonNull(tooFew);
    Objects.requireNonNull(concern);
  }

  /** All columns, by the usual limits, and in earnest. */
  public static DriftCheck against(String reference) {
    return new DriftCheck(
        Against.parse(reference), null, DriftLimits.USUAL, Unjudged.WARN, Concern.USUAL);
  }
}
