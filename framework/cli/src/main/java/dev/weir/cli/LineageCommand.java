package dev.weir.cli;

import dev.weir.config.Project;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Works on the lineage tables. */
@Command(
    name = "lineage",
    description = "Work on the lineage tables.",
    mixinStandardHelpOptions = true,
    subcommands = LineageCommand.Rebuild.class)
final class LineageCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }

  /** Makes the tables again from the events. */
  @Command(
      name = "rebuild",
      description = "Make the lineage tables again from the events alone.",
      mixinStandardHelpOptions = true)
  static final class Rebuild implements Callable<Integer> {
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return LineageActions.rebuild(workspace.home(project), System.out);
    }
  }
}
