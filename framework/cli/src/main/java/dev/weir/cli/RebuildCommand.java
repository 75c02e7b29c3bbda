package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes again what came from a bad version. */
@Command(
    name = "rebuild",
    description = {
      "Make again all that came from a version of a dataset that turned out bad, from its newest version.",
      "",
      "Each pipeline of which something is left of it runs from the first stage that read something bad, with the parameters that it ran with. What was made again since is left alone."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir rebuild --from dataset:credit.clean@12 --plan",
      "  ./weir rebuild --from dataset:credit.clean@12"
    })
final class RebuildCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "DATASET",
      description = "The bad version, such as dataset:credit.clean@12.")
  String from = "";

  @Option(
      names = "--plan",
      description = "Only say what came of it and what would run; without Spark.")
  boolean plan;

  @Mixin RunOptions options = new RunOptions();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    return new RebuildAction(this).execute();
  }
}
