package dev.weir.config;

/** How much an alert matters, the least first. */
public enum AlertSeverity {
  /** Good to know. */
  INFO,
  /** Somebody should look at it some time. */
  WARN,
  /** Somebody should look at it now. */
  ERROR
}
