package dev.weir.cli;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.run.RunRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run that had stopped. */
@Command(
    name = "resume",
    description = {
      "Go on with a run that was interrupted, failed, was halted or cancelled.",
      "",
      "It reads what it read when it began. Stages that have finished don't run again; the others run with the code as it is now, and the lineage says if that has changed."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir resume 20260131-174512-k3f9x",
      "  ./weir resume 20260131-174512-k3f9x --accept credit.raw --by Ada --reason 'known'"
    })
final class ResumeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN",
      description = "The run's id, or the beginning of it; see ./weir runs.")
  String run = "";

  @Mixin AcceptOptions accept = new AcceptOptions();

  @Mixin RunOptions options = new RunOptions();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    AcceptOptions.Acceptance accepted = accept.read();
    Fact.RunStarted started = started();
    String file = started.environment().get(Requests.PIPELINE_FILE);
    if (file == null) {
      throw new WeirException(
          "unknown-pipeline",
          ErrorKind.USER,
          "Run %s was not made from a pipeline's file, so that the command line can't go on with it."
              .formatted(started.run()),
          "Resume it where it was made, with RunRequest.resuming.");
    }
    RunRequest request =
        Requests.of(
                workspace,
                spark,
                workspace.project().folder().resolve(file).toString(),
                started.params(),
                "resume " + started.run(),
                options.parallel,
                true)
            .resuming(started.run());
    accepted.commit(
        request.home(), workspace.project(), started.pipeline(), options.json ? null : System.out);
    return new RunAction(request, workspace, started.pipeline(), options.json).execute();
  }

  private Fact.RunStarted started() {
    try (HomeReader home = HomeReader.open(workspace.home(workspace.project()))) {
      LineageReader lineage = home.lineage();
      String id = RunFinder.find(lineage, run).run();
      return lineage.facts(id).stream()
          .filter(Fact.RunStarted.class::isInstance)
          .map(Fact.RunStarted.class::cast)
          .findFirst()
          .orElseThrow(
              () ->
                  new WeirException(
                      "lineage-damaged",
                      ErrorKind.DATA,
                      "The events don't say how run %s began.".formatted(id),
                      "Begin a new run: ./weir run."));
    }
  }
}
