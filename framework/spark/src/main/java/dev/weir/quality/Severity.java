package dev.weir.quality;

/** What becomes of a check that does not hold. */
public enum Severity {
  /** The dataset is not accepted, and nothing downstream runs. */
  ERROR,
  /** It is recorded, and nothing else. */
  WARN
}
