package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.lineage.Events;
import dev.weir.lineage.LastWords;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only processes of their own show: signals, sudden death, and who holds a pipeline. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RunProcessTest {
  private static final String PIPELINE =
      """
      pipeline: slow
      params:
        hang: false
      stages:
        - name: wait
          uses: dev.weir.cli.TestStages.Hangs
          with: { into: t.one, hang: "${hang}" }
        - name: after
          uses: dev.weir.cli.TestStages.Nothing
          after: wait
      """;

  @TempDir Path folder;

  private TestProject project;
  private CommandProcesses processes;

  @BeforeEach
  void project() {
    TestSession.start();
    project = new TestProject(folder).pipeline("slow", PIPELINE);
    processes = new CommandProcesses(folder);
  }

  @AfterEach
  void endProcesses() {
    processes.close();
  }

  /** Starts the command line in a process of its own, in the project's folder. */
  private Process start(List<String> options, String... arguments) throws IOException {
    return start("stderr", options, arguments);
  }

  /** The same, with its errors in a file of their own. */
  private Process start(String errors, List<String> options, String... arguments)
      throws IOException {
    return processes.start(errors, options, Main.class, arguments);
  }

  private String await(BufferedReader out, String text) throws IOException {
    return processes.await(out, text);
  }

  private static void interrupt(Process process) throws Exception {
    CommandProcesses.interrupt(process);
  }

  private boolean wasGivenUp(String pipeline) {
    try (Home home = Home.existing(project.home(), Map.of()).orElseThrow()) {
      Events events = Events.existing(home).orElseThrow();
      try (Lease lease = Lease.take(events, new LeaseRequest(pipeline, "probe"))) {
        return lease.takenFrom().isEmpty();
      }
    }
  }

  @Test
  void anInterruptCancelsTheRunAndGivesThePipelineUp() throws Exception {
    // Nor does it need a host name that resolves: this Java knows of no host at all.
    Path hosts = Files.createFile(folder.resolve("hosts"));
    Process process =
        start(
            List.of("-Djdk.net.hosts.file=" + hosts),
            "run",
            "slow",
            "--param=hang=true",
            "--master=local[1]");
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    await(out, TestStages.Hangs.REACHED);

    interrupt(process);

    String rest = await(out, "  log ");
    assertThat(process.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(rest)
        .containsPattern("(?m)^slow run \\S+ cancelled in ")
        .containsPattern("(?m)^  next     ./weir show \\S+$")
        .containsPattern("(?m)^           ./weir run slow$")
        .doesNotContain("Exception");
    assertThat(Files.readString(folder.resolve("stderr"))).isEmpty();
    Path log = Path.of(rest.replaceFirst("(?s).*\n  log +(\\S.*)\n", "$1"));
    assertThat(log).startsWith(folder.resolve(".weir/logs")).hasFileName("spark.log");
    assertThat(Files.readString(log)).contains(" SparkContext: ");
    assertThat(project.weir("runs", "--json").out())
        .contains("\"state\":\"CANCELLED\"")
        .doesNotContain("RUNNING");
    assertThat(wasGivenUp("slow")).isTrue();
    assertThat(project.weir("run", "slow").code()).isZero();
  }

  @Test
  void aResultIsAllThatStandardOutputHolds() throws Exception {
    assertThat(project.weir("run", "slow").code()).isZero();
    project.file(
        "conf/log4j2.properties",
        """
        appender.file.type = File
        appender.file.name = file
        appender.file.fileName = ${sys:weir.log}
        appender.file.layout.type = PatternLayout
        appender.file.layout.pattern = the project's own: %m%n
        rootLogger.level = info
        rootLogger.appenderRef.file.ref = file
        """);
    String statement = "select id, 'a \"b\", c' as t from t.one";
    Process json = start(List.of(), "sql", "--master=local[1]", "--format=json", statement);
    assertThat(new String(json.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("{\"id\":0,\"t\":\"a \\\"b\\\", c\"}\n");
    assertThat(json.waitFor()).isZero();
    assertThat(Files.readString(folder.resolve("stderr"))).isEmpty();

    Process csv = start(List.of(), "sql", "--master=local[1]", "--format=csv", statement);
    assertThat(new String(csv.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("id,t\r\n0,\"a \"\"b\"\", c\"\r\n");
    assertThat(csv.waitFor()).isZero();
    assertThat(Files.readString(folder.resolve("stderr"))).isEmpty();

    assertThat(Files.readAllLines(folder.resolve(".weir/logs/sql/spark.log")))
        .isNotEmpty()
        .first(InstanceOfAssertFactories.STRING)
        .startsWith("the project's own: ");
  }

  @Test
  void onlyOneRunHoldsAPipelineAndItsDeathFreesIt() throws Exception {
    Process process = start(List.of(), "run", "slow", "--param=hang=true", "--master=local[1]");
    String began = await(process.inputReader(StandardCharsets.UTF_8), TestStages.Hangs.REACHED);
    String run = began.replaceFirst("(?s).*run (\\S+) of slow.*", "$1");

    TestProject.Said held = project.weir("run", "slow");

    assertThat(held.code()).isEqualTo(ExitCode.HELD);
    assertThat(held.err())
        .startsWith("weir: Pipeline slow is being run: run " + run + " holds it, on host ")
        .contains(" in process " + process.pid() + " of user " + System.getProperty("user.name"))
        .contains("Wait until it has ended, or end process " + process.pid());
    assertThat(project.weir("runs").out()).containsPattern(run + " +slow +running ");

    process.destroyForcibly().waitFor();

    TestProject.Said next = project.weir("run", "slow");
    assertThat(next.code()).isZero();
    assertThat(next.out()).containsPattern("(?m)^slow run \\S+ succeeded in ");
    assertThat(project.weir("runs").out()).containsPattern(run + " +slow +interrupted ");
  }

  private static BufferedReader out(Process process) {
    return CommandProcesses.out(process);
  }

  private String errors(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  @Test
  void aRunIsFollowedAndWatchedFromOtherProcesses() throws Exception {
    Process process = start(List.of(), "run", "slow", "--param=hang=true", "--master=local[1]");
    BufferedReader ran = out(process);
    String began = await(ran, TestStages.Hangs.REACHED);
    String run = began.replaceFirst("(?s).*run (\\S+) of slow.*", "$1");

    Process all = start("all", List.of(), "logs", "--follow");
    Process stage = start("stage", List.of(), "logs", run, "wait", "-f");
    Process watch = start("watch", List.of(), "show", run, "--watch");
    Process json = start("json", List.of(), "show", "--watch", "--json");
    Process leaves = start("leaves", List.of(), "show", "--watch");

    // A line of a task names the stage as those of the stage's own thread do.
    BufferedReader allOut = out(all);
    await(allOut, " SparkContext: Running Spark ");
    await(allOut, "[wait#1] Executor task launch worker for task 0.0 ");
    BufferedReader stageOut = out(stage);
    assertThat(stageOut.readLine()).contains(" [wait#1] ");
    BufferedReader watchOut = out(watch);
    assertThat(watchOut.readLine())
        .matches("\\S+ run " + run + " of slow: 2 stages, home file:///.*");
    assertThat(watchOut.readLine()).matches("\\S+ wait began");
    BufferedReader jsonOut = out(json);
    await(jsonOut, "\"event\":\"stage.started\"");

    await(out(leaves), "wait began");
    interrupt(leaves);
    assertThat(leaves.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(errors("leaves"))
        .isEqualTo(
            "Not watched any more; run %s goes on. Again: ./weir show %s --watch%n"
                .formatted(run, run));
    assertThat(process.isAlive()).isTrue();

    interrupt(process);

    String seen = await(watchOut, "  log ");
    assertThat(seen)
        .containsPattern("(?m)^\\S+ wait cancelled in ")
        .containsPattern("(?m)^\\S+ after skipped: It never began, ")
        .containsPattern("(?m)^slow run " + run + " cancelled in ");
    assertThat(watch.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(errors("watch")).isEmpty();
    assertThat(await(jsonOut, "run.finished")).contains("\"state\":\"CANCELLED\"");
    assertThat(json.waitFor()).isEqualTo(ExitCode.CANCELLED);

    String cancelled = await(stageOut, "Stage wait CANCELLED, attempt 1");
    assertThat(cancelled.lines().filter(line -> line.startsWith("20")))
        .allMatch(line -> line.contains(" [wait#1] "));
    assertThat(stageOut.readLine()).contains("Stage 'wait' was cancelled with its run.");
    String stopped = await(allOut, "Successfully stopped SparkContext");
    assertThat(stopped).contains("Stage wait CANCELLED, attempt 1");
    for (Process follower : List.of(all, stage)) {
      follower.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      assertThat(follower.waitFor()).isZero();
    }
    assertThat(errors("all"))
        .isEqualTo("Run %s was cancelled; ./weir show %s%n".formatted(run, run));
  }

  @Test
  void theSuddenDeathOfARunIsSeenByWhoWatchesIt() throws Exception {
    Process process = start(List.of(), "run", "slow", "--param=hang=true", "--master=local[1]");
    await(out(process), TestStages.Hangs.REACHED);
    Process watch = start("watch", List.of(), "show", "--watch");
    BufferedReader watched = out(watch);
    await(watched, "wait began");

    process.destroyForcibly().waitFor();

    assertThat(await(watched, "  log "))
        .containsPattern("(?m)^slow run \\S+ interrupted in ")
        .containsPattern(
            "(?m)^  failed   Its driver, process " + process.pid() + " on host .*, ended ");
    assertThat(watch.waitFor()).isEqualTo(ExitCode.FAILED);
    assertThat(project.weir("logs", "-f").err()).contains(" was interrupted; ./weir show ");
  }

  /** The run that the process says to have begun, which is the home's only one. */
  private Path lastWordsOfTheOnlyRun() throws IOException {
    try (Stream<Path> runs = Files.list(folder.resolve(".weir/logs"))) {
      List<Path> all = runs.toList();
      assertThat(all).hasSize(1);
      return all.get(0).resolve("last-words");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stage", "cause", "thread", "task"})
  void aProcessOutOfMemoryEndsAtOnceAndLeavesLastWords(String where) throws Exception {
    project.pipeline(
        "large",
        """
        pipeline: large
        stages:
          - name: hoard
            uses: dev.weir.cli.TestStages.Hoards
            with: { where: "%s" }
            retry: { attempts: 3 }
        """
            .formatted(where));
    // Spark asks for half a gigabyte.
    String heap = where.equals("task") ? "-Xmx512m" : "-Xmx64m";
    Process process = start(List.of(heap), "run", "large", "--master=local[1]");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(out).isEqualTo(ExitCode.OUT_OF_MEMORY);

    assertThat(Files.readString(folder.resolve("stderr")))
        .contains(
            "weir: The process is out of memory and ends; its heap could become ",
            "Give it more: WEIR_JAVA_OPTIONS=-Xmx1g ./weir ");
    Path file = lastWordsOfTheOnlyRun();
    LastWords words = LastWords.read(file).orElseThrow();
    assertThat(words.run()).isEqualTo(file.getParent().getFileName().toString());
    assertThat(words.pipeline()).isEqualTo("large");
    assertThat(words.pid()).isEqualTo(process.pid());
    assertThat(words.what()).isEqualTo("java.lang.OutOfMemoryError: Java heap space");
    assertThat(words.stage()).isEqualTo(where.equals("thread") ? null : "hoard");
    assertThat(words.attempt()).isEqualTo(where.equals("thread") ? 0 : 1);
    assertThat(words.concern("hoard", 1)).isTrue();
    assertThat(Files.readString(file)).contains("\tat dev.weir.cli.TestStages$Hoards.hoard(");
    // Where a later command looks.
    assertThat(LastWords.path(project.home(), words.run())).isEqualTo(file);
    try (Home home = Home.existing(project.home(), Map.of()).orElseThrow()) {
      assertThat(
              Events.existing(home)
                  .orElseThrow()
                  .table()
                  .latest()
                  .rows(List.of("body"), List.of(Filter.equal("kind", "run-started"))))
          .singleElement()
          .satisfies(
              row ->
                  assertThat(row.string("body"))
                      .contains("\"" + LastWords.ENVIRONMENT_KEY + "\":\"" + file + "\""));
    }
  }

  @Test
  void theNextCommandRecordsThatMemoryRanOutAndGoesOn() throws Exception {
    Path room = folder.resolve("room");
    project.pipeline(
        "large",
        """
        pipeline: large
        stages:
          - name: first
            uses: dev.weir.cli.TestStages.Nothing
          - name: hoard
            uses: dev.weir.cli.TestStages.HoardsWithout
            with: { file: "%s" }
            after: first
        """
            .formatted(room));
    Process process = start(List.of("-Xmx64m"), "run", "large");
    process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    assertThat(process.waitFor()).isEqualTo(ExitCode.OUT_OF_MEMORY);
    Path words = lastWordsOfTheOnlyRun();
    String run = words.getParent().getFileName().toString();
    // Who only looks is told as much as can be told without writing.
    assertThat(project.weir("runs").out()).containsPattern(run + " +large +interrupted ");

    Files.createFile(room);
    TestProject.Said next = project.weir("run", "large");

    assertThat(next.code()).as(next.out() + next.err()).isZero();
    assertThat(next.out())
        .contains("Resumes run " + run + ", which was interrupted: nothing is heard of process ")
        .containsPattern("(?m)^large run " + run + " succeeded in ");
    String shown = project.weir("show", run).out();
    assertThat(shown).contains("The process ran out of memory in attempt 1 at stage 'hoard'");
    try (Home home = Home.existing(project.home(), Map.of()).orElseThrow()) {
      assertThat(LineageReader.open(Events.existing(home).orElseThrow()).stages(run))
          .filteredOn(view -> view.stage().equals("hoard"))
          .extracting(StageView::attempt, StageView::state)
          // Whether or not the beginning of the first one had become durable.
          .containsExactly(tuple(1, StageState.FAILED), tuple(2, StageState.SUCCEEDED));
    }
  }

  @Test
  void aStackOverflowInATaskIsAFailureLikeAnyOther() throws Exception {
    project.pipeline(
        "deep",
        """
        pipeline: deep
        stages:
          - name: recurse
            uses: dev.weir.cli.TestStages.Recurses
        """);

    Process process = start(List.of(), "run", "deep", "--master=local[1]");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(out).isEqualTo(ExitCode.FAILED);
    assertThat(out).contains("StackOverflowError");
    assertThat(project.weir("runs", "--json").out())
        .contains("\"state\":\"FAILED\"", "\"code\":\"stack-overflow\"");
    assertThat(lastWordsOfTheOnlyRun()).doesNotExist();
  }

  @Test
  void whatHangsAndHearsNothingEndsByItsTimeout() throws Exception {
    project.pipeline(
        "stuck",
        """
        pipeline: stuck
        stages:
          - name: busy
            uses: dev.weir.cli.TestStages.Stuck
            with: { task: false }
            timeout: 1s
          - name: job
            uses: dev.weir.cli.TestStages.Stuck
            with: { task: true }
            timeout: 30s
        """);

    Process process = start(List.of(), "run", "stuck", "--master=local[2]");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(out).isEqualTo(ExitCode.FAILED);
    assertThat(out)
        .contains(
            "Attempt 1 at stage 'busy' took longer than its timeout of 1s",
            "Attempt 1 at stage 'job' took longer than its timeout of ");
    assertThat(project.weir("runs", "--json").out())
        .contains("\"state\":\"FAILED\"", "\"code\":\"timeout\"")
        .doesNotContain("RUNNING");
    assertThat(wasGivenUp("stuck")).isTrue();
    assertThat(lastWordsOfTheOnlyRun()).doesNotExist();
  }

  @Test
  void anInterruptCancelsWhatHearsNone() throws Exception {
    project.pipeline(
        "stuck",
        """
        pipeline: stuck
        stages:
          - name: busy
            uses: dev.weir.cli.TestStages.Stuck
            with: { task: false }
        """);
    Process process = start(List.of(), "run", "stuck");
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    await(out, TestStages.Stuck.REACHED);

    interrupt(process);

    assertThat(await(out, "  next ")).containsPattern("(?m)^stuck run \\S+ cancelled in ");
    assertThat(process.waitFor()).isEqualTo(ExitCode.CANCELLED);
    assertThat(project.weir("runs", "--json").out()).contains("\"state\":\"CANCELLED\"");
    assertThat(wasGivenUp("stuck")).isTrue();
  }

  @Test
  void aSecondInterruptEndsARunThatCanNotBeCancelled() throws Exception {
    project.pipeline(
        "loud",
        """
        pipeline: loud
        stages:
          - name: print
            uses: dev.weir.cli.TestStages.Prints
        """);
    Process process = start(List.of(), "run", "loud");
    // Nobody reads what it prints, so that the output is held and no end can be shown.
    while (process.getInputStream().available() < 4096) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(20);
    }

    while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
      interrupt(process);
    }

    assertThat(process.exitValue()).isEqualTo(ExitCode.CANCELLED);
    assertThat(project.weir("runs", "--json").out()).doesNotContain("CANCELLED");
    assertThat(wasGivenUp("loud")).isFalse();
  }
}
