package dev.weir.lineage;

import dev.weir.store.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Prints what lineage costs a run of many stages, several times: {@code LineageSpeed [folder]}; or
 * with {@code LineageSpeed <folder> read} what it costs to list a home's runs.
 */
final class LineageSpeed {
  private static final int STAGES = 200;

  private LineageSpeed() {}

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("weir-speed");
    long start = System.nanoTime();
    try (Home home = Home.open(folder)) {
      if (arguments.length > 1) {
        List<RunView> runs =
            Events.existing(home).map(e -> LineageReader.open(e).runs(20)).orElse(List.of());
        System.out.printf(
            "%d runs read in %.0f ms, %.0f ms after the start of the process%n",
            runs.size(),
            since(start),
            (double)
                ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(s -> Instant.now().toEpochMilli() - s.toEpochMilli())
                    .orElse(0L));
        return;
      }
      for (int round = 0; round < 10; round++) {
        run(Events.open(home), "run-" + System.nanoTime());
      }
    }
  }

  private static void run(Events events, String run) {
    long start = System.nanoTime();
    Lease lease = Lease.take(events, new LeaseRequest("speed", run));
    double taken = since(start);
    long before = events.table().latestVersion();
    start = System.nanoTime();
    Instant began = Instant.now();
    List<CompletableFuture<Long>> commits = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < STAGES; i++) {
      names.add("s" + i);
    }
    commits.add(
        lease
            .log()
            .submit(
                List.of(
                    new Fact.RunStarted(
                        began,
                        "speed",
                        run,
                        1,
                        "{}",
                        Map.of(),
                        Map.of("user", "ada"),
                        names,
                        Map.of(),
                        Fact.Snapshot.NONE,
                        Map.of(),
                        Fact.Choice.ALL))));
    for (String name : names) {
      Instant at = Instant.now();
      commits.add(
          lease
              .log()
              .submit(
                  List.of(
                      new Fact.StageStarted(at, "speed", run, name, 1, "NoOp", "{}", null, null))));
      commits.add(
          lease
              .log()
              .submit(
                  List.of(
                      new Fact.StageFinished(
                          Instant.now(),
                          at,
                          "speed",
                          run,
                          name,
                          1,
                          "NoOp",
                          StageState.SUCCEEDED,
                          List.of(),
                          List.of(),
                          List.of(),
                          List.of(),
                          List.of(),
                          List.of(),
                          null,
                          null,
                          null))));
    }
    lease.release(
        List.of(
            new Fact.RunFinished(Instant.now(), began, "speed", run, RunState.SUCCEEDED, null)));
    double durable = since(start);
    long after = events.table().latestVersion();
    start = System.nanoTime();
    LineageTables.of(events).update();
    double updated = since(start);
    System.out.printf(
        "lease taken in %.0f ms; %d stages durable in %.0f ms (%.2f ms a stage, %d commits); tables up to date in %.0f ms%n",
        taken, STAGES, durable, durable / STAGES, after - before, updated);
    lease.close();
    commits.forEach(CompletableFuture::join);
  }
}
