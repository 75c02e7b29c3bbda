package dev.weir.cli;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Project;
import dev.weir.config.Retention;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.pin.PinRelease;
import dev.weir.pin.Pins;
import dev.weir.session.SparkSessions;
import dev.weir.vacuum.Vacuum;
import dev.weir.vacuum.VacuumPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Deletes what nothing needs, and says what. */
final class VacuumAction {
  /** How many holders a line names. */
  private static final int HOLDERS = 3;

  private final VacuumCommand command;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  VacuumAction(VacuumCommand command, PrintStream out, PrintStream err) {
    this.command = command;
    this.out = out;
    this.err = err;
  }

  int execute() {
    String reason = command.dryRun ? "" : command.deed.reason();
    Actor by = command.deed.actor();
    Project project = command.workspace.project();
    URI location = command.workspace.home(project);
    Retention retention = project.config().retention();
    String log = SparkLog.ofCommand(project, location, "vacuum");
    try (HomeReader home = HomeReader.open(location)) {
      Events events = home.events();
      home.update();
      List<DatasetName> names = names(Pins.of(home.lineage(), retention, Instant.now()));
      UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
      code.install();
      SparkSession spark =
          SparkSessions.start("weir vacuum", RunAction.settings(project, command.spark, code));
      Vacuum vacuum = new Vacuum(spark, home.home().orElseThrow(), events, retention);
      List<VacuumPlan> plans = vacuum.plan(names);
      print(plans);
      List<VacuumPlan> work = plans.stream().filter(VacuumPlan::hasWork).toList();
      if (work.isEmpty()) {
        out.println("There is nothing to delete.");
        return ExitCode.DONE;
      }
      if (command.dryRun) {
        out.println("Nothing was deleted: this was a dry run.");
        return ExitCode.DONE;
      }
      if (!confirmed(work)) {
        out.println("Nothing was deleted.");
        return ExitCode.DONE;
      }
      int exit = delete(vacuum, work, by, reason, home, log == null ? "Spark's log" : log);
      AuditActions.seal(events, project, err);
      return exit;
    }
  }

  private List<DatasetName> names(Pins pins) {
    String asked = command.dataset;
    return asked == null
        ? pins.datasets().stream().sorted().toList()
        : List.of(PinRelease.dataset(pins, asked));
  }

  // --- What would go

  private void print(List<VacuumPlan> plans) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("dataset", "versions that go", "that stay", "files", "size", "stay for"));
    for (VacuumPlan plan : plans) {
      if (plan.left() == null) {
        cells.add(
            List.of(
                plan.dataset().toString(),
                versions(plan.going()),
                versions(plan.staying()),
                Text.count(plan.files().size()),
                Text.bytes(plan.bytes()),
                holders(plan.holders())));
      }
    }
    if (cells.size() > 1) {
      PinsAction.print(cells, out, ansi);
    }
    for (VacuumPlan plan : plans) {
      if (plan.left() != null) {
        out.println("%s is left alone: %s".formatted(plan.dataset(), plan.left()));
      } else if (!plan.unfinished().isEmpty()) {
        out.println(
            "%s: a vacuum gave up %s and did not come to its end."
                .formatted(
                    plan.dataset(),
                    (plan.unfinished().size() == 1 ? "version " : "versions ")
                        + versions(plan.unfinished().stream().sorted().toList())));
      }
    }
  }

  /** {@code 0-3, 7}; a dash for none. */
  static String versions(List<Long> versions) {
    if (versions.isEmpty()) {
      return "-";
    }
    List<String> parts = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= versions.size(); i++) {
      if (i == versions.size() || versions.get(i) != versions.get(i - 1) + 1) {
        long from = versions.get(first);
        long to = versions.get(i - 1);
        parts.add(from == to ? String.valueOf(from) : from + (to == from + 1 ? ", " : "-") + to);
        first = i;
      }
    }
    return String.join(", ", parts);
  }

  private static String holders(List<String> holders) {
    String named = String.join(", ", holders.stream().limit(HOLDERS).toList());
    return holders.size() > HOLDERS
        ? "%s and %d more".formatted(named, holders.size() - HOLDERS)
        : named;
  }

  private boolean confirmed(List<VacuumPlan> work) {
    if (command.yes) {
      return true;
    }
    String what =
        "%s (%s)"
            .formatted(
                Text.count(work.stream().mapToLong(plan -> plan.files().size()).sum(), "file"),
                Text.bytes(work.stream().mapToLong(VacuumPlan::bytes).sum()));
    if (!ansi.terminal()) {
      throw WeirException.user(
          "not-confirmed",
          "%s would be deleted, and there is nobody to ask.".formatted(what),
          "Add --yes to delete them, or --dry-run to look only.");
    }
    out.print("Delete %s for good? [y/N] ".formatted(what));
    out.flush();
    String answer = answer();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  private static @Nullable String answer() {
    try {
      return new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))
          .readLine();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't read the answer", e);
    }
  }

  // --- What goes

  private int delete(
      Vacuum vacuum, List<VacuumPlan> work, Actor by, String reason, HomeReader home, String log) {
    int code = ExitCode.DONE;
    for (VacuumPlan plan : work) {
      Vacuum.Outcome outcome = vacuum.delete(plan, by, reason);
      out.println(
          "%s: %s deleted, %s%s"
              .formatted(
                  outcome.dataset(),
                  Text.count(outcome.files(), "file"),
                  Text.bytes(outcome.bytes()),
                  outcome.gone().isEmpty()
                      ? ""
                      : "; %s %s can't be read any more"
                          .formatted(
                              outcome.gone().size() == 1 ? "version" : "versions",
                              versions(outcome.gone()))));
      if (!outcome.kept().isEmpty()) {
        err.println(
            "weir: %s of %s could not be deleted, such as %s. See %s, and run it again."
                .formatted(
                    Text.count(outcome.kept().size(), "file"),
                    outcome.dataset(),
                    outcome.kept().get(0),
                    log));
        code = ExitCode.FAILED;
      }
    }
    home.update();
    return code;
  }
}
