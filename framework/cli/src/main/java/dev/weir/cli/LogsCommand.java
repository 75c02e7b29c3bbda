package dev.weir.cli;

import dev.weir.config.Project;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the log of a run. */
@Command(
    name = "logs",
    description = "Print the log of a run, or of one of its stages.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir logs --follow",
      "  ./weir logs 20260131-174512-k3f9x train"
    })
final class LogsCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "RUN",
      arity = "0..1",
      description = "The run's id or the beginning of one; the latest run unless given.")
  String run = "";

  @Parameters(
      index = "1",
      paramLabel = "STAGE",
      arity = "0..1",
      description = "Only what this stage logged.")
  @Nullable String stage;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as the log grows, until the run ends.")
  boolean follow;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    Project project = workspace.project();
    return new LogsAction(workspace.home(project), workspace.place(), System.out, System.err)
        .print(run, stage, follow);
  }
}
