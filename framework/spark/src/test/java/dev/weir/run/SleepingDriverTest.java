package dev.weir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A driver that is stopped with SIGSTOP past the end of its lease, right before something of it
 * becomes durable, and then goes on: another has taken over, and it publishes nothing more.
 */
@Timeout(600)
class SleepingDriverTest {
  private static final Duration LEASE = Duration.ofSeconds(2);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        // What its stages publish.
        "datasets/t/rows/_delta_log/00000000000000000000.json",
        "models/artifacts/_delta_log/00000000000000000001.json",
        // What it has to say, of a stage or only that it lives.
        "lineage/events/_delta_log/00000000000000000004.json",
      })
  void whoWakesUpAfterItsLeasePublishesNothing(String step) throws Exception {
    TestSpark.session();
    Path home = folder.resolve("home");
    Process sleeper = SignalledRun.start(home, LEASE, "STOP", step);
    try {
      while (!stopped(sleeper)) {
        assertThat(sleeper.isAlive()).as(() -> SignalledRun.errors(home)).isTrue();
        Thread.sleep(50);
      }
      // It gives no sign of life any more, and can't, whatever comes now.
      Thread.sleep(LEASE.plusSeconds(1).toMillis());

      if (step.startsWith("models/")) {
        // It had committed its rows: they are taken over, and made once as is seen below.
        assertThat(home.resolve("datasets/t/rows/_delta_log/00000000000000000000.json")).exists();
      }

      RunResult result = run(home);
      assertThat(result.state()).as(String.valueOf(result.error())).isEqualTo(RunState.SUCCEEDED);
      Map<String, Object> content = KillSweepTest.content(home);
      List<Long> versions = versions(home);

      signal(sleeper, "CONT");
      assertThat(sleeper.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();

      assertThat(SignalledRun.out(home)).startsWith("FAILED ");
      assertThat(SignalledRun.out(home) + SignalledRun.errors(home))
          .contains("lost the lease of pipeline sweep: another driver took it");
      assertThat(versions(home)).as("commits").isEqualTo(versions);
      assertThat(KillSweepTest.content(home)).isEqualTo(content);
      assertThat(content).containsAllEntriesOf(KillSweepTest.onceEach());
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }

  private static RunResult run(Path home) throws InterruptedException {
    try (Runner runner =
        Runner.open(SignalledRun.request(home.toUri(), SparkSettings.bare(), LEASE), event -> {})) {
      return runner.start().await();
    }
  }

  /** The versions of everything that the sleeper could still commit to. */
  private static List<Long> versions(Path folder) {
    try (Home home = Home.open(folder)) {
      LineageReader lineage = LineageReader.open(Events.open(home));
      return List.of(
          lineage.eventsVersion(),
          home.table("datasets/t/rows").latestVersion(),
          home.table("models/artifacts").latestVersion(),
          (long) lineage.rows(LineageTable.MODELS, List.of()).size());
    }
  }

  private static boolean stopped(Process process) throws Exception {
    Path stat = Path.of("/proc", String.valueOf(process.pid()), "stat");
    return Files.exists(stat) && Files.readString(stat).replaceFirst(".*\\) ", "").startsWith("T");
  }

  private static void signal(Process process, String name) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }
}
