package dev.weir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.RunState;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Retry;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.spark.api.java.function.ForeachFunction;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

@Timeout(300)
class StageLogTest {
  private static final Set<String> SEEN = new ConcurrentSkipListSet<>();

  private static final Set<String> TRIED = new ConcurrentSkipListSet<>();

  private static void look(String where) {
    SEEN.add(where + " " + MDC.get(StageLog.STAGE) + "#" + MDC.get(StageLog.ATTEMPT));
  }

  private static void lookInTasks(SparkSession session, String where) {
    session.range(0, 4, 1, 2).foreach((ForeachFunction<Long>) number -> look(where));
  }

  /** Looks at what a line would name, and is tried again once. */
  record Looks(String key) implements Stage {
    @Override
    public void run(StageContext context) throws Exception {
      look(key + " itself");
      lookInTasks(context.spark(), key + " task");
      if (TRIED.add(key)) {
        throw new ConnectException("again");
      }
    }
  }

  @Test
  void whatAStageAndItsTasksLogNamesTheAttempt(@TempDir Path folder) throws Exception {
    SparkSession session = TestSpark.session();
    Retry twice = new Retry(2, Duration.ofMillis(1), Duration.ofMillis(1));
    RunRequest request =
        RunRequest.of(
            Pipeline.named("looking")
                .stage("one", new Looks("a"))
                .retry(twice)
                .stage("two", new Looks("b"))
                .retry(twice)
                .build(),
            folder.toUri(),
            folder.toUri(),
            SparkSettings.bare());
    try (Runner runner = Runner.open(request, event -> {})) {
      assertThat(runner.start().await().state()).isEqualTo(RunState.SUCCEEDED);
    }
    look("after");
    lookInTasks(session, "after task");

    assertThat(SEEN)
        .containsExactly(
            "a itself one#1",
            "a itself one#2",
            "a task one#1",
            "a task one#2",
            "after null#null",
            "after task null#null",
            "b itself two#1",
            "b itself two#2",
            "b task two#1",
            "b task two#2");
  }

  @Test
  void aLineInALineLeavesTheOuterStageInPlace() {
    StageLog.during(
        "outer",
        1,
        () -> {
          StageLog.during("inner", 2, () -> assertThat(MDC.get(StageLog.STAGE)).isEqualTo("inner"));
          assertThat(MDC.get(StageLog.STAGE)).isEqualTo("outer");
          assertThat(MDC.get(StageLog.ATTEMPT)).isEqualTo("1");
        });
    assertThat(MDC.get(StageLog.STAGE)).isNull();
  }
}
