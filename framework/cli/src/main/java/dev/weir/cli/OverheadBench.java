package dev.weir.cli;

import dev.weir.config.Project;
import java.io.PrintStream;

final class OverheadBench {
  OverheadBench(Project project, BenchCommand.Overhead options, PrintStream out) {}

  int execute() {
    return 0;
  }
}
