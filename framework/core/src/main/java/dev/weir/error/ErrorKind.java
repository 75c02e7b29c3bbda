package dev.weir.error;

/** Whose move it is after an error. */
public enum ErrorKind {
  /** Wrong usage or configuration: a person changes what was asked for. */
  USER,
  /** The data or the model did not pass: a person looks at the data. */
  DATA,
  /** Something outside failed that may pass by itself: a retry is reasonable. */
  TRANSIENT,
  /** A fault of Weir's own. */
  INTERNAL
}
