package dev.weir.cli;

import dev.weir.config.Project;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a dataset's new level for the normal one. */
@Command(
    name = "accept-baseline",
    description = {
      "Take the level of a dataset version for the new normal.",
      "What came before it no longer counts when later versions are judged by history, and the",
      "version itself passes."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir quality accept-baseline credit.raw@7 --figure income.mean --reason 'new price list'",
      "  ./weir quality accept-baseline credit.raw --reason 'another supplier'"
    })
final class QualityAcceptBaselineCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DATASET",
      description =
          "namespace.name@version, as validate read it; without a version the newest that it looked into.")
  String dataset = "";

  @Option(
      names = "--figure",
      paramLabel = "FIGURE",
      description = "Such as rows or income.mean; may be repeated. All figures unless given.")
  List<String> figures = new ArrayList<>();

  @Mixin DeedOptions deed = new DeedOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    return new BaselineAction(workspace.home(project), project, System.out, System.err)
        .accept(dataset, figures, deed.actor(), deed.reason());
  }
}
