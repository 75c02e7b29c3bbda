package dev.weir.profile;

/**
 * How different two distributions are by one measure.
 *
 * @param value from 0 for the same
 * @param limit from when on it counts
 */
public record Effect(Kind kind, double value, double limit) {
  /** What measures a difference. */
  public enum Kind {
    /** The population stability index of numbers, over tenths of the reference. */
    STABILITY("PSI"),
    /** The distance of Kolmogorov and Smirnov of numbers. */
    DISTANCE("Kolmogorov-Smirnov"),
    /** The divergence of Jensen and Shannon in bits. */
    DIVERGENCE("Jensen-Shannon"),
    /** The distance of Wasserstein of numbers, in standard deviations of the reference. */
    TRANSPORT("Wasserstein"),
    /** The largest difference of the share of one category. */
    SHARE("L-infinity"),
    /** Cramér's V of categories. */
    ASSOCIATION("Cramér's V"),
    /** The difference of the fractions that are null or NaN. */
    NULLS("nulls");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** What it is called. */
    public String text() {
      return text;
    }
  }

  /** Whether it is as large as counts. */
  public boolean large() {
    return value >= limit;
  }
}
