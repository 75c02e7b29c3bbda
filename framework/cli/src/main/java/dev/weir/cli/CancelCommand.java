package dev.weir.cli;

import dev.weir.audit.AuditKey;
import dev.weir.config.Project;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Cancels a run that another process makes. */
@Command(
    name = "cancel",
    description = {
      "Cancel a run that another process makes, on this machine or another.",
      "",
      "Its driver notices within a second or two, stops it as on Ctrl-C and gives the pipeline up.",
      "A run whose driver is dead is ended in its place. ./weir resume goes on with either."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir cancel 20260131-174512-k3f9x",
      "  ./weir cancel 20260131-174512-k3f9x --reason 'the till was empty'"
    })
final class CancelCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN",
      description = "The run's id, or the beginning of it; see ./weir runs.")
  String run = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is kept with the run.")
  @Nullable String reason;

  @Option(
      names = "--no-wait",
      description = "Leave once its driver is asked, without waiting for the run's end.")
  boolean noWait;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws InterruptedException {
    Project project = workspace.project();
    // First: of a run that is found dead, people are told before it is ended.
    LeftAlerts.deliver(project, workspace.home(project), System.err);
    return new CancelAction(
            workspace.home(project),
            workspace.given(),
            AuditKey.of(project),
            System.out,
            System.err)
        .cancel(run, reason == null || reason.isBlank() ? null : reason.strip(), !noWait);
  }
}
