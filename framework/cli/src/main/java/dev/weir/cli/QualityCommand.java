package dev.weir.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Looks into what is expected of datasets, and what they are found to be. */
@Command(
    name = "quality",
    description = "Try what is expected of a dataset, and say what is normal from now on.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {QualityAcceptBaselineCommand.class, QualityCheckCommand.class})
final class QualityCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }
}
