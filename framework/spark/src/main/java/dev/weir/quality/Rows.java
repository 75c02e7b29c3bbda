package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import java.util.Objects;

/**
 * What a check of single rows can be told beside what must hold of each.
 *
 * @param threshold the fraction of rows that may break it
 * @param onFailure what becomes of rows that break it while they are no more than that
 */
public record Rows(
    @Help("The fraction of rows that may break the check.") @Default("0") double threshold,
    @Help("halt, or quarantine: rows that break it are put aside while they are at most threshold.")
        @Default("halt")
        OnFailure onFailure,
    @Inline Terms terms) {
  /** Every row, and in earnest. */
  public static final Rows ALL = upTo(0);

  public Rows {
    Objects.requireNonNull(onFailure);
    Objects.requireNonNull(terms);
    requireFraction(threshold);
    if (onFailure == OnFailure.QUARANTINE && threshold == 0) {
      throw new IllegalArgumentException(
          "on-failure: quarantine needs a threshold: the fraction of rows that may be put aside, such as 0.05, above which the dataset is refused");
    }
    if (onFailure == OnFailure.QUARANTINE && terms.severity() == Severity.WARN) {
      throw new IllegalArgumentException(
          "a check of severity warn is recorded only and puts no rows aside: leave out severity, or on-failure");
    }
  }

  /** The same for rows that are accepted with the rest. */
  public Rows(double threshold, Terms terms) {
    this(threshold, OnFailure.HALT, terms);
  }

  /** All rows, of which a fraction may break it. */
  public static Rows upTo(double threshold) {
    return new Rows(threshold, Terms.USUAL);
  }

  /** All rows; those that break it are put aside, up to a fraction. */
  public static Rows quarantined(double threshold) {
    return new Rows(threshold, OnFailure.QUARANTINE, Terms.USUAL);
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
