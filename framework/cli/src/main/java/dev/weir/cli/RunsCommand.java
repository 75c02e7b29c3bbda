package dev.weir.cli;

import dev.weir.config.Project;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the runs that there were. */
@Command(
    name = "runs",
    description = "List the runs, the latest first.",
    mixinStandardHelpOptions = true)
final class RunsCommand implements Callable<Integer> {
  @Option(names = "--pipeline", paramLabel = "NAME", description = "Only runs of this pipeline.")
  @Nullable String pipeline;

  @Option(
      names = "--limit",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "At most so many. Default: ${DEFAULT-VALUE}.")
  int limit = 20;

  @Option(names = "--json", description = "One JSON object a run.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    int code =
        new LineageActions(workspace.home(project), System.out, System.err)
            .runs(pipeline, limit, json);
    LeftAlerts.deliver(project, workspace.home(project), System.err);
    return code;
  }
}
