package dev.weir.cli.bench;

import dev.weir.audit.AuditChain;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says what a run says whose stages do nothing, one after the other: that a stage begins is durable
 * before it does, and that it ended becomes durable while the next one runs.
 */
public final class LineageWriter {
  private LineageWriter() {}

  /**
   * Writes as one of several processes.
   *
   * @param arguments the home, the pipeline and the number of stages
   */
  public static void main(String[] arguments) {
    try (Home home = Home.open(Path.of(arguments[0]))) {
      Events events = Events.open(home);
      write(events, arguments[1], Integer.parseInt(arguments[2]));
      // As a run ends.
      LineageTables.of(events).update();
      var unused = AuditChain.of(events, Optional.empty()).extend();
    }
  }

  /** Writes, and returns how long each stage's facts took to be durable, in milliseconds. */
  static double[] write(Events events, String pipeline, int stages) {
    String run = "run-" + pipeline;
    Instant began = Instant.now();
    double[] millis = new double[stages];
    List<String> names = new ArrayList<>();
    for (int stage = 0; stage < stages; stage++) {
      names.add(name(stage));
    }
    try (Lease lease = Lease.take(events, new LeaseRequest(pipeline, run))) {
      lease
          .log()
          .commit(
              List.of(
                  new Fact.RunStarted(
                      began,
                      pipeline,
                      run,
                      lease.token(),
                      "{}",
                      Map.of(),
                      Map.of("user", "bench"),
                      names,
                      Map.of(),
                      Fact.Snapshot.NONE,
                      Map.of(),
                      Fact.Choice.ALL)));
      for (int stage = 0; stage < stages; stage++) {
        long start = System.nanoTime();
        Instant at = Instant.now();
        lease
            .log()
            .commit(
                List.of(
                    new Fact.StageStarted(
                        at, pipeline, run, name(stage), 1, "dev.weir.Bench", "{}", null, null)));
        var ended = lease.log().submit(List.of(finished(pipeline, run, stage, at)));
        if (stage == stages - 1) {
          ended.join();
        }
        millis[stage] = (System.nanoTime() - start) / 1e6;
      }
      lease.release(
          List.of(
              new Fact.RunFinished(Instant.now(), began, pipeline, run, RunState.SUCCEEDED, null)));
    }
    return millis;
  }

  static String name(int stage) {
    return "s" + stage;
  }

  static Fact finished(String pipeline, String run, int stage, Instant began) {
    return new Fact.StageFinished(
        Instant.now(),
        began,
        pipeline,
        run,
        name(stage),
        1,
        "dev.weir.Bench",
        StageState.SUCCEEDED,
        stage == 0
            ? List.of()
            : List.of(
                new Fact.Read("from", "dataset:%s.s%d@0".formatted(pipeline, stage - 1), "t")),
        List.of(
            new Fact.DatasetWritten(
                "into",
                "dataset:%s.s%d@0".formatted(pipeline, stage),
                "t",
                "file:///bench",
                1,
                "d",
                "{}")),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null);
  }
}
