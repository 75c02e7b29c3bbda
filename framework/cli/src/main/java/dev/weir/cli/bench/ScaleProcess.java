package dev.weir.cli.bench;

import dev.weir.cli.bench.ScaleBench.Measure;
import dev.weir.cli.bench.ScaleBench.Shape;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Pipeline;
import dev.weir.plan.Plan;
import dev.weir.plan.Verdict;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSettings;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.SparkSession;

/** Measures one shape of graph in the JVM that it is started in, and prints a line a size. */
public final class ScaleProcess {
  /** One measurement more than counts warms the JVM up. */
  private static final int WARM_UP = 1;

  private final Shape shape;
  private final int times;
  private final Path folder;
  private final PrintStream out;

  ScaleProcess(Shape shape, int times, Path folder, PrintStream out) {
    this.shape = shape;
    this.times = times;
    this.folder = folder;
    this.out = out;
  }

  /**
   * Measures.
   *
   * @param arguments the shape, how often each size is measured, a folder for homes, and the sizes
   */
  public static void main(String[] arguments) throws Exception {
    new ScaleProcess(
            Shape.valueOf(arguments[0]),
            Integer.parseInt(arguments[1]),
            Path.of(arguments[2]),
            System.out)
        .measure(Arrays.stream(arguments).skip(3).map(Integer::valueOf).toList());
  }

  void measure(List<Integer> sizes) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    int greatest = sizes.stream().mapToInt(Integer::intValue).max().orElseThrow();
    double cold = plan(pipeline(greatest), folder.resolve("none"), Verdict.RUN);
    out.printf(Locale.ROOT, "says cold, a plan of %,d stages: %.3f s%n", greatest, cold);
    for (int size : sizes) {
      List<Measure> measures = new ArrayList<>();
      for (int i = -WARM_UP; i < times; i++) {
        Measure measure = measure(size);
        if (i >= 0) {
          measures.add(measure);
        }
      }
      out.println(
          new Measure(
                  size,
                  median(measures.stream().mapToDouble(Measure::plan).toArray()),
                  median(measures.stream().mapToDouble(Measure::run).toArray()),
                  median(measures.stream().mapToDouble(Measure::tables).toArray()),
                  median(measures.stream().mapToDouble(Measure::planAgain).toArray()),
                  median(measures.stream().mapToDouble(Measure::runAgain).toArray()),
                  median(measures.stream().mapToDouble(Measure::tablesAgain).toArray()))
              .line());
      out.flush();
    }
    if (SparkSession.getDefaultSession().isDefined()) {
      throw new IllegalStateException("Spark was started for stages that don't ask for it");
    }
    OptionalLong peak = Machine.peakMemory();
    out.printf(
        Locale.ROOT,
        "says heap bounded at %,d MB%s; Spark not started%n",
        Runtime.getRuntime().maxMemory() / 1_000_000,
        peak.isPresent()
            ? String.format(
                Locale.ROOT, ", the whole process at its peak %,d MB", peak.getAsLong() / 1_000_000)
            : "");
  }

  private static double median(double[] values) {
    return new Ratios(values).median();
  }

  private Pipeline pipeline(int size) {
    Pipeline.Builder builder = Pipeline.named("scale");
    for (int i = 0; i < size; i++) {
      builder.stage("s" + i, new OverheadBench.NoOp());
      if (shape == Shape.DEEP && i > 0) {
        builder.after("s" + (i - 1));
      }
    }
    return builder.build();
  }

  private Measure measure(int size) throws IOException, InterruptedException {
    Path home = folder.resolve("home");
    Pipeline pipeline = pipeline(size);
    try {
      double plan = plan(pipeline, home, Verdict.RUN);
      Run run = run(pipeline, home, StageState.SUCCEEDED);
      double planAgain = plan(pipeline, home, Verdict.REUSE);
      Run again = run(pipeline, home, StageState.REUSED);
      return new Measure(
          size, plan, run.durable(), run.tables(), planAgain, again.durable(), again.tables());
    } finally {
      Folders.remove(home);
    }
  }

  private RunRequest request(Pipeline pipeline, Path home) {
    return RunRequest.of(
        pipeline,
        home.toUri(),
        folder.toUri(),
        SparkSettings.of(null, folder.resolve("spark-defaults.conf"), Map.of()));
  }

  private double plan(Pipeline pipeline, Path home, Verdict expected) {
    RunRequest request = request(pipeline, home);
    System.gc();
    long began = System.nanoTime();
    Plan plan = Runner.preview(request).stages();
    double seconds = seconds(began);
    require(plan.count(expected), pipeline.stages().size(), "stages planned to " + expected);
    return seconds;
  }

  /**
   * What a run took, in seconds.
   *
   * @param durable until its end was durable
   * @param tables from there until the lineage tables were up to date
   */
  private record Run(double durable, double tables) {}

  private Run run(Pipeline pipeline, Path home, StageState expected)
      throws IOException, InterruptedException {
    RunRequest request = request(pipeline, home);
    int size = pipeline.stages().size();
    System.gc();
    long began = System.nanoTime();
    long clock = System.currentTimeMillis();
    RunResult result;
    try (Runner runner = Runner.open(request, event -> {})) {
      result = runner.start().await();
    }
    double whole = seconds(began);
    require(result.state() == RunState.SUCCEEDED ? 1 : 0, 1, "runs that succeeded");
    require(
        result.stages().stream().filter(stage -> stage.state() == expected).count(),
        size,
        "stages that ended " + expected);
    try (Home opened = Home.open(home.toUri(), Map.of())) {
      Events events = Events.existing(opened).orElseThrow();
      // Its last commit is the one that says that the run has ended.
      Path last =
          Path.of(
              java.net.URI.create(
                  home.toUri()
                      + "lineage/events/_delta_log/%020d.json"
                          .formatted(events.table().latestVersion())));
      double durable = (Files.getLastModifiedTime(last).toMillis() - clock) / 1000.0;
      // Where the run left the tables to whoever asks next, that is this.
      long update = System.nanoTime();
      LineageTables.of(events).update();
      double tables = whole - durable + seconds(update);
      require(
          LineageReader.open(events).stages(result.run()).stream()
              .filter(stage -> stage.state() == expected)
              .count(),
          size,
          "rows in lineage.stages");
      return new Run(durable, tables);
    }
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static void require(long found, long expected, String what) {
    if (found != expected) {
      throw new IllegalStateException(
          "Expected %d %s, and found %d".formatted(expected, what, found));
    }
  }
}
