package dev.weir.lineage;

/** What became of a run. */
public enum RunState {
  /** It is under way, or its driver died without a word and nobody has noticed yet. */
  RUNNING,
  /** Its driver died without a word, and another run has taken the pipeline since. */
  INTERRUPTED,
  /** Every stage succeeded. */
  SUCCEEDED,
  /** A stage failed. */
  FAILED,
  /** A gate halted it. */
  HALTED,
  /** It was cancelled. */
  CANCELLED;

  /** True when nothing more will happen to the run. */
  public boolean finished() {
    return this != RUNNING;
  }
}
