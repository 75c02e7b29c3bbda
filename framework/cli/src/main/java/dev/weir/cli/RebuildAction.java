package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.provenance.RebuildPlan;
import dev.weir.run.Selection;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;

/** Shows what came from a bad version, and makes it again. */
final class RebuildAction {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final int MOST = 20;

  private final RebuildCommand command;
  private final URI home;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  RebuildAction(RebuildCommand command) {
    this.command = command;
    this.home = command.workspace.home(command.workspace.project());
  }

  int execute() throws Exception {
    RebuildPlan plan = plan();
    if (command.plan && command.options.json) {
      printJson(plan);
      return ExitCode.DONE;
    }
    if (!command.options.json) {
      print(plan);
    }
    if (command.plan) {
      return ExitCode.DONE;
    }
    for (RebuildPlan.Step step : plan.steps()) {
      int code = run(step);
      if (code != ExitCode.DONE) {
        return code;
      }
    }
    List<RebuildPlan.Step> left = plan().steps();
    if (!left.isEmpty()) {
      throw new WeirException(
          "still-bad",
          ErrorKind.DATA,
          "%s of the pipeline %s still came from %s."
              .formatted(
                  String.join(" and ", left.get(0).outputs()), left.get(0).pipeline(), plan.bad()),
          "See what its last run read: ./weir show.");
    }
    return ExitCode.DONE;
  }

  private RebuildPlan plan() {
    try (HomeReader reader = HomeReader.open(home)) {
      return RebuildPlan.of(reader.lineage(), command.from);
    }
  }

  private int run(RebuildPlan.Step step) throws Exception {
    Fact.RunStarted started;
    try (HomeReader reader = HomeReader.open(home)) {
      started =
          reader
              .lineage()
              .start(step.run())
              .orElseThrow(
                  () ->
                      new WeirException(
                          "lineage-damaged",
                          ErrorKind.DATA,
                          "The events don't say how run %s began.".formatted(step.run()),
                          "Run the pipeline yourself: ./weir run " + step.pipeline() + "."));
    }
    String file = started.environment().get(Requests.PIPELINE_FILE);
    if (file == null) {
      throw WeirException.user(
          "unknown-pipeline",
          "Run %s was not made from a pipeline's file, so that the command line can't run %s again."
              .formatted(step.run(), step.pipeline()),
          "Run it where it was made, from stage %s on."
              .formatted(String.join(" and ", step.from())));
    }
    return new RunAction(
            Requests.of(
                    command.workspace,
                    command.spark,
                    command.workspace.project().folder().resolve(file).toString(),
                    started.params(),
                    "rebuild --from " + command.from,
                    command.options.parallel,
                    true)
                .with(Selection.from(step.from())),
            command.workspace,
            step.pipeline(),
            command.options.json)
        .execute();
  }

  private void print(RebuildPlan plan) {
    out.println(
        "%s went into %s; the newest is %s"
            .formatted(
                ansi.bold(plan.bad()), Text.count(plan.made().size(), "version"), plan.newest()));
    plan.made().stream().limit(MOST).forEach(reference -> out.println("  made     " + reference));
    if (plan.made().size() > MOST) {
      out.println("           and %s more".formatted(Text.count(plan.made().size() - MOST)));
    }
    for (RebuildPlan.Model model : plan.models()) {
      out.println(
          "  model    %s%s"
              .formatted(
                  model.reference(),
                  model.aliases().isEmpty()
                      ? ""
                      : ", which is " + ansi.yellow(String.join(" and ", model.aliases()))));
    }
    if (plan.steps().isEmpty()) {
      out.println("Nothing to do: all of it was made again since, or nothing came of it.");
      return;
    }
    out.println("%s to run".formatted(Text.count(plan.steps().size(), "pipeline")));
    for (RebuildPlan.Step step : plan.steps()) {
      out.println(
          "  %s from %s: %s"
              .formatted(
                  ansi.bold(step.pipeline()),
                  String.join(" and ", step.from()),
                  String.join(", ", step.stages())));
      step.outputs().forEach(output -> out.println("    instead of " + output));
    }
  }

  private void printJson(RebuildPlan plan) {
    try {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(plan));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + plan, e);
    }
  }
}
