package dev.weir.plan;

/** What a plan says of a stage. */
public enum Verdict {
  /** It has work to do. */
  RUN,
  /** The same work was done before; its result is used again. */
  REUSE,
  /** It runs unless a stage before it, which runs, makes the same as it did before. */
  MAYBE
}
