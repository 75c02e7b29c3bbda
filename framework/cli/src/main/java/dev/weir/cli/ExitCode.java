package dev.weir.cli;

import dev.weir.lineage.OutOfMemory;
import dev.weir.lineage.RunState;

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

  /** There is work to do, as {@code plan --check} says. */
  static final int WORK = 5;

  /** The process ran out of memory; the next command records it. */
  static final int OUT_OF_MEMORY = OutOfMemory.EXIT_CODE;

  /** Cancelled, as by Ctrl-C. */
  static final int CANCELLED = 130;

  private ExitCode() {}

  /** What a run's end says. */
  static int of(RunState state) {
    return switch (state) {
      case SUCCEEDED -> DONE;
      case HALTED -> HALTED;
      case CANCELLED -> CANCELLED;
      default -> FAILED;
    };
  }
}
