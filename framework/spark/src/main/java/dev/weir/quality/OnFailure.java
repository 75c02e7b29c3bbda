package dev.weir.quality;

/** What becomes of the rows that break a check of single rows. */
public enum OnFailure {
  /** They are accepted with the rest, or, where they are too many, nothing is. */
  HALT,
  /** They are put aside and the rest is accepted; or, where they are too many, nothing is. */
  QUARANTINE
}
