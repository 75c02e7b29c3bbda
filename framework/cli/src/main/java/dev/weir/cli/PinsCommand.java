package dev.weir.cli;

import dev.weir.config.Project;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what stays readable, and for whom. */
@Command(
    name = "pins",
    description = {
      "List the dataset versions that stay readable, for whom, and until when.",
      "",
      "The latest version of each dataset stays for everybody; what a model was made from, for the",
      "model; what a run read and published, for a run that is under way or can be resumed. How long",
      "stands under retention in conf/weir.yaml. ./weir vacuum deletes the files of the rest. A copy",
      "made by SHALLOW CLONE reads the files of what it was made of, and keeps nothing here."
    },
    mixinStandardHelpOptions = true,
    subcommands = PinsCommand.Release.class,
    footer = {
      "",
      "Examples:",
      "  ./weir pins credit.clean",
      "  ./weir pins release dataset:credit.clean@3 --holder model:credit.default@1 \\",
      "    --reason 'the customers asked for it'"
    })
final class PinsCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DATASET",
      description = "Only this dataset, such as credit.clean.")
  @Nullable String dataset;

  @Option(names = "--json", description = "One JSON object a pin.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    return new PinsAction(workspace.home(project), project, System.out, System.err)
        .list(dataset, json);
  }

  /** Takes a pin off. */
  @Command(
      name = "release",
      description = "Take a pin off: the version no longer stays for that holder's sake.",
      mixinStandardHelpOptions = true)
  static final class Release implements Callable<Integer> {
    @Parameters(
        paramLabel = "REFERENCE",
        description = "The dataset version, such as dataset:credit.clean@3.")
    String reference = "";

    @Option(
        names = "--holder",
        required = true,
        paramLabel = "HOLDER",
        description = "For whom it is pinned: a model version, a candidate or a run.")
    String holder = "";

    @Mixin DeedOptions deed = new DeedOptions();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return new PinsAction(workspace.home(project), project, System.out, System.err)
          .release(reference, holder, deed.actor(), deed.reason());
    }
  }
}
