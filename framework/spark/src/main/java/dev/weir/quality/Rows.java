package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import java.util.Objects;

/**
 * What a check of single rows can be told beside what must hold of each.
 *
 * @param threshold the fraction of rows that may break it
 */
public record Rows(
    @Help("The fraction of rows that may break the check.") @Default("0") double threshold,
    @Inline Terms terms) {
  /** Every row, and in earnest. */
  public static final Rows ALL = upTo(0);

  public Rows {
    Objects.requireNonNull(terms);
    requireFraction(threshold);
  }

  /** All rows, of which a fraction may break it. */
  public static Rows upTo(double threshold) {
    return new Rows(threshold, Terms.USUAL);
  }

  /** Those rows for which an SQL condition is true; none may break it. */
  public static Rows where(String sql) {
    return new Rows(0, Terms.where(sql));
  }

  static void requireFraction(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold is a fraction from 0 to 1, not " + threshold);
    }
  }
}
