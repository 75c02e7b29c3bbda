package dev.weir.lineage;

/** What became of an attempt at a stage. */
public enum StageState {
  /** It waits for what it reads. */
  PENDING,
  /** It is under way. */
  RUNNING,
  /** It published everything it declared. */
  SUCCEEDED,
  /** It ended with an error. */
  FAILED,
  /** Its gate refused the data or the model. */
  HALTED,
  /** It was cancelled. */
  CANCELLED,
  /** It never started, because something before it did not succeed. */
  SKIPPED,
  /** What it committed is not known yet. */
  UNKNOWN;

  /** True when nothing more will happen to the attempt. */
  public boolean finished() {
    return this != PENDING && this != RUNNING && this != UNKNOWN;
  }
}
