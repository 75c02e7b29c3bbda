package dev.weir.config;

/** What an alert tells of. */
public enum AlertKind {
  /** A gate refused data or a model. */
  GATE_HALTED,
  /** A stage failed, and is not tried again. */
  STAGE_FAILED,
  /** A run failed though no stage of it did. */
  RUN_FAILED,
  /** The process of a run was found dead. */
  RUN_DIED,
  /** The pipeline succeeded again after an alert. */
  RECOVERED
}
