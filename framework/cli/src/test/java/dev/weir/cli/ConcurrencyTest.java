package dev.weir.cli;

import static dev.weir.cli.CommandProcesses.out;
import static dev.weir.cli.CommandProcesses.rest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What drivers of one pipeline do that meet, each in a process of its own. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ConcurrencyTest {
  @TempDir Path folder;

  private TestProject project;
  private CommandProcesses processes;

  @BeforeEach
  void project() {
    project = new TestProject(folder);
    processes = new CommandProcesses(folder);
  }

  @AfterEach
  void endProcesses() {
    processes.close();
  }

  private void pipeline(String concurrency) {
    project.pipeline(
        "met",
        """
        pipeline: met
        concurrency: %s
        params: { file: go }
        stages:
          - name: sleep
            uses: dev.weir.cli.TestStages.AwaitsFile
            cache: never
            with: { file: "${file}" }
        """
            .formatted(concurrency));
  }

  private Process start(String... arguments) throws IOException {
    return processes.start("stderr", List.of(), Main.class, arguments);
  }

  private static String run(String printed) {
    return printed.replaceFirst("(?s).*run (\\S+) of .*", "$1");
  }

  private List<RunView> runs() {
    try (HomeReader home = HomeReader.open(project.home())) {
      return home.lineage().runs(1000).stream()
          .sorted(Comparator.comparing(RunView::startedAt))
          .toList();
    }
  }

  @Test
  void whoIsQueuedRunsWhenItsTurnComes() throws Exception {
    pipeline("queue");
    Process first = start("run", "met");
    String run = run(processes.await(out(first), TestStages.AwaitsFile.REACHED));
    List<Process> queued = List.of(start("run", "met"), start("run", "met"));
    List<BufferedReader> outs = queued.stream().map(CommandProcesses::out).toList();
    String waiting = "waiting for run " + run + ", which holds the pipeline since ";
    for (BufferedReader out : outs) {
      processes.await(out, waiting);
    }
    assertThat(runs()).singleElement().extracting(RunView::state).isEqualTo(RunState.RUNNING);

    Files.createFile(folder.resolve("go"));

    for (BufferedReader out : outs) {
      assertThat(rest(out))
          .doesNotContain(waiting)
          .containsPattern("(?m)^met run \\S+ succeeded in ");
    }
    assertThat(first.waitFor()).isZero();
    for (Process process : queued) {
      assertThat(process.waitFor()).isZero();
    }
    List<RunView> runs = runs();
    assertThat(runs).hasSize(3).extracting(RunView::state).containsOnly(RunState.SUCCEEDED);
    for (int i = 1; i < runs.size(); i++) {
      assertThat(runs.get(i).startedAt()).isAfterOrEqualTo(runs.get(i - 1).finishedAt());
    }
  }

  @Test
  void whoIsQueuedMayLeave() throws Exception {
    pipeline("queue");
    Process first = start("run", "met");
    BufferedReader out = out(first);
    processes.await(out, TestStages.AwaitsFile.REACHED);
    Process queued = processes.start("queued", List.of(), Main.class, "run", "met", "--json");
    BufferedReader said = out(queued);
    assertThat(processes.await(said, "\"event\":\"run.waiting\""))
        .contains("\"pid\":" + first.pid())
        .contains("\"cancelling\":false");

    CommandProcesses.interrupt(queued);

    assertThat(rest(said)).isEmpty();
    assertThat(queued.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(Files.readString(folder.resolve("queued")))
        .isEqualTo("weir: The run was cancelled before it began. Nothing was done.%n".formatted());
    Files.createFile(folder.resolve("go"));
    assertThat(rest(out)).containsPattern("(?m)^met run \\S+ succeeded in ");
    assertThat(runs()).hasSize(1);
  }

  @Test
  void whoComesLaterMayCancelWhoWasThere() throws Exception {
    pipeline("cancel-previous");
    Process first = start("run", "met");
    BufferedReader firstOut = out(first);
    String run = run(processes.await(firstOut, TestStages.AwaitsFile.REACHED));

    Process second = start("run", "met", "--param=file=go-on");
    BufferedReader secondOut = out(second);
    String waited = processes.await(secondOut, TestStages.AwaitsFile.REACHED);

    assertThat(waited)
        .contains("waiting for run " + run + ", ")
        .contains(" and was asked to cancel");
    assertThat(rest(firstOut))
        .containsPattern("(?m)^met run " + run + " cancelled in ")
        .contains(
            ": run %s takes its place, as concurrency: cancel-previous says"
                .formatted(run(waited)));
    assertThat(first.waitFor()).isEqualTo(ExitCode.CANCELLED);
    Files.createFile(folder.resolve("go-on"));
    assertThat(rest(secondOut)).containsPattern("(?m)^met run " + run(waited) + " succeeded in ");
    assertThat(runs())
        .extracting(RunView::state)
        .containsExactly(RunState.CANCELLED, RunState.SUCCEEDED);
  }

  @Test
  void runsThatAreAllowedBesideEachOtherBothPublish() throws Exception {
    TestSession.start();
    String write =
        """
          - name: %1$s
            uses: dev.weir.cli.TestStages.Meets
            cache: never
            with: { into: t.%1$s, folder: "%2$s/%1$s", drivers: %3$d }
        """;
    project.pipeline(
        "before", "pipeline: before\nstages:\n" + write.formatted("there", folder.resolve("b"), 1));
    assertThat(project.weir("run", "before").code()).isZero();
    // One table that is there and one that is not.
    project.pipeline(
        "both",
        "pipeline: both\nconcurrency: allow\nstages:\n"
            + write.formatted("there", folder.resolve("m"), 2)
            + write.formatted("made", folder.resolve("m"), 2));
    List<Process> drivers =
        List.of(
            start("run", "both", "--master=local[1]", "--parallel=1", "--json"),
            start("run", "both", "--master=local[1]", "--parallel=1", "--json"));

    Set<String> written = new HashSet<>();
    for (Process driver : drivers) {
      String printed = rest(out(driver));
      assertThat(driver.waitFor()).as(printed).isZero();
      assertThat(printed).contains("\"rows\":10,").doesNotContain("stage.retried");
      Matcher references = Pattern.compile("dataset:t\\.\\w+@\\d+").matcher(printed);
      while (references.find()) {
        written.add(references.group());
      }
    }

    assertThat(written)
        .containsExactlyInAnyOrder(
            "dataset:t.there@1", "dataset:t.there@2", "dataset:t.made@0", "dataset:t.made@1");
    assertThat(runs()).hasSize(3).extracting(RunView::state).containsOnly(RunState.SUCCEEDED);
    assertThat(commits("there")).isEqualTo(3);
    assertThat(commits("made")).isEqualTo(2);
  }

  private long commits(String dataset) throws IOException {
    try (var files = Files.list(folder.resolve(".weir/datasets/t/" + dataset + "/_delta_log"))) {
      return files.filter(file -> file.toString().endsWith(".json")).count();
    }
  }

  @Test
  void aRunThatDiedBesideOthersIsLeftToWhoAsksForIt() throws Exception {
    pipeline("allow");
    Process dead = start("run", "met", "--param=file=go-dead");
    String run = run(processes.await(out(dead), TestStages.AwaitsFile.REACHED));
    Process alive = start("run", "met", "--param=file=go-alive");
    BufferedReader aliveOut = out(alive);
    String other = run(processes.await(aliveOut, TestStages.AwaitsFile.REACHED));
    dead.destroyForcibly().waitFor();
    Files.createFile(folder.resolve("go-dead"));

    // A new one begins anew, though it would do the same as the dead one.
    Process next = start("run", "met", "--param=file=go-dead");
    assertThat(rest(out(next))).doesNotContain("esume").doesNotContain(run);
    assertThat(next.waitFor()).isZero();
    Process resumed = start("resume", run);
    assertThat(rest(out(resumed))).containsPattern("(?m)^met run " + run + " succeeded in ");
    assertThat(resumed.waitFor()).isZero();
    TestProject.Said held = project.weir("resume", other);
    assertThat(held.code()).isEqualTo(ExitCode.HELD);
    assertThat(held.err()).contains("run " + other + " holds it, on host ");

    Files.createFile(folder.resolve("go-alive"));
    assertThat(rest(aliveOut)).containsPattern("(?m)^met run " + other + " succeeded in ");
    assertThat(runs()).hasSize(3).extracting(RunView::state).containsOnly(RunState.SUCCEEDED);
  }

  /** Starts a run for each number that it reads, and answers what that came to in one line. */
  static final class Driver {
    private Driver() {}

    public static void main(String[] arguments) throws IOException {
      PrintStream answers = System.out;
      System.setOut(System.err);
      TestProject project = new TestProject(Path.of(arguments[0]));
      var numbers = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String number = numbers.readLine(); number != null; number = numbers.readLine()) {
        TestProject.Said said =
            project.weir("run", "met", "--param=file=" + arguments[0] + "/go-" + number);
        answers.printf("%d %s%n", said.code(), (said.out() + said.err()).replace('\n', ' '));
        answers.flush();
      }
    }
  }

  private record Answer(Process from, String text) {}

  @Test
  void ofTwoDriversOneWinsEachTimeAndTheOtherNamesIt() throws Exception {
    pipeline("refuse");
    List<Process> drivers = new ArrayList<>();
    BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    for (int i = 0; i < 2; i++) {
      Process driver = processes.start("driver-" + i, List.of(), Driver.class, folder.toString());
      drivers.add(driver);
      Thread reader =
          new Thread(
              () -> out(driver).lines().forEach(line -> answers.add(new Answer(driver, line))));
      reader.setDaemon(true);
      reader.start();
    }
    int rounds = 50;
    for (int round = 1; round <= rounds; round++) {
      for (Process driver : drivers) {
        driver.outputWriter(StandardCharsets.UTF_8).append(round + "\n").flush();
      }
      // The winner's stage goes on only once the other has given up.
      Answer loser = answers.poll(1, TimeUnit.MINUTES);
      Files.createFile(folder.resolve("go-" + round));
      Answer winner = answers.poll(1, TimeUnit.MINUTES);
      assertThat(loser).as("round %d: both run", round).isNotNull();
      assertThat(winner).isNotNull();
      assertThat(winner.text()).as("round %d", round).startsWith("0 ");
      assertThat(loser.from()).isNotSameAs(winner.from());
      assertThat(loser.text())
          .as("round %d", round)
          .startsWith(
              "4 weir: Pipeline met is being run: run %s holds it, on host "
                  .formatted(run(winner.text())))
          .contains(" in process " + winner.from().pid() + " of user ");
    }
    assertThat(runs()).hasSize(rounds).extracting(RunView::state).containsOnly(RunState.SUCCEEDED);
  }
}
