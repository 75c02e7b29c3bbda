package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.run.ActiveRun;
import dev.weir.run.RunEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code show --watch} of runs that are over, and what it makes of facts. */
class WatchTest {
  @TempDir static Path folder;

  private static TestProject project;

  @BeforeAll
  static void runs() {
    TestSession.start();
    project =
        new TestProject(folder)
            .pipeline(
                "fine",
                """
                pipeline: fine
                stages:
                  - name: write
                    uses: dev.weir.cli.TestStages.Hangs
                    with: { into: t.one, hang: false }
                """)
            .pipeline(
                "broken",
                """
                pipeline: broken
                stages:
                  - name: count
                    uses: dev.weir.cli.TestStages.Fails
                    with: { message: the till is empty }
                  - name: pay
                    uses: dev.weir.cli.TestStages.Nothing
                    after: count
                """);
  }

  @Test
  void aRunThatIsOverIsShownAsItWas() {
    TestProject.Said ran = project.weir("run", "fine");

    TestProject.Said said = project.weir("show", "--watch");

    assertThat(said.code()).isEqualTo(ran.code()).isZero();
    assertThat(said.err()).isEmpty();
    assertThat(said.lines().get(0)).matches("\\S+ run \\S+ of fine: 1 stage, home file:///.*");
    assertThat(said.lines().get(1)).matches("\\S+ write began");
    assertThat(said.lines().get(2)).matches("\\S+ write succeeded in .*: t\\.one@0 1 row");
    // What is left on the screen is what the run itself left there.
    String summary = ran.out().substring(ran.out().indexOf("fine run "));
    assertThat(said.out().substring(said.out().indexOf("fine run ")))
        .isEqualTo(summary.replaceFirst("Spark's start [^,]*, ", ""));
  }

  @Test
  void theExitCodeIsThatOfTheRun() {
    assertThat(project.weir("run", "broken").code()).isEqualTo(ExitCode.FAILED);

    TestProject.Said said = project.weir("show", "--watch");

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    assertThat(said.out())
        .containsPattern("(?m)^\\S+ count failed in .*: IllegalStateException: the till is empty$")
        .containsPattern(
            "(?m)^\\S+ pay skipped: It never began, since stage 'count' did not succeed\\.$")
        .containsPattern("(?m)^  failed   count$")
        .containsPattern("(?m)^  skipped  pay$");
  }

  @Test
  void jsonIsWhatTheRunSaid() throws Exception {
    project.weir("run", "broken");

    TestProject.Said said = project.weir("show", "-w", "--json");

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    List<String> events = new ArrayList<>();
    for (String line : said.lines()) {
      JsonNode event = new ObjectMapper().readTree(line);
      events.add(
          event.get("event").asText()
              + " "
              + event.path("stage").asText()
              + " "
              + event.path("state").asText());
    }
    assertThat(events)
        .containsExactly(
            "run.started  ",
            "stage.started count ",
            "stage.finished count FAILED",
            "stage.finished pay SKIPPED",
            "run.finished  FAILED");
  }

  @Test
  void aStageThatItsDriverLeftIsNotShownAsUnderWay() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LiveView view =
        new LiveView(
            new PrintStream(bytes, true, StandardCharsets.UTF_8),
            new Ansi(true, 24, 80, false),
            stage -> ActiveRun.NO_TASKS);
    FactEvents events = new FactEvents(URI.create("file:///home"));
    Instant start = Instant.now();
    for (Fact fact :
        List.of(
            new Fact.RunStarted(
                start,
                "p",
                "r",
                1,
                "{}",
                Map.of(),
                Map.of(),
                List.of("one", "two"),
                Map.of(),
                Fact.Snapshot.NONE,
                Map.of(),
                Fact.Choice.ALL),
            new Fact.StageStarted(
                start, "p", "r", "one", 1, "com.example.One", "{}", null, null))) {
      events.of(fact).ifPresent(view::on);
    }
    view.on(new RunEvent.Ended(start, events.result(RunState.INTERRUPTED, null)));

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .endsWith("nobody knows how it ended\n\r\u001b[K  ○ two             \n\u001b[J\n")
        .contains("  ? one  ");
  }
}
