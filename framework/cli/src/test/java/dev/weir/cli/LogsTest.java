package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseClock;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Home;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of a run, from where the run's facts say that it is. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LogsTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

  private static final String RUN = "20260102-030405-k3f9x";

  private static final String HEAD = "2026-01-02T03:04:05.678Z INFO  ";

  private static final String LOG =
      HEAD
          + "main SparkContext: Running Spark\n"
          + HEAD
          + "[train#1] weir-stage-1 Train: größer than before\n"
          + HEAD
          + "[train_again#1] weir-stage-2 Train: another stage\n"
          + "2026-01-02T03:04:05.679Z ERROR [train#1] weir-stage-1 Execution: Stage train FAILED\n"
          + "java.lang.IllegalStateException: no rows\n"
          + "\tat dev.weir.Train.run(Train.java:1)\n"
          + HEAD
          + "[train#2] Executor task launch worker Executor: Running task\n"
          + HEAD
          + "[evaluate#1] weir-stage-1 Evaluate: done\n"
          + HEAD
          + "main SparkContext: stopped";

  @TempDir Path folder;

  private TestProject project;

  @BeforeEach
  void project() {
    project = new TestProject(folder);
  }

  private Path log() {
    return folder.resolve(".weir/logs").resolve(RUN).resolve("spark.log");
  }

  private void write(String text) throws IOException {
    Files.createDirectories(log().getParent());
    Files.writeString(log(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private Lease begin(Home home, Holder holder, @Nullable Path log) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("host", holder.host());
    if (log != null) {
      environment.put("log", log.toString());
    }
    return Lease.take(
        Events.open(home),
        new LeaseRequest("credit", RUN, holder, Duration.ofSeconds(15)),
        (token, last, dead) ->
            List.of(
                new Fact.RunStarted(
                    START,
                    "credit",
                    RUN,
                    token,
                    "{}",
                    Map.of(),
                    environment,
                    List.of("train", "train_again", "evaluate"),
                    Map.of(),
                    Fact.Snapshot.NONE,
                    Map.of(),
                    Fact.Choice.ALL)),
        () -> 0,
        LeaseClock.system());
  }

  private static Fact stage(String name) {
    return new Fact.StageFinished(
        START,
        START,
        "credit",
        RUN,
        name,
        1,
        "com.example.Stage",
        StageState.SUCCEEDED,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  private static Fact end(RunState state) {
    return new Fact.RunFinished(START.plusSeconds(3), START, "credit", RUN, state, null);
  }

  /** A run that was made and is over. */
  private void run(Holder holder, @Nullable Path log) {
    try (Home home = Home.open(folder.resolve(".weir"));
        Lease lease = begin(home, holder, log)) {
      lease.log().commit(List.of(stage("train"), stage("train_again"), stage("evaluate")));
      lease.release(List.of(end(RunState.FAILED)));
    }
  }

  private static Holder elsewhere() {
    return new Holder("far-away", 1, START, "ada");
  }

  // --- What is printed

  @Test
  void theWholeLogIsPrintedAsItIs() throws Exception {
    run(Holder.current(), log());
    write(LOG);

    TestProject.Said said = project.weir("logs");

    assertThat(said.code()).isZero();
    assertThat(said.out()).isEqualTo(LOG);
    assertThat(said.err()).isEmpty();
    assertThat(project.weir("logs", RUN.substring(0, 17), "--follow").out()).isEqualTo(LOG);
  }

  @Test
  void aStagesEntriesAreItsOwnWithTheLinesBelow() throws Exception {
    run(Holder.current(), log());
    write(LOG);

    TestProject.Said said = project.weir("logs", RUN, "train");

    assertThat(said.code()).isZero();
    assertThat(said.lines())
        .containsExactly(
            HEAD + "[train#1] weir-stage-1 Train: größer than before",
            "2026-01-02T03:04:05.679Z ERROR [train#1] weir-stage-1 Execution: Stage train FAILED",
            "java.lang.IllegalStateException: no rows",
            "\tat dev.weir.Train.run(Train.java:1)",
            HEAD + "[train#2] Executor task launch worker Executor: Running task");
    assertThat(project.weir("logs", RUN, "train_again").lines()).hasSize(1);
  }

  @Test
  void aStageThatLoggedNothingIsNamed() throws Exception {
    run(Holder.current(), log());
    write(LOG.replace("[evaluate#1] ", ""));

    TestProject.Said said = project.weir("logs", RUN, "evaluate");

    assertThat(said.code()).isZero();
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).isEqualTo("Stage 'evaluate' has logged nothing.%n".formatted());
  }

  // --- Following

  /** {@code logs --follow}, given beside the run. */
  private final class Following {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> code;

    Following(@Nullable String stage) {
      code =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return new LogsAction(
                          project.home(),
                          "",
                          new PrintStream(bytes, true, StandardCharsets.UTF_8),
                          new PrintStream(errors, true, StandardCharsets.UTF_8))
                      .print("", stage, true);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
    }

    String printed() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    void await(String text) throws InterruptedException {
      while (!printed().contains(text)) {
        assertThat(code).isNotDone();
        Thread.sleep(10);
      }
    }

    String errors() {
      return errors.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void aLogIsFollowedFromBeforeItIsThereToTheEndOfTheRun() throws Exception {
    try (Home home = Home.open(folder.resolve(".weir"));
        Lease lease = begin(home, Holder.current(), log())) {
      assertThat(project.weir("logs").err())
          .isEqualTo("Run %s has logged nothing yet; --follow waits for it.%n".formatted(RUN));
      Following following = new Following(null);
      write("one\n");
      following.await("one\n");
      write("two\nthr");
      following.await("two\n");
      write("ee\n");
      following.await("three\n");
      lease.release(List.of(end(RunState.FAILED)));
      // What a process logs on its way out, as Spark does.
      write("last");

      assertThat(following.code.get()).isZero();
      assertThat(following.printed()).isEqualTo("one\ntwo\nthree\nlast");
      assertThat(following.errors())
          .isEqualTo("Run %s failed; ./weir show %s%n".formatted(RUN, RUN));
    }
  }

  @Test
  void aStageIsFollowedAndTheOthersAreNot() throws Exception {
    try (Home home = Home.open(folder.resolve(".weir"));
        Lease lease = begin(home, Holder.current(), log())) {
      write(HEAD + "[train#1] Train: one\n");
      Following following = new Following("evaluate");
      write("below\n" + HEAD + "[evaluate#1] Evaluate: two\n");
      following.await("two");
      write("below\n" + HEAD + "[train#1] Train: three\n");
      lease.release(List.of(end(RunState.CANCELLED)));

      assertThat(following.code.get()).isZero();
      assertThat(following.printed()).isEqualTo(HEAD + "[evaluate#1] Evaluate: two\nbelow\n");
      assertThat(following.errors()).startsWith("Run " + RUN + " was cancelled; ");
    }
  }

  @Test
  void aRunWhoseProcessIsGoneIsNotFollowedForEver() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    Holder gone = new Holder(Holder.current().host(), process.pid(), START, "ada");
    write(LOG);
    try (Home home = Home.open(folder.resolve(".weir"));
        Lease lease = begin(home, gone, log())) {
      assertThat(lease.token()).isEqualTo(1);
      TestProject.Said said = project.weir("logs", "-f");

      assertThat(said.code()).isZero();
      assertThat(said.out()).isEqualTo(LOG);
      assertThat(said.err())
          .startsWith("Run " + RUN + " was interrupted; ./weir show " + RUN + " --home ");
    }
  }

  // --- What is not there

  private void assertRefused(TestProject.Said said, String message) {
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    String place = " --home %s -C %s".formatted(project.home(), folder);
    assertThat(said.err().replace(place, "")).isEqualTo("weir: " + message + "%n".formatted());
  }

  @Test
  void wrongNamesAreAnsweredWithTheNearest() throws Exception {
    run(Holder.current(), log());
    write(LOG);

    assertRefused(
        project.weir("logs", RUN.replace('k', 'q')),
        "There is no run '%s'; did you mean '%s'? See ./weir runs."
            .formatted(RUN.replace('k', 'q'), RUN));
    assertRefused(
        project.weir("logs", RUN, "trian"),
        "There is no stage 'trian' in run %s of credit; did you mean 'train'? Its stages are evaluate, train, train_again."
            .formatted(RUN));
    assertRefused(
        project.weir("logs", "train"),
        "'train' is a stage of the latest run, and a run comes first. Say ./weir logs %s train."
            .formatted(RUN));
  }

  @Test
  void aFileThatIsGoneIsNamed() {
    run(Holder.current(), log());

    assertRefused(
        project.weir("logs"),
        "There is no file %s, where run %s logged on this host: it was removed, or the project's conf/log4j2.properties writes elsewhere. What went wrong is in the lineage too: ./weir show %s."
            .formatted(log(), RUN, RUN));
  }

  @Test
  void aLogOnAnotherHostIsNamed() {
    run(elsewhere(), Path.of("/far/spark.log"));

    assertRefused(
        project.weir("logs"),
        "Run %s was made on host far-away, and its log is there: /far/spark.log. Say ./weir logs %s there. What went wrong is in the lineage too: ./weir show %s."
            .formatted(RUN, RUN, RUN));
  }

  @Test
  void aHomeThatHasMovedStillHasItsLogs() throws Exception {
    run(elsewhere(), Path.of("/far/spark.log"));
    write(LOG);

    assertThat(project.weir("logs").out()).isEqualTo(LOG);
  }

  @Test
  void aRunThatLoggedElsewhereSaysSo() {
    run(elsewhere(), null);

    assertRefused(
        project.weir("logs"),
        "Run %s has no log of Weir's: it was started by spark-submit, or its home is no folder, so it logged as log4j2 of its driver on host far-away says. Look at the driver's log there. What went wrong is in the lineage too: ./weir show %s."
            .formatted(RUN, RUN));
  }

  @Test
  void aPatternOfTheProjectsOwnNamesNoStages() throws Exception {
    run(Holder.current(), log());
    write("the project's own: one\n");

    assertThat(project.weir("logs").out()).isEqualTo("the project's own: one\n");
    assertRefused(
        project.weir("logs", RUN, "train"),
        "The log %s does not say which stage a line belongs to: the project's conf/log4j2.properties writes in a pattern of its own. Give it the pattern of Weir's conf/log4j2.properties, or leave the stage out: ./weir logs %s."
            .formatted(log(), RUN));
  }

  @Test
  void aHomeWithoutRunsSaysSo() {
    assertThat(project.weir("logs").err()).startsWith("weir: Nothing has been run in the home ");
  }
}
