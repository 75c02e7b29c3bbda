package dev.weir.cli;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Holder;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.lineage.RunWatch;
import dev.weir.lineage.StageView;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prints a run's log; without Spark. */
final class LogsAction {
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** The end of a run is durable a little before its process has logged its last line. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  private final URI location;
  private final String place;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * @param place the options that lead to the same home from the same folder
   */
  LogsAction(URI location, String place, PrintStream out, PrintStream err) {
    this.location = location;
    this.place = place;
    this.out = out;
    this.err = err;
  }

  int print(String asked, @Nullable String stage, boolean follow)
      throws IOException, InterruptedException {
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      if (stage == null) {
        refuseStageAlone(lineage, asked);
      }
      RunView run = RunFinder.find(lineage, asked);
      if (stage != null) {
        requireStage(lineage, run, stage);
      }
      Path file = file(run, lineage.environment(run.run()));
      LogTail tail = new LogTail(file, stage, out);
      tail.copy();
      refuseForeign(tail, file, run, stage);
      if (follow && run.state() == RunState.RUNNING) {
        RunState ended = follow(RunWatch.of(home.events(), run.run()), tail);
        refuseForeign(tail, file, run, stage);
        tail.finish();
        // Nobody is told where nobody reads any more.
        if (ended.finished()) {
          err.println(
              "Run %s %s; ./weir show %s%s".formatted(run.run(), came(ended), run.run(), place));
        }
      } else {
        tail.finish();
        if (follow && run.state() == RunState.INTERRUPTED) {
          err.println(
              "Run %s %s; ./weir show %s%s"
                  .formatted(run.run(), came(run.state()), run.run(), place));
        }
        if (!tail.printed()) {
          err.println(
              "%s has logged nothing%s."
                  .formatted(
                      stage == null ? "Run " + run.run() : "Stage '%s'".formatted(stage),
                      run.state() == RunState.RUNNING ? " yet; --follow waits for it" : ""));
        }
      }
      return ExitCode.DONE;
    }
  }

  private static String came(RunState state) {
    return switch (state) {
      case SUCCEEDED, FAILED -> StageText.word(state);
      default -> "was " + StageText.word(state);
    };
  }

  /** Copies until the run has ended and its log grows no more, or nobody reads what is printed. */
  private RunState follow(RunWatch watch, LogTail tail) throws IOException, InterruptedException {
    long ended = -1;
    long grown = System.nanoTime();
    while (!out.checkError()) {
      if (!watch.state().finished()) {
        var unused = watch.news();
      }
      long now = System.nanoTime();
      if (tail.copy()) {
        grown = now;
      }
      if (watch.state().finished()) {
        ended = ended < 0 ? now : ended;
        if (now - Math.max(grown, ended) > QUIET.toNanos() || now - ended > LAST_WORDS.toNanos()) {
          break;
        }
      }
      Thread.sleep(PAUSE.toMillis());
    }
    return watch.state();
  }

  private void refuseForeign(LogTail tail, Path file, RunView run, @Nullable String stage) {
    if (stage != null && tail.foreign()) {
      throw WeirException.user(
          "log-without-stages",
          "The log %s does not say which stage a line belongs to: the project's conf/log4j2.properties writes in a pattern of its own."
              .formatted(file),
          "Give it the pattern of Weir's conf/log4j2.properties, or leave the stage out: ./weir logs %s%s."
              .formatted(run.run(), place));
    }
  }

  /** A stage where a run is asked for is most likely meant as one of the latest run. */
  private void refuseStageAlone(LineageReader lineage, String asked) {
    List<RunView> latest = lineage.runs(1);
    if (asked.isEmpty() || latest.isEmpty()) {
      return;
    }
    String run = latest.get(0).run();
    if (!run.startsWith(asked) && stages(lineage, run).contains(asked)) {
      throw WeirException.user(
          "unknown-run",
          "'%s' is a stage of the latest run, and a run comes first.".formatted(asked),
          "Say ./weir logs %s %s%s.".formatted(run, Text.shell(asked), place));
    }
  }

  private static void requireStage(LineageReader lineage, RunView run, String stage) {
    Set<String> stages = stages(lineage, run.run());
    if (!stages.contains(stage)) {
      throw WeirException.user(
          "unknown-stage",
          "There is no stage '%s' in run %s of %s%s"
              .formatted(stage, run.run(), run.pipeline(), Nearest.ending(stage, stages)),
          "Its stages are %s.".formatted(String.join(", ", stages)));
    }
  }

  private static Set<String> stages(LineageReader lineage, String run) {
    Set<String> stages = new LinkedHashSet<>();
    lineage.stages(run).stream().map(StageView::stage).forEach(stages::add);
    return stages;
  }

  /** Where the log is, or will be once something is logged. */
  private Path file(RunView run, Map<String, String> environment) {
    String log = environment.get("log");
    String host = environment.getOrDefault("host", "unknown");
    String shown = "What went wrong is in the lineage too: ./weir show %s%s.";
    if (log == null) {
      throw WeirException.user(
          "log-elsewhere",
          "Run %s has no log of Weir's: it was started by spark-submit, or its home is no folder, so it logged as log4j2 of its driver on host %s says."
              .formatted(run.run(), host),
          "Look at the driver's log there. " + shown.formatted(run.run(), place));
    }
    Path file = Path.of(log);
    if (Files.exists(file)) {
      return file;
    }
    if ("file".equals(location.getScheme())) {
      // The home has another path than it had for the run.
      Path here = Path.of(location).resolve("logs").resolve(run.run()).resolve(file.getFileName());
      if (Files.exists(here)) {
        return here;
      }
    }
    if (!host.equals(Holder.current().host())) {
      throw WeirException.user(
          "log-elsewhere",
          "Run %s was made on host %s, and its log is there: %s.".formatted(run.run(), host, file),
          "Say ./weir logs %s there. ".formatted(run.run()) + shown.formatted(run.run(), place));
    }
    if (run.state() == RunState.RUNNING) {
      return file;
    }
    throw WeirException.user(
        "log-gone",
        "There is no file %s, where run %s logged on this host: it was removed, or the project's conf/log4j2.properties writes elsewhere."
            .formatted(file, run.run()),
        shown.formatted(run.run(), place));
  }
}
