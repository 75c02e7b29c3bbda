package dev.weir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the process of a run with SIGKILL before each of its durable steps, in turn; a run that is
 * started after that goes on, and everything is as if nothing had happened.
 */
@Timeout(1800)
class KillSweepTest {
  /** What a run of the pipeline takes, at most: facts that come together make fewer commits. */
  private static final int MANY = 200;

  @TempDir Path folder;

  /** Ends a child at a step; false if it came to its end before. */
  private boolean killed(int step, Path home) throws IOException, InterruptedException {
    Process process =
        SignalledRun.start(home, RunRequest.DEFAULT_LEASE, "KILL", String.valueOf(step));
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("the child ends").isTrue();
      assertThat(process.exitValue())
          .as(() -> "step " + step + ": " + SignalledRun.errors(home))
          .isIn(0, 137);
      return process.exitValue() == 137;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void killedAnywhereItEndsAsIfNothingHadHappened() throws Exception {
    TestSpark.session();
    Path whole = folder.resolve("whole");
    Map<String, Object> expected = run(whole);
    assertThat(expected).containsAllEntriesOf(onceEach());
    ExecutorService children = Executors.newFixedThreadPool(2);
    List<Future<Boolean>> kills = new ArrayList<>();
    AtomicInteger last = new AtomicInteger(MANY);
    try {
      for (int step = 1; step < MANY; step++) {
        int number = step;
        kills.add(
            children.submit(
                () -> {
                  if (number > last.get()) {
                    return false;
                  }
                  boolean killed = killed(number, folder.resolve("home" + number));
                  if (!killed) {
                    last.accumulateAndGet(number, Math::min);
                  }
                  return killed;
                }));
      }
      int swept = 0;
      for (int step = 1; step < MANY; step++) {
        if (!kills.get(step - 1).get()) {
          break;
        }
        swept = step;
        Path home = folder.resolve("home" + step);
        String at = steps(step);
        assertThat(run(home)).as("killed before step %d, %s", step, at).isEqualTo(expected);
      }
      // A run's steps: its facts, its outputs, the tables made of its facts.
      assertThat(swept).isGreaterThan(20);
      String all = Files.readString(folder.resolve("steps"));
      assertThat(all)
          .contains(
              "weir-home.json",
              "lineage/events/_delta_log/00000000000000000000.json",
              "datasets/t/rows/_delta_log/00000000000000000000.json",
              "models/artifacts/_delta_log/00000000000000000001.json",
              "lineage/models/_delta_log/00000000000000000001.json",
              "lineage/progress/_delta_log/00000000000000000001.json");
      System.out.printf("killed before each of %d durable steps: no differences%n", swept);
    } finally {
      children.shutdownNow();
    }
  }

  private String steps(int step) throws IOException {
    return Files.readAllLines(folder.resolve("steps")).stream()
        .filter(line -> line.startsWith(step + " "))
        .findFirst()
        .orElse("?");
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
