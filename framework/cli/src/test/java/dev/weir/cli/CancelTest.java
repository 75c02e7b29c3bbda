package dev.weir.cli;

import static dev.weir.cli.CommandProcesses.out;
import static dev.weir.cli.CommandProcesses.rest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Facts;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.store.Home;
import dev.weir.store.TransactionId;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cancel}, of runs that other processes make or made. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CancelTest {
  private static final String SLEEPY =
      """
      pipeline: sleepy
      params: { file: go }
      stages:
        - name: sleep
          uses: dev.weir.cli.TestStages.AwaitsFile
          with: { file: "${file}" }
        - name: after
          uses: dev.weir.cli.TestStages.Nothing
          after: sleep
      """;

  private static final String BUSY =
      """
      pipeline: busy
      params: { hang: true }
      stages:
        - name: work
          uses: dev.weir.cli.TestStages.Hangs
          with: { into: t.one, hang: "${hang}" }
      """;

  @TempDir Path folder;

  private TestProject project;
  private CommandProcesses processes;

  @BeforeEach
  void project() {
    project = new TestProject(folder).pipeline("sleepy", SLEEPY).pipeline("busy", BUSY);
    processes = new CommandProcesses(folder);
  }

  @AfterEach
  void endProcesses() {
    processes.close();
  }

  private Process start(String... arguments) throws Exception {
    return processes.start("stderr", List.of(), Main.class, arguments);
  }

  private static String run(String printed) {
    return printed.replaceFirst("(?s).*run (\\S+) of .*", "$1");
  }

  private RunView view(String run) {
    try (HomeReader home = HomeReader.open(project.home())) {
      return home.lineage().run(run).orElseThrow();
    }
  }

  private List<StageView> stages(String run) {
    try (HomeReader home = HomeReader.open(project.home())) {
      return home.lineage().stages(run);
    }
  }

  @Test
  void aStageThatSleepsIsCancelledFromAnotherProcess() throws Exception {
    Process driver = start("run", "sleepy");
    BufferedReader out = out(driver);
    String run = run(processes.await(out, TestStages.AwaitsFile.REACHED));

    TestProject.Said said = project.weir("cancel", run, "--reason=the till is empty");

    assertThat(said.code()).isZero();
    assertThat(said.lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("Waiting for run " + run + " to end: process " + driver.pid()),
            line -> assertThat(line).isEqualTo("Run " + run + " was cancelled."));
    assertThat(said.err()).isEmpty();
    String rest = rest(out);
    assertThat(driver.waitFor()).isEqualTo(ExitCode.CANCELLED);
    String who = System.getProperty("user.name") + "@";
    assertThat(rest)
        .contains("cancelling the run. It was cancelled by " + who)
        .containsPattern(
            "(?m)^  because  It was cancelled by \\S+, process \\d+: the till is empty");
    RunView view = view(run);
    assertThat(view.state()).isEqualTo(RunState.CANCELLED);
    assertThat(view.error().code()).isEqualTo("cancel-requested");
    assertThat(view.error().message()).endsWith(": the till is empty");

    // What asks again is told, and the pipeline is free; nothing goes on with the run by itself.
    assertThat(project.weir("cancel", run).out())
        .isEqualTo("Run %s was cancelled already.%n".formatted(run));
    Files.createFile(folder.resolve("go"));
    TestProject.Said next = project.weir("run", "sleepy", "--param=file=" + folder.resolve("go"));
    assertThat(next.code()).isZero();
    assertThat(next.out()).doesNotContain(run);
    String ended = run(next.out());
    TestProject.Said late = project.weir("cancel", ended);
    assertThat(late.code()).isEqualTo(ExitCode.USAGE);
    assertThat(late.err())
        .startsWith("weir: Run " + ended + " has succeeded already. There is nothing to cancel");
    TestProject.Said unknown = project.weir("cancel", ended + "x");
    assertThat(unknown.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unknown.err())
        .startsWith("weir: There is no run '%sx'; did you mean '%s'?".formatted(ended, ended));
  }

  @Test
  void aSparkJobIsCancelledFromAnotherProcessThatDoesNotWait() throws Exception {
    Process driver = start("run", "busy", "--master=local[1]");
    BufferedReader out = out(driver);
    String run = run(processes.await(out, TestStages.Hangs.REACHED));

    TestProject.Said said = project.weir("cancel", run, "--no-wait");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("Process " + driver.pid() + " of user ")
        .contains(" was asked to cancel run " + run + ". See ./weir show " + run);
    assertThat(rest(out)).containsPattern("(?m)^busy run " + run + " cancelled in ");
    assertThat(driver.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(view(run).error().message()).matches("It was cancelled by \\S+, process \\d+\\.");
  }

  @Test
  void aDeadRunIsEndedInItsDriversPlace() throws Exception {
    Process driver = start("run", "sleepy");
    String run = run(processes.await(out(driver), TestStages.AwaitsFile.REACHED));
    // The stage runs before its start is durable, which it is only before its first commit.
    while (stages(run).stream().noneMatch(stage -> stage.state() == StageState.RUNNING)) {
      Thread.sleep(20);
    }
    driver.destroyForcibly().waitFor();

    TestProject.Said said = project.weir("cancel", run, "--reason=it hung");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("Run %s was cancelled: process %d of user ".formatted(run, driver.pid()))
        .endsWith(", which ran it, is gone.%n".formatted());
    assertThat(view(run).state()).isEqualTo(RunState.CANCELLED);
    assertThat(view(run).error().message()).endsWith(": it hung");
    assertThat(stages(run))
        .extracting(StageView::stage, StageView::state)
        .containsExactlyInAnyOrder(
            tuple("sleep", StageState.CANCELLED), tuple("after", StageState.SKIPPED));
    // What the dead driver had said is under the audit chain, as is its end.
    assertThat(project.weir("audit", "verify").out())
        .contains("Everything is as it was recorded.")
        .doesNotContain("since the last seal");
    String go = "--param=file=" + Files.createFile(folder.resolve("go"));
    assertThat(project.weir("run", "sleepy", go).out()).doesNotContain(run);
    // Only who asks for it goes on with it.
    Process resumed = start("resume", run);
    assertThat(rest(out(resumed))).containsPattern("(?m)^sleepy run " + run + " succeeded in ");
    assertThat(resumed.waitFor()).isZero();
  }

  @Test
  void whatADriverDiedTooEarlyToHearIsHeardByTheNext() throws Exception {
    Process driver = start("run", "sleepy");
    String run = run(processes.await(out(driver), TestStages.AwaitsFile.REACHED));
    driver.destroyForcibly().waitFor();
    try (Home home = Home.existing(project.home(), Map.of()).orElseThrow()) {
      Cancellation.ask(Events.existing(home).orElseThrow(), "sleepy", run, null);
    }
    Files.createFile(folder.resolve("go"));

    Process next = start("run", "sleepy");

    assertThat(rest(out(next)))
        .containsPattern(
            "Run " + run + " was interrupted. It is not resumed, since \\S+, process \\d+ asked")
        .containsPattern("(?m)^sleepy run (?!" + run + ")\\S+ succeeded in ");
    assertThat(next.waitFor()).isZero();
    assertThat(view(run).state()).isEqualTo(RunState.CANCELLED);
  }

  @Test
  void aSilentDriverOfAnotherMachineIsWatchedForTheLengthOfItsLease() {
    try (Home home = Home.open(project.home(), Map.of())) {
      Events events = Events.open(home);
      Instant now = Instant.now();
      Fact taken = new Fact.LeaseTaken(now, "far", "r1", 1, "another-host", 7, null, "ada", 2_000);
      Fact started =
          new Fact.RunStarted(
              now,
              "far",
              "r1",
              1,
              "{}",
              Map.of(),
              Map.of(),
              List.of("a"),
              Map.of(),
              Fact.Snapshot.NONE,
              Map.of(),
              Fact.Choice.ALL);
      events
          .table()
          .append(
              Stream.of(taken, started)
                  .map(
                      fact ->
                          Arrays.<Object>asList(
                              fact.at(),
                              Facts.kind(fact),
                              "far",
                              "r1",
                              null,
                              null,
                              Facts.body(fact)))
                  .toList(),
              Optional.of(new TransactionId("weir/far", 1L << 32)));
    }

    TestProject.Said said = project.weir("cancel", "r1");

    assertThat(said.code()).isZero();
    assertThat(said.lines())
        .containsExactly(
            "Waiting for run r1 to end: process 7 of user ada on host another-host runs it.",
            "Run r1 was cancelled: nothing more was heard of process 7 of user ada on host another-host, which ran it.");
    assertThat(view("r1").state()).isEqualTo(RunState.CANCELLED);
  }
}
