package dev.weir.reproduce;

/** How near two things are that should be the same. */
public enum Likeness {
  /** The same to the last bit. */
  IDENTICAL,
  /** The same but for fractions that are no further apart than was allowed. */
  EQUAL,
  /** Not the same. */
  DIFFERENT;

  /** The worse of two. */
  Likeness or(Likeness other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
