package dev.weir.cli;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Project;
import dev.weir.data.DatasetReader;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.ProfileRows;
import dev.weir.lineage.Published;
import dev.weir.profile.DatasetProfile;
import dev.weir.quality.Examination;
import dev.weir.quality.Subject;
import dev.weir.quality.Suggestion;
import dev.weir.quality.SuggestionText;
import dev.weir.quality.Suggestions;
import dev.weir.session.SparkSessions;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Suggests the checks of a dataset; starts Spark only for one that was never looked into. */
final class SuggestAction {
  private final SuggestCommand command;
  private final PrintStream out;

  SuggestAction(SuggestCommand command, PrintStream out) {
    this.command = command;
    this.out = out;
  }

  int execute() {
    QualityAction.Asked asked = QualityAction.Asked.parse(command.dataset);
    Project project = command.workspace.project();
    URI location = command.workspace.home(project);
    SparkLog.ofCommand(project, location, "suggest");
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      Fact.DatasetWritten dataset = dataset(Published.of(lineage), asked);
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(dataset.reference());
      Optional<DatasetProfile> kept = ProfileRows.of(lineage, version, dataset.tableId());
      DatasetProfile profile = kept.orElseGet(() -> profiled(project, dataset, version));
      if (profile.rows() == 0) {
        throw WeirException.user(
            "empty-dataset",
            "%s has no rows, which suggest nothing.".formatted(version),
            "Name a version that has some.");
      }
      List<Suggestion> suggestions = Suggestions.of(profile);
      String text =
          """
          # What %s suggests, %s; for the `with` of a validate stage.
          # Checks that are less sure only warn: make errors of those that you know to hold.
          %s"""
              .formatted(
                  StageText.bare(version.reference()),
                  Text.count(profile.rows(), "row"),
                  SuggestionText.yaml(suggestions));
      String output = command.output;
      if (output == null) {
        out.print(text);
      } else {
        Path file = command.workspace.path(output);
        QualityAction.write(file, text);
        long unsure = suggestions.stream().filter(each -> each.doubt() != null).count();
        out.println(
            "Wrote %s, %d of them less sure, to %s"
                .formatted(Text.count(suggestions.size(), "check"), unsure, file));
      }
      return ExitCode.DONE;
    }
  }

  private static Fact.DatasetWritten dataset(Published published, QualityAction.Asked asked) {
    return published
        .dataset(asked.name(), asked.version())
        .orElseThrow(
            () -> {
              List<Long> versions = published.versions(asked.name());
              if (!versions.isEmpty()) {
                return WeirException.user(
                    "unknown-version",
                    "No stage has published version %d of %s."
                        .formatted(asked.version(), asked.name()),
                    "Its versions are %s."
                        .formatted(
                            String.join(", ", versions.stream().map(String::valueOf).toList())));
              }
              List<String> names =
                  published.datasets().keySet().stream().map(Object::toString).toList();
              return WeirException.user(
                  "unknown-dataset",
                  "There is no dataset '%s'%s"
                      .formatted(asked.name(), Nearest.ending(asked.name().toString(), names)),
                  names.isEmpty()
                      ? "Nothing is published in this home."
                      : "There are %s.".formatted(String.join(", ", names)));
            });
  }

  private DatasetProfile profiled(
      Project project, Fact.DatasetWritten dataset, DatasetVersion version) {
    UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
    code.install();
    SparkSession spark =
        SparkSessions.start("weir suggest", RunAction.settings(project, command.spark, code));
    Subject subject =
        new Subject(
            new DatasetReader(spark).read(dataset.path(), version.version(), dataset.tableId()),
            version.reference(),
            version.name().toString());
    Examination examined =
        Examination.of(
            subject,
            List.of(),
            true,
            Instant.now(),
            other -> {
              throw new IllegalStateException("No check looks into " + other);
            });
    // The same as what a stage would have kept suggests.
    return Objects.requireNonNull(examined.profile()).kept();
  }
}
