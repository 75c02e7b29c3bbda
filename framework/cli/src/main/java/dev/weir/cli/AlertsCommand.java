package dev.weir.cli;

import dev.weir.config.Durations;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists alerts, and says what is done about them. */
@Command(
    name = "alerts",
    description = {
      "List what went wrong and is not over: whom it was told, and how often it came.",
      "",
      "Who is told stands under alerts in conf/weir.yaml. Trouble is over when its pipeline succeeds",
      "again, which is told too. What could not be delivered is tried again now."
    },
    mixinStandardHelpOptions = true,
    subcommands = {AlertsCommand.Acknowledge.class, AlertsCommand.Snooze.class},
    footer = {
      "",
      "Examples:",
      "  ./weir alerts",
      "  ./weir alerts ack 3f9c21ab --reason 'the supplier sends the file again at noon'",
      "  ./weir alerts snooze credit --for 2h"
    })
final class AlertsCommand implements Callable<Integer> {
  @Option(names = "--all", description = "Those that are over, too.")
  boolean all;

  @Option(names = "--json", description = "One JSON object an alert.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    // First, so that the list says what came of it.
    LeftAlerts.deliver(project, workspace.home(project), System.err);
    return action(workspace, project).list(all, json);
  }

  private static AlertsAction action(Workspace workspace, Project project) {
    return new AlertsAction(workspace.home(project), project, System.out, System.err);
  }

  /** Says that somebody knows. */
  @Command(
      name = "ack",
      description = "Say that you know of an alert: it is told no more until it is over.",
      mixinStandardHelpOptions = true)
  static final class Acknowledge implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "The alert's id, or the beginning of it.")
    String id = "";

    @Mixin DeedOptions deed = new DeedOptions();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return action(workspace, project).acknowledge(id, deed.actor(), deed.reason());
    }
  }

  /** Has nothing told for some time. */
  @Command(
      name = "snooze",
      description = "Have an alert, or all of a pipeline, not told for some time.",
      mixinStandardHelpOptions = true)
  static final class Snooze implements Callable<Integer> {
    @Parameters(
        paramLabel = "ID|PIPELINE",
        description = "The alert's id, or the beginning of it; or the name of a pipeline.")
    String what = "";

    @Option(
        names = "--for",
        required = true,
        paramLabel = "DURATION",
        description = "For how long, such as 30m, 2h or 1d.")
    String length = "";

    @Mixin DeedOptions deed = new DeedOptions();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      // Not to be told for an hour needs no reason.
      @Nullable String reason = deed.reason;
      return action(workspace, project)
          .snooze(what, length(), deed.actor(), reason == null ? "" : reason.strip());
    }

    private Duration length() {
      try {
        return Durations.parse(length);
      } catch (IllegalArgumentException e) {
        throw WeirException.user(
            "invalid-time",
            "'%s' after --for is no duration: %s.".formatted(length, e.getMessage()),
            "Write it as --for 2h.");
      }
    }
  }
}
