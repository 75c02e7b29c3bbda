package dev.weir.cli;

/**
 * The process that a run begins in: one that is soon over where the run has nothing to do. Where
 * there is work for Spark it ends, having done and said nothing, and the launcher goes on with the
 * process that is made for that.
 */
final class QuickRun {
  /** The exit code by which the launcher knows, which no command ends with otherwise. */
  static final int HANDED_OVER = 86;

  private QuickRun() {}

  /** Whether this is such a process. */
  static boolean is() {
    return Boolean.getBoolean("weir.quick");
  }
}
