package dev.weir.pipeline;

/** Whether a stage's earlier result may be used again. */
public enum Cache {
  /** Where the same work was done before, and what it published can still be read. */
  AUTO,
  /** Never: the stage runs in every run, as one must that looks at the world outside of Weir. */
  NEVER
}
