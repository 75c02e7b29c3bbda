package dev.weir.run;

import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.alert.Alerting;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.Pipeline;
import dev.weir.plan.Fingerprints;
import dev.weir.plan.Planner;
import dev.weir.plan.PriorWork;
import dev.weir.plan.Snapshots;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ExecutionTest {
  /** A fact that is not durable yet, and what the table's log held when somebody waited for it. */
  private static final class Held extends CompletableFuture<Long> {
    private final Path log;
    private final CountDownLatch awaited = new CountDownLatch(1);
    private volatile boolean committed;

    Held(Path log) {
      this.log = log;
    }

    @Override
    public Long join() {
      committed |= Files.exists(log);
      awaited.countDown();
      return super.join();
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }

  @Test
  void theStartIsDurableBeforeTheFirstCommit(@TempDir Path folder) throws Exception {
    TestSpark.session();
    Path log = folder.resolve("datasets/t/held/_delta_log");
    Held held = new Held(log);
    List<Fact> said = Collections.synchronizedList(new ArrayList<>());
    Journal journal =
        facts -> {
          said.addAll(facts);
          return facts.get(0) instanceof Fact.StageStarted
              ? held
              : CompletableFuture.completedFuture(0L);
        };
    Pipeline pipeline =
        Pipeline.named("held").stage("make", new TestStages.Numbers(to("t.held"), 3)).build();
    RunRequest request =
        RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare());
    ExecutorService pool = Executors.newCachedThreadPool();
    try (Home home = Home.open(folder.toUri(), Map.of());
        Application application = new Application("held", request.spark(), event -> {})) {
      RunData data =
          new RunData(
              request.run(),
              Instant.now(),
              pipeline.name(),
              1,
              Events.open(home),
              Layout.of(home),
              ModelStore.of(home, List.of()),
              (attempt, candidate, evaluation) -> {
                throw new AssertionError("nothing is registered");
              },
              RunData.Earlier.NONE,
              Fact.Snapshot.NONE,
              new Outside(folder.toUri(), new Configuration()));
      Planner planner =
          new Planner(
              pipeline,
              home,
              PriorWork.none(),
              new Fingerprints(),
              new Snapshots.Taken(Fact.Snapshot.NONE, Map.of()),
              Fact.Choice.ALL);
      Execution.Work work =
          new Execution.Work(
              request.run(),
              pipeline,
              planner.plan(Map.of(), (stage, definition) -> {}),
              planner,
              null);
      Execution execution =
          new Execution(
              request, work, journal, data, application, pool, Alerting.logging(), event -> {});
      Future<RunState> state = pool.submit(execution::run);

      assertThat(held.awaited.await(120, TimeUnit.SECONDS)).as("the stage waits").isTrue();
      assertThat(held.committed).as("committed before it waited").isFalse();
      assertThat(log).doesNotExist();
      assertThat(said).hasSize(1);

      held.complete(0L);
      assertThat(state.get()).isEqualTo(RunState.SUCCEEDED);
      assertThat(log.resolve("00000000000000000000.json")).exists();
    } finally {
      held.complete(0L);
      pool.shutdownNow();
    }
  }
}
