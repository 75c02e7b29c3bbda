package dev.weir.cli.bench;

import dev.weir.config.Project;
import dev.weir.data.ContentDigest;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Pipelines;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageTypes;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** What Weir costs on top of the work itself. */
public final class OverheadBench {
  private static final int WARM_UP = 2;

  /** Everything that the pipeline writes but the model and the evaluation. */
  private static final List<String> TABLES =
      List.of(
          "raw",
          "truth",
          "wellformed",
          "clean",
          "features",
          "train",
          "test",
          "predictions",
          "scored");

  /** By hand MLlib sums fractions in whatever order they come, Weir exactly. */
  private static final double CLOSE = 1e-9;

  private final Project project;
  private final SparkSettings settings;
  private final PrintStream out;
  private final int pairs;
  private final int rows;
  private final int stages;
  private final Path work;

  /** Does nothing: what is left is the runner and its facts. */
  public record NoOp() implements Stage {
    @Override
    public void run(StageContext context) {}
  }

  /**
   * @param rows rows a month of the sample
   * @param stages the length of the chain of stages that do nothing
   * @param work a folder for homes, which are removed
   */
  public OverheadBench(
      Project project,
      SparkSettings settings,
      PrintStream out,
      int pairs,
      int rows,
      int stages,
      Path work) {
    this.project = project;
    this.settings = settings;
    this.out = out;
    this.pairs = pairs;
    this.rows = rows;
    this.stages = stages;
    this.work = work;
  }

  /** Measures and prints. */
  public void run() throws IOException, InterruptedException {
    SparkSession spark = SparkSessions.start("weir bench overhead", settings);
    out.printf(
        Locale.ROOT,
        "%d cores, Java %s, Spark %s, master %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        spark.version(),
        spark.sparkContext().master());
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      credit(spark, folder);
      chain(folder);
    } finally {
      Folders.remove(folder);
    }
  }

  // --- The credit pipeline against the same work by hand

  private void credit(SparkSession spark, Path folder) throws IOException, InterruptedException {
    Pipeline pipeline =
        new Pipelines(project.folder())
            .load(
                "credit",
                Map.of("rows", String.valueOf(rows)),
                StageTypes.of(getClass().getClassLoader()))
            .pipeline();
    out.printf(
        Locale.ROOT,
        "credit, %,d rows a month: Weir against the same work by hand, %d pairs after %d%n",
        rows,
        pairs,
        WARM_UP);
    // One home and one folder for all pairs, as in production: both overwrite tables that are
    // there,
    // and both read sample files that the first run made.
    Path home = folder.resolve("home");
    Path bare = folder.resolve("bare");
    Files.createDirectories(home);
    weir(pipeline, home);
    Path samples = home.resolve("samples");
    Schemas schemas = new Schemas(schema(spark, home, "raw"), schema(spark, home, "truth"));
    double[] ratios = new double[pairs];
    double[] weirSeconds = new double[pairs];
    double[] bareSeconds = new double[pairs];
    for (int pair = -WARM_UP; pair < pairs; pair++) {
      double byWeir;
      double byHand;
      // Who goes first alternates, so that a machine that slows down favours neither.
      if (pair % 2 == 0) {
        byWeir = weir(pipeline, home);
        byHand = hand(spark, schemas, samples, bare);
      } else {
        byHand = hand(spark, schemas, samples, bare);
        byWeir = weir(pipeline, home);
      }
      requireEqual(spark, home, bare);
      if (pair >= 0) {
        weirSeconds[pair] = byWeir;
        bareSeconds[pair] = byHand;
        ratios[pair] = byWeir / byHand;
        out.printf(
            Locale.ROOT,
            "  pair %2d: Weir %6.2f s, by hand %6.2f s, ratio %.3f%n",
            pair + 1,
            byWeir,
            byHand,
            ratios[pair]);
      }
    }
    out.printf(
        Locale.ROOT,
        "  equal digests of %d tables in every pair, and evaluations equal within %s of their values%n",
        TABLES.size(),
        CLOSE);
    out.println("  Weir, seconds:     " + new Ratios(weirSeconds));
    out.println("  by hand, seconds:  " + new Ratios(bareSeconds));
    out.println("  ratio:             " + new Ratios(ratios));
  }

  /** What the sample's files are read as. */
  private record Schemas(StructType applications, StructType truth) {}

  private static StructType schema(SparkSession spark, Path home, String table) {
    return spark
        .read()
        .format("delta")
        .load(home.resolve("datasets/credit").resolve(table).toString())
        .schema();
  }

  private double weir(Pipeline pipeline, Path home) throws InterruptedException {
    System.gc();
    long began = System.nanoTime();
    RunResult result = run(pipeline, home).result();
    double seconds = (System.nanoTime() - began) / 1e9;
    requireDone(result);
    return seconds;
  }

  private record Run(String run, RunResult result) {}

  /** Runs all stages, whatever was made before. */
  private Run run(Pipeline pipeline, Path home) throws InterruptedException {
    RunRequest request =
        RunRequest.of(pipeline, home.toUri(), project.uri(), settings).with(Selection.FRESH);
    try (Runner runner = Runner.open(request, event -> {})) {
      return new Run(request.run(), runner.start().await());
    }
  }

  private static void requireDone(RunResult result) {
    if (result.state() != RunState.SUCCEEDED) {
      throw new IllegalStateException("Weir's run ended " + result.state() + ": " + result.error());
    }
    result.stages().stream()
        .filter(stage -> stage.state() != StageState.SUCCEEDED)
        .forEach(
            stage -> {
              throw new IllegalStateException("A stage did no work: " + stage);
            });
  }

  private double hand(SparkSession spark, Schemas schemas, Path samples, Path bare)
      throws IOException {
    System.gc();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      BareCredit work =
          new BareCredit(
              spark,
              pool,
              only(samples.resolve("credit")),
              schemas.applications(),
              only(samples.resolve("credit-truth")),
              schemas.truth(),
              project.resolve("conf/pipelines/credit/features.sql"),
              bare);
      long began = System.nanoTime();
      work.run();
      return (System.nanoTime() - began) / 1e9;
    } finally {
      pool.shutdown();
    }
  }

  /** The two did the same work, or the ratio says nothing. */
  private static void requireEqual(SparkSession spark, Path home, Path bare) {
    for (String table : TABLES) {
      String byWeir = digest(spark, home.resolve("datasets/credit").resolve(table));
      String byHand = digest(spark, bare.resolve(table));
      if (!byWeir.equals(byHand)) {
        throw new IllegalStateException(
            "Table %s differs: %s by Weir, %s by hand".formatted(table, byWeir, byHand));
      }
    }
    List<Row> byWeir = evaluation(spark, home.resolve("datasets/credit/evaluation"));
    List<Row> byHand = evaluation(spark, bare.resolve("evaluation"));
    if (!close(byWeir, byHand)) {
      throw new IllegalStateException(
          "The evaluations differ: %s by Weir, %s by hand".formatted(byWeir, byHand));
    }
  }

  private static List<Row> evaluation(SparkSession spark, Path table) {
    return spark.read().format("delta").load(table.toString()).orderBy("metric").collectAsList();
  }

  /** Whether rows are equal but for the last digits of their numbers. */
  private static boolean close(List<Row> rows, List<Row> others) {
    if (rows.isEmpty() || rows.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      Row other = others.get(i);
      if (!List.of(row.schema().fieldNames()).equals(List.of(other.schema().fieldNames()))) {
        return false;
      }
      for (int j = 0; j < row.size(); j++) {
        if (!close(row.get(j), other.get(j))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean close(@Nullable Object value, @Nullable Object other) {
    if (value instanceof Double a && other instanceof Double b) {
      return Math.abs(a - b) <= CLOSE * Math.abs(b);
    }
    return Objects.equals(value, other);
  }

  private static String digest(SparkSession spark, Path table) {
    return ContentDigest.compute(spark.read().format("delta").load(table.toString())).digest();
  }

  // --- A chain of stages that do nothing

  private void chain(Path folder) throws InterruptedException {
    Pipeline.Builder builder = Pipeline.named("chain");
    for (int i = 0; i < stages; i++) {
      builder.stage("s" + i, new NoOp());
      if (i > 0) {
        builder.after("s" + (i - 1));
      }
    }
    Pipeline pipeline = builder.build();
    double[] perStage = new double[pairs];
    Path home = folder.resolve("chain");
    String last = "";
    for (int i = -WARM_UP; i < pairs; i++) {
      long began = System.nanoTime();
      Run run = run(pipeline, home);
      double seconds = (System.nanoTime() - began) / 1e9;
      requireDone(run.result());
      if (i >= 0) {
        perStage[i] = seconds * 1000 / stages;
      }
      last = run.run();
    }
    out.printf(
        Locale.ROOT,
        "a chain of %d stages that do nothing, whole run with lineage durable and its tables up to date%n",
        stages);
    out.println("  milliseconds a stage: " + new Ratios(perStage));
    try (Home opened = Home.open(home.toUri(), Map.of())) {
      LineageReader reader = LineageReader.open(Events.existing(opened).orElseThrow());
      long complete =
          reader.rows(LineageTable.STAGES, List.of(Filter.equal("run", last))).stream()
              .filter(
                  row -> row.instant("started_at") != null && row.instant("finished_at") != null)
              .count();
      out.printf(
          Locale.ROOT,
          "  lineage.stages has %d rows of the last run, each with start and end%n",
          complete);
      if (complete != stages) {
        throw new IllegalStateException("Expected " + stages);
      }
    }
  }

  // --- Files

  private static Path only(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.findFirst().orElseThrow();
    }
  }
}
