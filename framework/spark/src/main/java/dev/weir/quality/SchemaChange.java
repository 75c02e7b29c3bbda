package dev.weir.quality;

/** How a dataset's columns may differ from those that are asked for. */
public enum SchemaChange {
  /** A column is not there. */
  MISSING,
  /** A column is there that was not asked for. */
  ADDED,
  /** A column is of another type. */
  RETYPED
}
