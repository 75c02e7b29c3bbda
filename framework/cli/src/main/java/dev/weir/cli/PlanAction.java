package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Fact;
import dev.weir.plan.Plan;
import dev.weir.plan.PlannedStage;
import dev.weir.plan.Prior;
import dev.weir.plan.Verdict;
import dev.weir.run.RunRequest;
import dev.weir.run.Runner;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows what a run would do. */
final class PlanAction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PlanCommand command;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  PlanAction(PlanCommand command) {
    this.command = command;
  }

  int execute() throws Exception {
    RunRequest request =
        Requests.of(
                command.workspace,
                command.spark,
                command.pipeline.name,
                command.pipeline.params,
                "plan " + command.pipeline.name,
                null,
                false)
            .with(command.choice.selection());
    Runner.Preview preview = Runner.preview(request);
    PlanCommand.Format format = command.format;
    if (format != null && format.json) {
      printJson(preview);
    } else if (format != null && format.markdown) {
      printMarkdown(preview);
    } else {
      print(preview);
    }
    return command.check && preview.stages().hasWork() ? ExitCode.WORK : ExitCode.DONE;
  }

  // --- For a person

  private void print(Runner.Preview preview) {
    Plan plan = preview.stages();
    out.println("%s: %s".formatted(ansi.bold(plan.pipeline()), summary(plan)));
    String note = preview.note();
    if (note != null) {
      out.println("  " + ansi.yellow(note));
    }
    int width = plan.stages().stream().mapToInt(s -> s.stage().length()).max().orElse(0);
    for (PlannedStage stage : plan.stages()) {
      out.println(
          "  %s  %s  %s"
              .formatted(painted(stage.verdict()), Text.pad(stage.stage(), width), stage.reason()));
    }
  }

  /** What the plan comes to, in a few words. */
  static String summary(Plan plan) {
    if (!plan.hasWork()) {
      return "nothing to do, %s reused".formatted(Text.count(plan.stages().size(), "stage"));
    }
    List<String> parts = new ArrayList<>();
    part(parts, plan.count(Verdict.RUN), "to run");
    part(parts, plan.count(Verdict.MAYBE), "that may run");
    part(parts, plan.count(Verdict.REUSE), "reused");
    return String.join(", ", parts);
  }

  private static void part(List<String> parts, int count, String what) {
    if (count > 0) {
      parts.add((parts.isEmpty() ? Text.count(count, "stage") : count) + " " + what);
    }
  }

  private String painted(Verdict verdict) {
    String word = Text.pad(StageText.word(verdict), 5);
    return switch (verdict) {
      case RUN -> ansi.cyan(word);
      case MAYBE -> ansi.yellow(word);
      case REUSE -> ansi.dim(word);
    };
  }

  // --- For a pull request

  private void printMarkdown(Runner.Preview preview) {
    Plan plan = preview.stages();
    out.println("**%s**: %s".formatted(plan.pipeline(), summary(plan)));
    String note = preview.note();
    if (note != null) {
      out.println();
      out.println(cell(note));
    }
    out.println();
    out.println("| stage | verdict | why |");
    out.println("| --- | --- | --- |");
    for (PlannedStage stage : plan.stages()) {
      out.println(
          "| %s | %s | %s |"
              .formatted(
                  cell(stage.stage()), StageText.word(stage.verdict()), cell(stage.reason())));
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace('\n', ' ');
  }

  // --- For a program

  private void printJson(Runner.Preview preview) throws JsonProcessingException {
    Plan plan = preview.stages();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("pipeline", plan.pipeline());
    object.put("work", plan.hasWork());
    object.put("note", preview.note());
    object.put("stages", stages(plan));
    out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
  }

  /** The stages of a plan as JSON has them. */
  static List<Map<String, @Nullable Object>> stages(Plan plan) {
    List<Map<String, @Nullable Object>> stages = new ArrayList<>();
    for (PlannedStage stage : plan.stages()) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      object.put("stage", stage.stage());
      object.put("verdict", StageText.word(stage.verdict()));
      object.put("reason", stage.reason());
      Fact.Fingerprint fingerprint = stage.fingerprint();
      object.put("fingerprint", fingerprint == null ? null : fingerprint.digest());
      Prior reused = stage.reused();
      object.put("reused_run", reused == null ? null : reused.run());
      stages.add(object);
    }
    return stages;
  }
}
