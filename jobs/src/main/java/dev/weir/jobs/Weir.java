package dev.weir.jobs;

import dev.weir.cli.Main;

/** The class that spark-submit is given: the command line, with the arguments passed on. */
public final class Weir {
  private Weir() {}

  /** Runs a command; the process ends with its exit code. */
  public static void main(String[] arguments) {
    Main.main(arguments);
  }
}
