package dev.weir.cli;

import dev.weir.run.LineageAhead;
import dev.weir.run.RunRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a pipeline. */
@Command(
    name = "run",
    description = {
      "Run a pipeline: what was done before and is still there is used again.",
      "",
      "A run of it that was interrupted goes on, if it would do the same."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir run credit",
      "  ./weir run bank --param source=bank-full.csv",
      "  ./weir run credit --conf spark.sql.shuffle.partitions=4 --json",
      "  ./weir run credit --accept credit.raw --by Ada --reason 'the branch was closed'"
    })
final class RunCommand implements Callable<Integer> {
  @Mixin PipelineChoice pipeline = new PipelineChoice();

  @Mixin Choice choice = new Choice();

  @Mixin AcceptOptions accept = new AcceptOptions();

  @Mixin RunOptions options = new RunOptions();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    AcceptOptions.Acceptance accepted = accept.read();
    if (QuickRun.is() && !accepted.datasets().isEmpty()) {
      return QuickRun.HANDED_OVER;
    }
    // What is accepted is to be read too, and not yet said.
    try (LineageAhead ahead =
        accepted.datasets().isEmpty()
            ? LineageAhead.of(workspace.home(workspace.project()), pipeline.name)
            : LineageAhead.none()) {
      RunRequest request =
          Requests.of(
                  workspace,
                  spark,
                  pipeline.name,
                  pipeline.params,
                  "run " + pipeline.name,
                  options.parallel,
                  true)
              .with(choice.selection());
      accepted.commit(
          request.home(),
          workspace.project(),
          request.pipeline().name(),
          options.json ? null : System.out);
      return new RunAction(request, workspace, pipeline.name, options.json).execute(ahead);
    }
  }
}
