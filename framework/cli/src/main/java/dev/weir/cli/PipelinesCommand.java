package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the pipelines that there are. */
@Command(
    name = "pipelines",
    description = "List the pipelines in conf/pipelines.",
    mixinStandardHelpOptions = true)
final class PipelinesCommand implements Callable<Integer> {
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return PipelineActions.list(workspace.project(), System.out, System.err);
  }
}
