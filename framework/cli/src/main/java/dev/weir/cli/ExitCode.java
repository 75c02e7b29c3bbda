package dev.weir.cli;

import dev.weir.lineage.OutOfMemory;

/** What the process's exit code says. */
final class ExitCode {
  /** Done. */
  static final int DONE = 0;

  /** A stage failed. */
  static final int FAILED = 1;

  /** Wrong usage or configuration. */
  static final int USAGE = 2;

  /** A gate halted the run. */
  static final int HALTED = 3;

  /** Another run holds the pipeline. */
  static final int HELD = 4;

  /** The process ran out of memory; the next command records it. */
  static final int OUT_OF_MEMORY = OutOfMemory.EXIT_CODE;

  /** Cancelled, as by Ctrl-C. */
  static final int CANCELLED = 130;

  private ExitCode() {}
}
