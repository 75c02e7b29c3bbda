package dev.weir.cli.bench;

import dev.weir.config.Project;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.run.RunIds;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/** What is won by running two stages side by side whose work on Spark is one task each. */
public final class ParallelBench {
  private static final int WARM_UP = 2;

  private final Project project;
  private final SparkSettings settings;
  private final PrintStream out;
  private final int pairs;
  private final long rows;
  private final Path work;

  /** Keeps one core busy. */
  public record Busy(Output into, long rows) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(
          into,
          context
              .spark()
              .range(0, rows, 1, 1)
              .selectExpr("count(*) as rows", "sum(crc32(sha2(cast(id as string), 256))) as sum"));
    }
  }

  /**
   * @param rows how much each stage has to do
   * @param work a folder for the home, which is removed
   */
  public ParallelBench(
      Project project, SparkSettings settings, PrintStream out, int pairs, long rows, Path work) {
    this.project = project;
    this.settings = settings;
    this.out = out;
    this.pairs = pairs;
    this.rows = rows;
    this.work = work;
  }

  /** Measures and prints. */
  public void run() throws IOException, InterruptedException {
    Machine.print(out);
    SparkSession spark = SparkSessions.start("weir bench parallel", settings);
    out.printf(
        Locale.ROOT,
        "two independent stages of one task each, master %s: side by side against one after the other (--parallel 1), %d pairs after %d%n",
        spark.sparkContext().master(),
        pairs,
        WARM_UP);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      measure(folder.resolve("home"));
    } finally {
      Folders.remove(folder);
    }
  }

  private void measure(Path home) throws InterruptedException {
    double[] beside = new double[pairs];
    double[] after = new double[pairs];
    double[] ratios = new double[pairs];
    for (int pair = -WARM_UP; pair < pairs; pair++) {
      double two;
      double one;
      // Who goes first alternates, so that a machine that slows down favours neither.
      if (pair % 2 == 0) {
        two = seconds(home, 2);
        one = seconds(home, 1);
      } else {
        one = seconds(home, 1);
        two = seconds(home, 2);
      }
      if (pair >= 0) {
        beside[pair] = two;
        after[pair] = one;
        ratios[pair] = two / one;
      }
    }
    out.println("  side by side, seconds:         " + new Ratios(beside));
    out.println("  one after the other, seconds:  " + new Ratios(after));
    out.println("  ratio:                         " + new Ratios(ratios));
    out.println("  equal digests of both datasets in every run");
  }

  private double seconds(Path home, int parallelism) throws InterruptedException {
    Pipeline pipeline =
        Pipeline.named("busy")
            .stage("left", new Busy(Output.to("busy.left"), rows))
            .stage("right", new Busy(Output.to("busy.right"), rows))
            .build();
    RunRequest request =
        new RunRequest(
            RunIds.next(),
            pipeline,
            home.toUri(),
            project.uri(),
            settings,
            List.of(),
            parallelism,
            RunRequest.DEFAULT_LEASE,
            Map.of(),
            null,
            Selection.FRESH,
            null);
    System.gc();
    long began = System.nanoTime();
    RunResult result;
    try (Runner runner = Runner.open(request, event -> {})) {
      result = runner.start().await();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    Set<String> digests = new HashSet<>();
    long written =
        result.stages().stream()
            .filter(stage -> stage.state() == StageState.SUCCEEDED)
            .flatMap(stage -> stage.datasets().stream())
            .peek(dataset -> digests.add(dataset.digest()))
            .count();
    if (result.state() != RunState.SUCCEEDED || written != 2 || digests.size() != 1) {
      throw new IllegalStateException("The run ended " + result.state() + ": " + result);
    }
    return seconds;
  }
}
