package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.BaselineDeeds;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.profile.Figure;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;

/** Takes levels for the new normal; without Spark. */
final class BaselineAction {
  private final URI location;
  private final Project project;
  private final PrintStream out;
  private final PrintStream err;

  BaselineAction(URI location, Project project, PrintStream out, PrintStream err) {
    this.location = location;
    this.project = project;
    this.out = out;
    this.err = err;
  }

  int accept(String dataset, List<String> figures, Actor by, String reason) {
    Input asked = DatasetChoice.parse(dataset);
    List<Figure> of = figures.stream().map(BaselineAction::figure).toList();
    try (HomeReader home = HomeReader.open(location)) {
      Fact.BaselineAccepted accepted =
          BaselineDeeds.accept(home.events(), asked.name(), asked.version(), of, by, reason);
      out.println(
          "From %s on, %s learned from what came since; that version itself passes."
              .formatted(
                  accepted.reference(),
                  accepted.figures().isEmpty()
                      ? "all figures are"
                      : String.join(", ", accepted.figures())
                          + (accepted.figures().size() == 1 ? " is" : " are")));
      AuditActions.seal(home.events(), project, err);
      return ExitCode.DONE;
    }
  }

  private static Figure figure(String text) {
    try {
      return Figure.parse(text);
    } catch (IllegalArgumentException e) {
      throw WeirException.user(
          "invalid-figure",
          String.valueOf(e.getMessage()).replaceFirst("(?<!\\?)$", "."),
          "Write it as --figure income.mean.");
    }
  }
}
