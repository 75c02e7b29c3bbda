package dev.weir.lineage;

/** What became of an attempt at a stage. */
public enum StageState {
  /** It waits for what it reads. */
  PENDING,
  /** It is under way. */
  RUNNING,
  /** It published everything it declared. */
  SUCCEEDED,
  /** It did not run: the same work had been done before, and what that published is used. */
  REUSED,
  /** It ended with an error. */
  FAILED,
  /** Its gate refused the data or the model. */
  HALTED,
  /** It was cancelled. */
  CANCELLED,
  /** It never started, because something before it did not succeed. */
  SKIPPED,
  /** Its process died; what it had committed was settled by the process that came after. */
  INTERRUPTED,
  /** What it committed is not known yet. */
  UNKNOWN;

  /** True when what the stage declares is published. */
  public boolean published() {
    return this == SUCCEEDED || this == REUSED;
  }

  /** True when nothing more will happen to the attempt. */
  public boolean finished() {
    return this != PENDING && this != RUNNING && this != UNKNOWN;
  }
}
