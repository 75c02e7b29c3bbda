package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Fact;
import dev.weir.lineage.InterventionDeeds;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.pipeline.Input;
import dev.weir.quality.Correction;
import dev.weir.quality.Quarantine;
import dev.weir.run.RunRequest;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import java.io.PrintStream;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Has rows that were put aside corrected by a rule and checked again. The rule is made durable
 * first; what is left of a command that was killed after that, the same command does.
 */
final class ReplayAction {
  private final QuarantineCommand.Replay command;
  private final PrintStream out;

  ReplayAction(QuarantineCommand.Replay command) {
    this.command = command;
    // What a program reads is the run's.
    this.out = command.options.json ? System.err : System.out;
  }

  int execute() throws Exception {
    Project project = command.workspace.project();
    URI location = command.workspace.home(project);
    Actor by = command.deed.actor();
    String reason = command.deed.reason();
    Input asked = AcceptOptions.dataset(command.dataset);
    if (asked.version() == null) {
      throw WeirException.user(
          "no-version",
          "%s names no version: the rule is for the rows of one.".formatted(asked),
          "See ./weir quarantine list, and write it as %s@2.".formatted(asked));
    }
    Correction correction =
        new Correction(
            command.assignments.stream().map(Correction::assignment).toList(), command.condition);
    RunRequest request;
    QuarantineVersion quarantine;
    Fact.RowsCorrected deed;
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      quarantine = QuarantineVersion.find(lineage, asked.name(), asked.version());
      Optional<Fact.RowsCorrected> before =
          InterventionDeeds.corrected(
              home.events(), quarantine, correction.assignments(), correction.condition());
      if (before.isPresent() && Interventions.of(lineage).applied(before.get())) {
        out.println(
            "Nothing to do: %s was corrected by %s on %s UTC: %s."
                .formatted(
                    StageText.bare(before.get().quarantine()),
                    before.get().by().text(),
                    Text.time(before.get().at()),
                    before.get().rule()));
        return ExitCode.DONE;
      }
      InterventionDeeds.requireLast(lineage, quarantine);
      request = request(lineage, quarantine);
      if (before.isEmpty()) {
        rehearse(correction, quarantine, request);
      }
      deed =
          InterventionDeeds.correct(
              home.events(),
              quarantine,
              correction.assignments(),
              correction.condition(),
              by,
              reason);
      out.println(
          "Rows of %s are corrected by %s: %s (%s in the audit trail)."
              .formatted(
                  StageText.bare(deed.quarantine()), deed.by().text(), deed.rule(), deed.id()));
      AuditActions.seal(home.events(), project, System.err);
    }
    int code =
        new RunAction(request, command.workspace, quarantine.pipeline(), command.options.json)
            .execute();
    return code == ExitCode.DONE ? finished(location, quarantine, deed) : code;
  }

  /** The pipeline from the gate on, as the run had it that put the rows aside. */
  private RunRequest request(LineageReader lineage, QuarantineVersion quarantine) throws Exception {
    Map<String, String> environment = lineage.environment(quarantine.run());
    String file = environment.get(Requests.PIPELINE_FILE);
    if (file == null) {
      throw WeirException.user(
          "unknown-pipeline",
          "Run %s was not made from a pipeline's file, so that the command line can't have its stages run again."
              .formatted(quarantine.run()),
          "Run the pipeline where it was made: once somebody has corrected rows, its gate does so.");
    }
    return Requests.of(
            command.workspace,
            command.spark,
            command.workspace.project().folder().resolve(file).toString(),
            lineage.start(quarantine.run()).map(Fact.RunStarted::params).orElse(Map.of()),
            "quarantine replay " + StageText.bare(quarantine.written().reference()),
            command.options.parallel,
            true)
        .with(Selection.since(quarantine.stage()));
  }

  /** What can't be made of the rows is said before the rule is durable. */
  private static void rehearse(
      Correction correction, QuarantineVersion quarantine, RunRequest request) {
    String name = StageText.bare(quarantine.written().reference());
    Dataset<Row> rows =
        Quarantine.own(
            QuarantineRowsAction.rows(
                quarantine, SparkSessions.start("weir quarantine", request.spark())));
    correction.require(rows, name);
    if (correction.about(rows) == 0) {
      throw WeirException.user(
          "invalid-correction",
          "No row of %s is one where %s.".formatted(name, correction.condition()),
          "See the rows: ./weir quarantine show %s.".formatted(name));
    }
    correction.rehearse(rows, name);
  }

  private int finished(URI location, QuarantineVersion quarantine, Fact.RowsCorrected deed) {
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      if (!Interventions.of(lineage).applied(deed)) {
        throw new WeirException(
            "not-replayed",
            ErrorKind.TRANSIENT,
            "%s has been published anew meanwhile, so that the gate checked other data than %s."
                .formatted(quarantine.from().name(), deed.reference()),
            "See what it put aside now: ./weir quarantine list.");
      }
      QuarantineVersion left = QuarantineVersion.find(lineage, quarantine.version().name(), null);
      out.println(
          "Put aside before: %s; now: %s%s."
              .formatted(
                  Text.count(quarantine.written().rows(), "row"),
                  Text.count(left.written().rows(), "row"),
                  left.written().rows() == 0
                      ? ""
                      : ", in " + StageText.bare(left.written().reference())));
      return ExitCode.DONE;
    }
  }
}
