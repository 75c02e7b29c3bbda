package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lays two models or runs side by side. */
@Command(
    name = "diff",
    description = {
      "Lay two versions of a model, or two runs, side by side: what they were made from and came to.",
      "",
      "Datasets and models count as the same if they hold the same, whatever their versions are called."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir diff model:credit.default@3 model:credit.default@4",
      "  ./weir diff credit.default@3 credit.default@4 --all",
      "  ./weir diff 20260131-174512-k3f9x 20260201-081500-8dk2m --json"
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "A model's version, or a run's id or the beginning of one.")
  String first = "";

  @Parameters(index = "1", paramLabel = "B", description = "The other.")
  String second = "";

  @Option(names = "--all", description = "Show what is the same too.")
  boolean all;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new DiffAction(this).execute();
  }
}
