package dev.weir.cli;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.RunView;
import java.util.List;

/** Finds the run that a command line means. */
final class RunFinder {
  private RunFinder() {}

  /**
   * The run.
   *
   * @param asked its id or the beginning of one; the latest run if empty
   */
  static RunView find(LineageReader lineage, String asked) {
    List<RunView> all = lineage.runs(asked.isEmpty() ? 1 : Integer.MAX_VALUE);
    if (asked.isEmpty()) {
      return all.stream()
          .findFirst()
          .orElseThrow(
              () ->
                  WeirException.user(
                      "no-run", "There is no run yet.", "Run a pipeline: ./weir run credit."));
    }
    List<RunView> found = all.stream().filter(run -> run.run().startsWith(asked)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty()) {
      throw WeirException.user(
          "unknown-run",
          "There is no run '%s'%s"
              .formatted(asked, Nearest.ending(asked, all.stream().map(RunView::run).toList())),
          "See ./weir runs.");
    }
    throw WeirException.user(
        "ambiguous-run",
        "'%s' begins the ids of %d runs: %s."
            .formatted(
                asked,
                found.size(),
                String.join(", ", found.stream().map(RunView::run).limit(5).toList())),
        "Give more of the id.");
  }
}
