package dev.weir.cli;

import dev.weir.background.Background;
import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import dev.weir.run.TaskProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A live table of the stages on a terminal, redrawn in place. */
final class LiveView implements RunListener, AutoCloseable {
  private static final int BAR = 12;

  private final PrintStream out;
  private final Ansi ansi;
  private final Function<String, TaskProgress.Tasks> tasks;
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Background.threads("weir-view"));
  private String note = "";
  private int drawn;
  private boolean closed;

  /** What is known of a stage. */
  private static final class Line {
    StageState state = StageState.PENDING;
    @Nullable Instant began;
    @Nullable Duration took;
    int attempt;
    String text = "";

    /** The driver ended amid it without a word. */
    void loseSight() {
      if (state == StageState.RUNNING) {
        state = StageState.UNKNOWN;
        text = "nobody knows how it ended";
      }
    }
  }

  /**
   * @param tasks the tasks of Spark that a stage has under way
   */
  LiveView(PrintStream out, Ansi ansi, Function<String, TaskProgress.Tasks> tasks) {
    this.out = out;
    this.ansi = ansi;
    this.tasks = tasks;
  }

  @Override
  public synchronized void on(RunEvent event) {
    if (event instanceof RunEvent.Waiting e) {
      out.println("  " + ansi.dim(Text.waiting(e)));
    } else if (event instanceof RunEvent.CancelAsked) {
      note = "cancelling";
    } else if (event instanceof RunEvent.Began e) {
      out.println(
          ansi.bold(e.pipeline()) + "  " + ansi.dim("run " + e.run() + "  home " + e.home()));
      e.stages().forEach(stage -> lines.put(stage, new Line()));
      String said = e.note();
      if (said != null) {
        out.println("  " + ansi.yellow(said));
      }
      var unused = clock.scheduleAtFixedRate(this::tick, 0, 100, TimeUnit.MILLISECONDS);
    } else if (event instanceof RunEvent.Resumed e) {
      note = e.reason();
    } else if (event instanceof RunEvent.SparkStarting) {
      note = "starting Spark";
    } else if (event instanceof RunEvent.SparkReady) {
      note = "";
    } else if (event instanceof RunEvent.StageBegan e) {
      Line line = line(e.stage());
      line.state = StageState.RUNNING;
      // A stage's time is that of all its attempts.
      line.began = line.began == null ? e.at() : line.began;
      line.took = null;
      line.attempt = e.attempt();
      line.text = "";
    } else if (event instanceof RunEvent.StageRetried e) {
      line(e.stage()).text =
          "attempt %d failed, again in %s: %s"
              .formatted(e.attempt(), Text.duration(e.delay()), e.error().message());
    } else if (event instanceof RunEvent.StageEnded e) {
      Line line = line(e.facts().stage());
      line.state = e.facts().state();
      Instant began = line.began == null ? e.facts().startedAt() : line.began;
      // One that never began took no time.
      line.took = line.state == StageState.SKIPPED ? null : Duration.between(began, e.facts().at());
      Fact.Failure error = e.facts().error();
      line.text = error == null ? StageText.made(e.facts(), e.registered()) : error.message();
    } else if (event instanceof RunEvent.StageReused e) {
      Line line = line(e.facts().stage());
      line.state = e.facts().state();
      line.text = StageText.reused(e);
    } else if (event instanceof RunEvent.StageSkipped e) {
      Line line = line(e.stage());
      line.state = StageState.SKIPPED;
      line.text = "skipped: " + e.because() + " did not succeed";
    } else if (event instanceof RunEvent.Ended e) {
      if (e.result().state() == RunState.INTERRUPTED) {
        lines.values().forEach(Line::loseSight);
      }
      close();
    }
  }

  private Line line(String stage) {
    return lines.computeIfAbsent(stage, s -> new Line());
  }

  private synchronized void tick() {
    if (!closed) {
      draw();
    }
  }

  /** Draws the table a last time and leaves it standing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      clock.shutdownNow();
      note = "";
      draw();
      out.println();
    }
  }

  private void draw() {
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    List<String> rows = rows();
    for (String row : rows) {
      text.append("\r\u001b[K").append(row).append('\n');
    }
    // What an earlier, longer table left below.
    text.append("\u001b[J");
    drawn = rows.size();
    out.print(text);
    out.flush();
  }

  /** The rows that fit the screen; of a long pipeline those that are under way or went wrong. */
  private List<String> rows() {
    int width = 0;
    for (String stage : lines.keySet()) {
      width = Math.max(width, stage.length());
    }
    width = Math.min(width, ansi.columns() / 3);
    int room = closed ? Integer.MAX_VALUE : ansi.rows() - 3;
    boolean all = lines.size() <= room;
    List<String> rows = new ArrayList<>();
    int hidden = 0;
    int done = 0;
    for (Map.Entry<String, Line> entry : lines.entrySet()) {
      Line line = entry.getValue();
      if (line.state.finished()) {
        done++;
      }
      boolean matters =
          line.state == StageState.RUNNING
              || line.state == StageState.FAILED
              || line.state == StageState.HALTED;
      if (all || (matters && rows.size() < room - 1)) {
        rows.add(row(entry.getKey(), line, width));
      } else {
        hidden++;
      }
    }
    if (hidden > 0) {
      rows.add(ansi.dim("  %d of %d stages done".formatted(done, lines.size())));
    }
    if (!note.isEmpty()) {
      rows.add(ansi.dim("  " + note));
    }
    return rows;
  }

  private String row(String stage, Line line, int width) {
    String mark =
        switch (line.state) {
          case SUCCEEDED -> ansi.green("✓");
          case REUSED -> ansi.dim("✓");
          case FAILED -> ansi.red("✗");
          case HALTED -> ansi.yellow("■");
          case CANCELLED -> ansi.yellow("✗");
          case RUNNING -> ansi.cyan("●");
          case UNKNOWN -> ansi.yellow("?");
          default -> ansi.dim("○");
        };
    Duration took = line.took;
    if (took == null && line.began != null && line.state == StageState.RUNNING) {
      took = Duration.between(line.began, Instant.now());
    }
    String time = took == null ? "" : Text.duration(took);
    time = " ".repeat(Math.max(0, 9 - time.length())) + time;
    String again = line.attempt > 1 ? "×" + line.attempt + " " : "";
    int left = Math.max(0, ansi.columns() - width - time.length() - again.length() - 9);
    String right;
    if (line.state == StageState.RUNNING && line.text.isEmpty()) {
      right = bar(stage, left);
    } else if (line.state == StageState.REUSED) {
      right = ansi.dim(Text.fit(line.text, left));
    } else if (line.state == StageState.SKIPPED) {
      right = ansi.dim(Text.fit(line.text, left));
    } else {
      right = Text.fit(line.text, left);
    }
    return "  %s %s  %s  %s%s"
        .formatted(mark, Text.pad(Text.fit(stage, width), width), time, ansi.yellow(again), right);
  }

  private String bar(String stage, int left) {
    TaskProgress.Tasks now = tasks.apply(stage);
    if (now.total() == 0) {
      return "";
    }
    String count = "%d/%d tasks".formatted(now.done(), now.total());
    if (left < BAR + 2 + count.length()) {
      return ansi.dim(Text.fit(count, left));
    }
    int full = (int) Math.min(BAR, (long) BAR * now.done() / now.total());
    return ansi.cyan("█".repeat(full)) + ansi.dim("░".repeat(BAR - full)) + ansi.dim("  " + count);
  }
}
