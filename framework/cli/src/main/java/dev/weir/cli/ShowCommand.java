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

  @Option(
      names = {"-w", "--watch"},
      description = "Go on showing its stages as they progress, until the run ends.")
  boolean watch;

  @Option(
      names = "--json",
      description = "Everything as one JSON object; with --watch one an event, as run does.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws InterruptedException {
    Project project = workspace.project();
    if (watch) {
      return new WatchAction(workspace.home(project), workspace.given(), System.out, System.err)
          .watch(run, json);
    }
    int code = new LineageActions(workspace.home(project), System.out, System.err).show(run, json);
    LeftAlerts.deliver(project, workspace.home(project), System.err);
    return code;
  }
}
