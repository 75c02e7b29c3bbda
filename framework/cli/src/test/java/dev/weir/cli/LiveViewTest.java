package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.Fact;
import dev.weir.lineage.StageState;
import dev.weir.run.ActiveRun;
import dev.weir.run.RunEvent;
import dev.weir.run.TaskProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveViewTest {
  private final Instant start = Instant.now();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private LiveView view(int rows, int columns) {
    return new LiveView(
        out, new Ansi(true, rows, columns, false), stage -> new TaskProgress.Tasks(3, 4));
  }

  private RunEvent began(List<String> stages) {
    return new RunEvent.Began(
        start, "20260131-174512-k3f9x", "credit", URI.create("file:///home"), null, stages, null);
  }

  private RunEvent ended(String stage, StageState state, String message) {
    Fact.Failure error =
        state == StageState.SUCCEEDED ? null : new Fact.Failure("broken", message, "E");
    return new RunEvent.StageEnded(
        start.plusSeconds(3),
        new Fact.StageFinished(
            start.plusSeconds(3),
            start,
            "credit",
            "20260131-174512-k3f9x",
            stage,
            1,
            "com.example.Stage",
            state,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            error,
            null,
            null),
        List.of());
  }

  /** What stands on the screen at the end: what was drawn last. */
  private List<String> screen() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    int before = text.lastIndexOf("\u001b[J", text.lastIndexOf("\u001b[J") - 1);
    String last = text.substring(before < 0 ? text.indexOf('\n') + 1 : before);
    return last.replace("\u001b[J", "").replaceAll("\u001b\\[\\d*[AK]|\r", "").lines().toList();
  }

  @Test
  void theTableStaysWithTheStateOfEachStage() {
    LiveView view = view(24, 80);
    view.on(began(List.of("ingest", "train", "register")));
    view.on(new RunEvent.SparkReady(start, "local[*]", Duration.ZERO));
    view.on(new RunEvent.StageBegan(start, "ingest", 1));
    view.on(ended("ingest", StageState.SUCCEEDED, ""));
    view.on(new RunEvent.StageBegan(start, "train", 2));
    view.on(ended("train", StageState.FAILED, "IllegalStateException: no rows\nat all"));
    view.on(new RunEvent.StageSkipped(start, "register", "train"));
    view.close();

    assertThat(screen())
        .containsExactly(
            "  ✓ ingest        3.0 s  ",
            "  ✗ train         3.0 s  ×2 IllegalStateException: no rows at all",
            "  ○ register             skipped: train did not succeed",
            "");
  }

  /** Waits until something was drawn. */
  private void awaitDrawn(String pattern) {
    Pattern sought = Pattern.compile(pattern);
    while (!sought.matcher(bytes.toString(StandardCharsets.UTF_8)).find()) {
      Thread.onSpinWait();
    }
  }

  @Test
  @Timeout(60)
  void whatIsUnderWayShowsItsTasksAndItsTime() {
    LiveView view = view(24, 80);
    view.on(began(List.of("train")));
    view.on(new RunEvent.SparkStarting(start));
    awaitDrawn("  starting Spark\n");
    view.on(new RunEvent.SparkReady(start, "local[*]", Duration.ZERO));
    view.on(new RunEvent.StageBegan(start.minusSeconds(100), "train", 1));

    // The time is read off a clock and goes on.
    awaitDrawn("  ● train +1 min \\d+ s  █████████░░░  3/4 tasks\n");

    view.on(
        new RunEvent.StageRetried(
            start, "train", 1, new Fact.Failure("lost", "no route", "E"), Duration.ofSeconds(2)));
    awaitDrawn("attempt 1 failed, again in 2\\.0 s: no route\n");
    view.on(new RunEvent.StageBegan(start, "train", 2));
    // The time is that of both attempts.
    awaitDrawn("  ● train +1 min \\d+ s  ×2 █████████░░░  3/4 tasks\n");
    view.on(ended("train", StageState.SUCCEEDED, ""));
    view.close();

    assertThat(screen()).containsExactly("  ✓ train  1 min 43 s  ×2 ", "");
  }

  @Test
  void aRunWithoutSparkDoesNotWaitForIt() {
    LiveView view = new LiveView(out, new Ansi(true, 24, 80, false), stage -> ActiveRun.NO_TASKS);
    view.on(began(List.of("train")));
    view.on(new RunEvent.StageBegan(start, "train", 1));
    view.close();

    assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("starting Spark");
  }

  @ParameterizedTest
  @CsvSource({"24, 40", "24, 80", "6, 60"})
  void nothingIsWiderThanTheScreen(int rows, int columns) {
    LiveView view = view(rows, columns);
    List<String> stages =
        IntStream.range(0, 12).mapToObj(i -> "a_stage_with_a_rather_long_name_" + i).toList();
    view.on(began(stages));
    for (String stage : stages.subList(0, 6)) {
      view.on(new RunEvent.StageBegan(start, stage, 3));
    }
    for (String stage : stages.subList(0, 3)) {
      view.on(ended(stage, StageState.FAILED, "a long story ".repeat(20)));
    }
    view.close();

    assertThat(screen()).hasSize(13);
    String drawn = bytes.toString(StandardCharsets.UTF_8);
    assertThat(
            drawn
                .substring(drawn.indexOf('\n') + 1)
                .replaceAll("\u001b\\[\\d*[AJK]|\r", "")
                .lines())
        .allSatisfy(
            line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(columns));
  }

  @Test
  void aScreenIsToldByTheLauncher() {
    assertThat(Ansi.of(Map.of())).isEqualTo(new Ansi(false, 24, 80, false));
    assertThat(Ansi.of(Map.of("WEIR_TERMINAL", "50 132"))).isEqualTo(new Ansi(true, 50, 132, true));
    assertThat(Ansi.of(Map.of("WEIR_TERMINAL", "50 132", "NO_COLOR", "1")).colour()).isFalse();
    assertThat(Ansi.of(Map.of("WEIR_TERMINAL", "odd"))).isEqualTo(new Ansi(true, 24, 80, true));
  }
}
