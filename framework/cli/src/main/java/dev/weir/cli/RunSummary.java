package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.run.RunResult;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is left on the screen after a run: what was made, how good it is, where the time went. */
final class RunSummary {
  private static final int LABEL = 9;

  private final PrintStream out;
  private final Ansi ansi;
  private final String pipeline;
  private final String place;

  /**
   * @param pipeline the pipeline, as the command line named it
   * @param place the options that lead to the same home from the same folder
   */
  RunSummary(PrintStream out, Ansi ansi, String pipeline, List<String> place) {
    this.out = out;
    this.ansi = ansi;
    this.pipeline = pipeline;
    this.place = Workspace.place(place);
  }

  void print(RunResult result) {
    Duration took = Duration.between(result.startedAt(), result.finishedAt());
    String state = StageText.word(result.state());
    String painted =
        switch (result.state()) {
          case SUCCEEDED -> ansi.green(state);
          case HALTED, CANCELLED -> ansi.yellow(state);
          default -> ansi.red(state);
        };
    out.println(
        "%s run %s %s in %s"
            .formatted(ansi.bold(result.pipeline()), result.run(), painted, Text.duration(took)));
    Fact.Failure error = result.error();
    if (error != null && result.state() != RunState.CANCELLED) {
      printErrors(result, error);
    } else if (error != null && error.code().equals("cancel-requested")) {
      line("because", error.message());
    }
    printReused(result);
    printMade(result);
    printMetrics(result);
    printTimes(result);
    printNext(result);
    out.flush();
  }

  private void printErrors(RunResult result, Fact.Failure error) {
    boolean said = false;
    for (Fact.StageFinished stage : result.stages()) {
      Fact.Failure failure = stage.error();
      if (failure != null && stage.state() != StageState.CANCELLED) {
        said = true;
        line(stage.state() == StageState.HALTED ? "halted" : "failed", ansi.bold(stage.stage()));
        for (String text : failure.message().split("\n", -1)) {
          line("", text);
        }
      }
    }
    if (!said) {
      line("failed", error.message());
    }
    if (!result.skipped().isEmpty()) {
      line("skipped", String.join(", ", result.skipped()));
    }
  }

  /** The stages that did not run, in one line: what each of them has is in the live table. */
  private void printReused(RunResult result) {
    List<String> reused =
        result.stages().stream()
            .filter(stage -> stage.state() == StageState.REUSED)
            .map(Fact.StageFinished::stage)
            .toList();
    if (!reused.isEmpty()) {
      line(
          "reused",
          reused.size() == result.stages().size()
              ? "all %s: nothing had changed".formatted(Text.count(reused.size(), "stage"))
              : String.join(", ", reused));
    }
  }

  private void printMade(RunResult result) {
    String label = "made";
    for (Fact.StageFinished stage : result.stages()) {
      if (stage.state() == StageState.REUSED) {
        continue;
      }
      for (Fact.DatasetWritten dataset : stage.datasets()) {
        line(
            label,
            "dataset %s  %s"
                .formatted(
                    ansi.cyan(Text.pad(StageText.bare(dataset.reference()), 24)),
                    Text.count(dataset.rows(), "row")));
        label = "";
      }
    }
    for (Fact.ModelRegistered model : result.registered()) {
      if (!model.run().equals(result.run())) {
        continue;
      }
      line(
          label,
          "model   %s  %s"
              .formatted(
                  ansi.cyan(Text.pad(StageText.bare(model.reference()), 24)),
                  describe(result, model)));
      label = "";
    }
  }

  private static String describe(RunResult result, Fact.ModelRegistered registered) {
    for (Fact.StageFinished stage : result.stages()) {
      for (Fact.ModelWritten model : stage.models()) {
        if (model.reference().equals(registered.candidate())) {
          return Text.simpleName(model.type()) + ", " + Text.bytes(model.bytes());
        }
      }
    }
    return "";
  }

  /** The evaluated metrics, each with its baseline and its best beside it where they are known. */
  private void printMetrics(RunResult result) {
    String label = "metrics";
    for (Fact.StageFinished stage : result.stages()) {
      // What was measured of a model by another stage than the one that made it: an evaluation.
      List<Fact.Metric> measured =
          stage.models().isEmpty()
              ? stage.metrics().stream()
                  .filter(m -> m.subject() != null && !m.name().contains("."))
                  .filter(m -> !m.name().equals("rows"))
                  .toList()
              : List.of();
      int width = measured.stream().mapToInt(m -> m.name().length()).max().orElse(0);
      for (Fact.Metric metric : measured) {
        List<String> beside = new ArrayList<>();
        Double best = find(stage, "best." + metric.name());
        if (best != null) {
          beside.add("best possible " + Text.metric(best));
        }
        Double baseline = find(stage, "baseline." + metric.name());
        if (baseline != null) {
          beside.add("constant rate " + Text.metric(baseline));
        }
        line(
            label,
            "%s %s%s"
                .formatted(
                    Text.pad(metric.name(), width),
                    ansi.bold(Text.metric(metric.value())),
                    beside.isEmpty() ? "" : ansi.dim("  " + String.join(", ", beside))));
        label = "";
      }
    }
  }

  private static @Nullable Double find(Fact.StageFinished stage, String name) {
    return stage.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .map(Fact.Metric::value)
        .findFirst()
        .orElse(null);
  }

  private void printTimes(RunResult result) {
    List<String> parts = new ArrayList<>();
    Duration spark = result.sparkStart();
    if (spark != null) {
      parts.add("Spark's start " + Text.duration(spark));
    }
    result.stages().stream()
        .filter(stage -> stage.state() != StageState.REUSED)
        .sorted(
            Comparator.comparing((Fact.StageFinished s) -> Duration.between(s.startedAt(), s.at()))
                .reversed())
        .limit(4)
        .forEach(
            s ->
                parts.add(
                    s.stage() + " " + Text.duration(Duration.between(s.startedAt(), s.at()))));
    if (!parts.isEmpty()) {
      line("time", ansi.dim(String.join(", ", parts)));
    }
  }

  private void printNext(RunResult result) {
    List<String> next = new ArrayList<>();
    if (result.state() == RunState.SUCCEEDED) {
      next.add("./weir show " + result.run());
      if (!result.registered().isEmpty()) {
        next.add(
            "./weir sql \"select * from lineage.edges where to_reference = '%s'\""
                .formatted(result.registered().get(0).reference()));
      }
      result.stages().stream()
          .flatMap(stage -> stage.datasets().stream())
          .reduce((first, second) -> second)
          .ifPresent(
              dataset ->
                  next.add(
                      "./weir sql \"select * from %s limit 10\""
                          .formatted(StageText.name(dataset.reference()))));
    } else {
      next.add("./weir show " + result.run());
      if (result.state() == RunState.HALTED) {
        next.add(
            "./weir sql \"select * from lineage.checks where run = '%s' and not passed\""
                .formatted(result.run()));
      } else {
        if (result.log() != null) {
          result.stages().stream()
              .filter(stage -> stage.state() == StageState.FAILED)
              .findFirst()
              .ifPresent(
                  stage ->
                      next.add(
                          "./weir logs %s %s".formatted(result.run(), Text.shell(stage.stage()))));
        }
        next.add("./weir run " + Text.shell(pipeline));
      }
    }
    String label = "next";
    for (String command : next) {
      line(label, command + place);
      label = "";
    }
    String log = result.log();
    boolean idle =
        result.state() == RunState.SUCCEEDED
            && result.stages().stream().allMatch(stage -> stage.state() == StageState.REUSED);
    // What had nothing to do has mostly nothing to log.
    if (log != null && (!idle || Files.exists(Path.of(log)))) {
      line("log", ansi.dim(log));
    }
  }

  private void line(String label, String text) {
    out.println("  " + ansi.dim(Text.pad(label, LABEL)) + text);
  }
}
