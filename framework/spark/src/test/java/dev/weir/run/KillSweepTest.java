package dev.weir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.audit.AuditReport;
import dev.weir.audit.AuditVerification;
import dev.weir.config.Retention;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunContent;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the process of a run with SIGKILL before each of its durable steps, in turn; a run that is
 * started after that goes on, and everything is as if nothing had happened.
 */
@Timeout(1800)
class KillSweepTest {
  @TempDir Path folder;

  /** The steps of a run that nobody kills, by their files in the home. */
  private List<String> steps() throws IOException, InterruptedException {
    Path home = folder.resolve("counted");
    end(start(home, ""), home, 0);
    String place = home + "/";
    return Files.readAllLines(SignalledRun.steps(home)).stream()
        .map(file -> file.substring(file.indexOf(place) + place.length()))
        .distinct()
        .filter(step -> Boolean.getBoolean("weir.sweep") || !madeAsOthersAre(step))
        .toList();
  }

  /**
   * Whether it is a commit of one of the lineage's tables that are all made alike: one stands for
   * all.
   */
  private static boolean madeAsOthersAre(String step) {
    return step.matches("lineage/(?!events|audit|progress|models)\\w+/_delta_log/\\d{20}\\.json");
  }

  /** Ends a process at a step; false if it came to its end before. */
  private boolean killed(String step, Path home) throws IOException, InterruptedException {
    return killed(step, home, RunRequest.DEFAULT_LEASE);
  }

  private static boolean killed(String step, Path home, Duration lease)
      throws IOException, InterruptedException {
    return end(SignalledRun.start(home, lease, "KILL", "/" + step), home, 0, 137) == 137;
  }

  private static Process start(Path home, String at) throws IOException, InterruptedException {
    return SignalledRun.start(home, RunRequest.DEFAULT_LEASE, "KILL", at);
  }

  private static int end(Process process, Path home, Integer... codes) throws InterruptedException {
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("the process ends").isTrue();
      assertThat(process.exitValue()).as(() -> SignalledRun.errors(home)).isIn((Object[]) codes);
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void killedAnywhereItEndsAsIfNothingHadHappened() throws Exception {
    TestSpark.session();
    Map<String, Object> expected = run(folder.resolve("whole"));
    assertThat(expected).containsAllEntriesOf(onceEach());
    List<String> steps = steps();
    // A run's steps: its facts, its outputs, the tables made of its facts.
    assertThat(steps)
        .contains(
            "weir-home.json",
            "lineage/events/_delta_log/00000000000000000000.json",
            "datasets/t/rows/_delta_log/00000000000000000000.json",
            "models/artifacts/_delta_log/00000000000000000001.json",
            "lineage/models/_delta_log/00000000000000000001.json",
            "lineage/audit/_delta_log/00000000000000000001.json",
            "lineage/progress/_delta_log/00000000000000000001.json");
    ExecutorService children = Executors.newFixedThreadPool(2);
    List<Future<Boolean>> kills = new ArrayList<>();
    int swept = 0;
    try {
      for (int i = 0; i < steps.size(); i++) {
        String step = steps.get(i);
        Path home = folder.resolve("home" + i);
        kills.add(children.submit(() -> killed(step, home)));
      }
      for (int i = 0; i < steps.size(); i++) {
        String step = steps.get(i);
        boolean killed = kills.get(i).get();
        swept += killed ? 1 : 0;
        // What is said at the same moment makes one commit or two, so the last may not come.
        assertThat(killed || step.startsWith("lineage/events/")).as("reaches " + step).isTrue();
        assertThat(run(folder.resolve("home" + i))).as("killed before " + step).isEqualTo(expected);
      }
      System.out.printf(
          "killed before %d of %d durable steps: no differences%n", swept, steps.size());
    } finally {
      children.shutdownNow();
    }
    // As few as a tenth of all steps, however many of them a short sweep leaves out.
    assertThat(steps.size() - swept).as("steps that were not reached").isLessThanOrEqualTo(4);
  }

  /**
   * The steps of a process that takes over: its lease, its fences, what it adopts, and the rest but
   * for the lineage's tables that are made alike.
   */
  @Test
  void killedAgainWhileItGoesOnItEndsAsIfNothingHadHappened() throws Exception {
    assumeTrue(Boolean.getBoolean("weir.sweep"), "tried with -Dweir.sweep=true");
    TestSpark.session();
    Map<String, Object> expected = run(folder.resolve("whole"));
    // Without a sign of life meanwhile, so that the events count what the stages do.
    Duration lease = Duration.ofMinutes(5);
    // After its rows have become durable, and before that is said.
    String first = "lineage/events/_delta_log/00000000000000000003.json";
    Path counted = folder.resolve("resumed");
    assertThat(killed(first, counted, lease)).isTrue();
    Files.delete(SignalledRun.steps(counted));
    end(SignalledRun.start(counted, lease, "KILL", ""), counted, 0);
    List<String> steps =
        Files.readAllLines(SignalledRun.steps(counted)).stream()
            .map(file -> file.substring(file.indexOf(counted + "/") + (counted + "/").length()))
            .distinct()
            .filter(step -> !madeAsOthersAre(step))
            .toList();
    assertThat(steps)
        .as("the table that it fences, and the models that come after")
        .contains(
            "datasets/t/rows/_delta_log/00000000000000000001.json",
            "models/artifacts/_delta_log/00000000000000000001.json");
    ExecutorService children = Executors.newFixedThreadPool(2);
    List<Future<Boolean>> kills = new ArrayList<>();
    try {
      for (int i = 0; i < steps.size(); i++) {
        String step = steps.get(i);
        Path home = folder.resolve("again" + i);
        kills.add(children.submit(() -> killed(first, home, lease) && killed(step, home, lease)));
      }
      int swept = 0;
      for (int i = 0; i < steps.size(); i++) {
        swept += kills.get(i).get() ? 1 : 0;
        assertThat(run(folder.resolve("again" + i)))
            .as("killed again before " + steps.get(i))
            .isEqualTo(expected);
      }
      System.out.printf(
          "killed again before %d of %d durable steps: no differences%n", swept, steps.size());
      assertThat(steps.size() - swept).as("steps that were not reached").isLessThanOrEqualTo(4);
    } finally {
      children.shutdownNow();
    }
  }

  @Test
  void aRunWhoseProcessDiesAgainAndAgainIsGivenUp() throws Exception {
    TestSpark.session();
    Path home = folder.resolve("hopeless");
    // Its table is not there yet, whoever tries: each process comes to the same step.
    String step = "datasets/t/rows/_delta_log/00000000000000000000.json";
    for (int death = 1; death <= 3; death++) {
      assertThat(killed(step, home)).as("death " + death).isTrue();
    }

    assertThatThrownBy(() -> run(home))
        .isInstanceOf(WeirException.class)
        .hasMessageMatching(
            "Run \\S+ is not resumed by itself any more: its process died 3 times, the last time in stage 'rows'\\.");

    try (Home opened = Home.open(home)) {
      LineageReader lineage = LineageReader.open(Events.open(opened));
      RunView given = lineage.runs(1).get(0);
      assertThat(given.state()).isEqualTo(RunState.FAILED);
      assertThat(given.error().code()).isEqualTo("attempts-exhausted");
      assertThat(lineage.stages(given.run()).stream().filter(stage -> stage.attempt() > 0))
          .extracting(StageView::stage, StageView::attempt, StageView::state)
          .containsExactly(
              tuple("rows", 1, StageState.INTERRUPTED),
              tuple("rows", 2, StageState.INTERRUPTED),
              tuple("rows", 3, StageState.INTERRUPTED));
      // Who asks for it has it tried once more.
      resume(home, given.run());
    }
    assertThat(content(home)).containsAllEntriesOf(onceEach());
  }

  @Test
  void aTakeOverThatMeetsDamageGivesTheLeaseUp() throws Exception {
    TestSpark.session();
    Path home = folder.resolve("damaged");
    assertThat(killed("models/artifacts/_delta_log/00000000000000000001.json", home)).isTrue();
    Path torn = home.resolve("models/artifacts/_delta_log/00000000000000000000.json");
    byte[] whole = Files.readAllBytes(torn);
    Files.write(torn, new byte[0]);

    assertThatThrownBy(() -> run(home))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("models/artifacts/_delta_log/00000000000000000000.json");

    RunView failed;
    try (Home opened = Home.open(home)) {
      failed = LineageReader.open(Events.open(opened)).runs(1).get(0);
    }
    assertThat(failed.state()).isEqualTo(RunState.FAILED);
    Files.write(torn, whole);
    resume(home, failed.run());
    assertThat(content(home)).containsAllEntriesOf(onceEach());
  }

  private static void resume(Path home, String run) throws Exception {
    RunRequest again =
        SignalledRun.request(home.toUri(), SparkSettings.bare(), RunRequest.DEFAULT_LEASE)
            .resuming(run);
    try (Runner runner = Runner.open(again, event -> {})) {
      assertThat(runner.start().await().state()).isEqualTo(RunState.SUCCEEDED);
    }
  }

  // --- What is compared

  /** Runs, or goes on, and looks at everything that the home then says. */
  private static Map<String, Object> run(Path home) throws Exception {
    RunResult result;
    try (Runner runner =
        Runner.open(
            SignalledRun.request(home.toUri(), SparkSettings.bare(), RunRequest.DEFAULT_LEASE),
            event -> {})) {
      result = runner.start().await();
    }
    assertThat(result.state()).as(() -> home + ": " + result.error()).isEqualTo(RunState.SUCCEEDED);
    return content(home);
  }

  /** How often each thing is committed, however often its process ends. */
  static Map<String, Object> onceEach() {
    return Map.of(
        "commits of datasets/t/rows", 1L,
        "commits of models/artifacts", 1L,
        "numbers of the model", List.of(1));
  }

  /** What the home's one run came to, and how often anything was committed. */
  static Map<String, Object> content(Path folder) {
    try (Home home = Home.existing(folder.toUri(), Map.of()).orElseThrow()) {
      AuditReport audit =
          AuditVerification.of(Events.existing(home).orElseThrow(), null, null, Retention.DEFAULT);
      assertThat(audit.findings()).as("the audit chain of " + folder).isEmpty();
      assertThat(audit.unsealedEvents()).as("events in no seal of " + folder).isZero();
      LineageReader lineage = LineageReader.open(Events.existing(home).orElseThrow());
      List<RunView> runs = lineage.runs(10);
      String run = runs.get(runs.size() - 1).run();
      if (runs.size() > 1) {
        // The first had come to its end, and only the tables were behind: nothing was left to do.
        assertThat(runs).as("runs of " + folder).hasSize(2);
        assertThat(lineage.stages(runs.get(0).run()))
            .extracting(StageView::state, StageView::reusedRun)
            .containsOnly(tuple(StageState.REUSED, run));
      }
      Map<String, Object> content = new TreeMap<>(RunContent.of(lineage, run));
      List<Row> succeeded =
          lineage.rows(
              LineageTable.STAGES, List.of(Filter.equal("state", StageState.SUCCEEDED.name())));
      assertThat(succeeded)
          .as("each stage did its work once")
          .extracting(row -> row.string("stage"))
          .containsExactlyInAnyOrder("rows", "train", "register");
      // What else is in the tables' logs is empty.
      for (String table : List.of("datasets/t/rows", "models/artifacts")) {
        DeltaTable delta = home.table(table);
        content.put(
            "commits of " + table,
            delta.log().commits(-1, delta.latestVersion()).stream()
                .filter(commit -> commit.dataChange())
                .count());
      }
      content.put(
          "numbers of the model",
          lineage.rows(LineageTable.MODELS, List.of()).stream()
              .map(row -> row.get("number"))
              .filter(number -> number != null)
              .toList());
      return content;
    }
  }
}
