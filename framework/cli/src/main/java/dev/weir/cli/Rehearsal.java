package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives a command for a run, then twice the same when nothing is left to do: to run again and to
 * plan. The launcher keeps the classes that all three need in one archive.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Runs and plans.
   *
   * @param arguments what follows {@code run} and {@code plan}
   */
  public static void main(String[] arguments) {
    for (String command : List.of("run", "run", "plan")) {
      List<String> words = new ArrayList<>(List.of(command));
      words.addAll(List.of(arguments));
      int code = Main.execute(words.toArray(String[]::new));
      if (code != ExitCode.DONE) {
        System.exit(code);
      }
    }
    System.exit(ExitCode.DONE);
  }
}
