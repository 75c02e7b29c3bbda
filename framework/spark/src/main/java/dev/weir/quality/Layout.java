package dev.weir.quality;

import java.io.Serializable;

/**
 * How many values of each kind a row has that is counted, in this order: conditions as bits of
 * longs, numbers, quantiles and pairs as doubles, newest and distinct as longs, and for each
 * grouping whether the row takes part.
 */
record Layout(
    int counts, int numbers, int quantiles, int pairs, int newest, int distinct, int groupings)
    implements Serializable {
  /** How many conditions share a long: few, so that each long is a method that the JVM compiles. */
  static final int CONDITIONS = 8;

  static Layout of(ScanPlan plan) {
    return new Layout(
        plan.counts().size(),
        plan.numbers().size(),
        plan.quantiles().size(),
        plan.pairs().size(),
        plan.newest().size(),
        plan.distinct().size(),
        plan.groupings().size());
  }

  /** How many values there are before those of the groupings. */
  int figures() {
    return (counts + CONDITIONS - 1) / CONDITIONS
        + numbers
        + quantiles
        + 2 * pairs
        + newest
        + distinct;
  }
}
