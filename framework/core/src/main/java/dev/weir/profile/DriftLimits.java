package dev.weir.profile;

import dev.weir.config.Default;
import dev.weir.config.Help;

/**
 * From when on two distributions count as different: when one of the effects is as large as here
 * and chance alone would seldom make them differ so.
 *
 * @param minimum how many values each of both must have to be compared
 * @param falseDiscoveries the part of the columns found different that may be so by chance
 * @param stability of the population stability index
 * @param distance of Kolmogorov and Smirnov's distance, the largest difference of two distribution
 *     functions
 * @param divergence of Jensen and Shannon's divergence, in bits
 * @param transport of Wasserstein's distance, in standard deviations of the reference
 * @param share of the largest difference of the share of one category
 * @param association of Cramér's V
 * @param nulls of the difference of the fractions that are null or NaN
 */
public record DriftLimits(
    @Help("How many values each of both must have to be compared.") @Default("100") long minimum,
    @Help("The part of the columns found different that may be so by chance.") @Default("0.01")
        double falseDiscoveries,
    @Help("The population stability index from which on numbers are different.") @Default("0.2")
        double stability,
    @Help("The distance of Kolmogorov and Smirnov from which on numbers are different.")
        @Default("0.1")
        double distance,
    @Help("The divergence of Jensen and Shannon, in bits, from which on they are different.")
        @Default("0.05")
        double divergence,
    @Help("The distance of Wasserstein, in standard deviations, from which on they are different.")
        @Default("0.25")
        double transport,
    @Help("The difference of one category's share from which on categories are different.")
        @Default("0.1")
        double share,
    @Help("The V of Cramér from which on categories are different.") @Default("0.15")
        double association,
    @Help("The difference of the fractions of nulls and NaN from which on columns are different.")
        @Default("0.05")
        double nulls) {
  /** Those that hold unless others are given. */
  public static final DriftLimits USUAL =
      new DriftLimits(100, 0.01, 0.2, 0.1, 0.05, 0.25, 0.1, 0.15, 0.05);

  public DriftLimits {
    if (minimum < 1) {
      throw new IllegalArgumentException("minimum is 1 or more, not " + minimum);
    }
    if (!(falseDiscoveries > 0 && falseDiscoveries < 1)) {
      throw new IllegalArgumentException(
          "false-discoveries is between 0 and 1, not " + falseDiscoveries);
    }
    if (!(stability > 0
        && distance > 0
        && divergence > 0
        && transport > 0
        && share > 0
        && association > 0
        && nulls > 0)) {
      throw new IllegalArgumentException("every limit of an effect is more than 0");
    }
  }
}
