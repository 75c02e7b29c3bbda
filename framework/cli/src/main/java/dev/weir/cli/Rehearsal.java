package dev.weir.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Gives a command for a run, then others for which nothing is left to do: to run again and to plan.
 * The launcher keeps the classes that all of them need in one archive.
 */
public final class Rehearsal {
  /** So many runs write checkpoints of what they say, and read them. */
  private static final int QUICK_RUNS = 30;

  private Rehearsal() {}

  /**
   * Runs and plans.
   *
   * @param arguments what follows {@code run} and {@code plan}
   */
  public static void main(String[] arguments) {
    Main.prepare();
    List<String> commands =
        new ArrayList<>(Collections.nCopies(QuickRun.is() ? QUICK_RUNS : 2, "run"));
    commands.add("plan");
    for (String command : commands) {
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
