package dev.weir.cli;

import dev.weir.config.Project;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one run, stage by stage. */
@Command(
    name = "show",
    description = "Show a run: its stages, what they read and made, checks and metrics.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN",
      arity = "0..1",
      description = "The run's id or the beginning of one; the latest run unless given.")
  String run = "";

  @Option(names = "--json", description = "Everything as one JSON object.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    return new LineageActions(workspace.home(project), System.out, System.err).show(run, json);
  }
}
