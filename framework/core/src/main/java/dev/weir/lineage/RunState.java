package dev.weir.lineage;

/** What became of a run. */
public enum RunState {
  /** It is under way. */
  RUNNING,
  /** Its driver died without a word. It can be resumed. */
  INTERRUPTED,
  /** Every stage succeeded. */
  SUCCEEDED,
  /** A stage failed. */
  FAILED,
  /** A gate halted it. */
  HALTED,
  /** It was cancelled. */
  CANCELLED;

  /** True when nobody works on the run. */
  public boolean finished() {
    return this != RUNNING;
  }
}
