package dev.weir.cli.bench;

import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Retraining on more rows than a cluster's executors have memory for, undisturbed and with a worker
 * killed amid training: both runs make the same.
 *
 * <p>The cluster is a master and two workers, each a JVM on this machine; the driver is {@code
 * ./weir run} with a small heap. What is trained is a forest, whose statistics are whole numbers:
 * sums of them are the same in any order, so that equality is no luck.
 */
public final class ClusterBench {
  private static final int WORKERS = 2;

  /** How long it is waited for training to come as far as the kill. */
  private static final Duration LONGEST = Duration.ofHours(10);

  /** Rows in a partition of what is generated. */
  private static final int PER_PARTITION = 500_000;

  private static final String DRIVER_MEMORY = "1g";
  private static final String LARGEST_RESULT = "64m";

  /**
   * How many shuffles the killed executor holds a part of: those of the laying out and checking of
   * the rows, of the splits, and of the forest's first levels.
   */
  private static final int KILLED_AT_SHUFFLES = 5;

  /** Sums of fractions depend in their last digits on the order in which tasks end. */
  private static final double LAST_DIGITS = 1e-12;

  /** Columns of the features, of eight bytes each. */
  private static final int COLUMNS = 14;

  private static final String PIPELINE =
      """
      pipeline: scale
      params:
        rows: { type: int, default: 20000000, help: how many rows are generated }
        parts: { type: int, default: 40, help: over how many partitions }
      stages:
        # Numbers from 0 to 1 that follow from the row's id alone, whichever task makes them.
        - name: rows
          uses: sql
          with:
            from: [ ]
            into: scale.rows
            statement: |
              select id, %s,
                case when uniform_11 < 1 / (1 + exp(3 - 4 * uniform_1 * uniform_2 - 2 * uniform_3 + uniform_4))
                  then 1 else 0 end as label
              from (select id, %s from range(0, ${rows}, 1, ${parts}))
        - name: features
          uses: sql
          with:
            from: scale.rows
            into: scale.features
            statement: |
              select id, label, %s from scale.rows where id %% 10 <> 0
        - name: fresh
          uses: sql
          with:
            from: scale.rows
            into: scale.fresh
            statement: |
              select id, label, %s from scale.rows where id %% 10 = 0
        - uses: train
          with:
            from: scale.features
            into: scale.forest
            label: label
            key: id
            stages:
              - VectorAssembler:
                  inputCols: [ %s, product, difference ]
                  outputCol: features
              - RandomForestClassifier: { numTrees: 3, maxDepth: 5, maxBins: 32 }
        - uses: predict
          with: { from: scale.fresh, model: scale.forest, into: scale.predictions, keep: [ id, label ] }
        - uses: evaluate
          with:
            from: scale.predictions
            into: scale.evaluation
            model: scale.forest
            label: label
            task: binary
            gate: { auc-roc: { min: 0.6 } }
      """;

  private final PrintStream out;
  private final ShippedJar jar;
  private final long rows;
  private final String executorMemory;
  private final Path work;

  /**
   * @param jar what executors get
   * @param rows how many rows are generated
   * @param executorMemory the heap of each of the two executors, as Spark writes it
   * @param work a folder for the cluster and its homes, which are removed
   */
  public ClusterBench(
      PrintStream out, ShippedJar jar, long rows, String executorMemory, Path work) {
    this.out = out;
    this.jar = jar;
    this.rows = rows;
    this.executorMemory = executorMemory;
    this.work = work;
  }

  /**
   * Runs both, prints what they took, and compares them.
   *
   * @throws WeirException {@code bench-failed} if one failed, if they differ, or if nothing was
   *     lost
   */
  public void run() throws Exception {
    out.printf(
        Locale.ROOT,
        "%d cores, Java %s; a master and %d workers, each with an executor of 1 core and %s; driver -Xmx%s, spark.driver.maxResultSize=%s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        WORKERS,
        executorMemory,
        DRIVER_MEMORY,
        LARGEST_RESULT);
    Path folder = Files.createDirectories(work).toRealPath();
    folder = Files.createTempDirectory(folder, "weir-bench-");
    boolean done = false;
    try {
      write(folder);
      ClusterRun undisturbed = run(folder, "undisturbed", false);
      ClusterRun killed = run(folder, "killed", true);
      compare(undisturbed, killed);
      done = true;
    } finally {
      if (done) {
        remove(folder);
      } else {
        out.println("  everything is left in " + folder);
      }
    }
  }

  private void write(Path folder) throws IOException {
    List<String> plain = new ArrayList<>();
    List<String> drawn = new ArrayList<>();
    for (int i = 1; i <= 11; i++) {
      if (i <= 10) {
        plain.add("uniform_" + i);
      }
      // The upper 53 bits of a hash, as a fraction.
      drawn.add(
          "shiftrightunsigned(xxhash64(id, %d), 11) * 1.1102230246251565E-16D as uniform_%d"
              .formatted(i, i));
    }
    String columns = String.join(", ", plain);
    String features =
        columns + ", uniform_1 * uniform_2 as product, uniform_3 - uniform_4 as difference";
    Path pipelines = Files.createDirectories(folder.resolve("conf/pipelines"));
    Files.writeString(folder.resolve("conf/weir.yaml"), "");
    Files.writeString(
        pipelines.resolve("scale.yaml"),
        PIPELINE.formatted(columns, String.join(", ", drawn), features, features, columns));
  }

  private ClusterRun run(Path folder, String name, boolean kill) throws Exception {
    Path place = Files.createDirectory(folder.resolve(name));
    Path home = place.resolve("home");
    try (LocalCluster cluster = LocalCluster.start(place, jar.spark(), WORKERS, 1, executorMemory);
        ChildProcess driver = driver(folder, place, home, cluster)) {
      LocalCluster.Worker victim = cluster.workers().get(WORKERS - 1);
      if (kill) {
        Poll.until(
            () ->
                !driver.isAlive()
                    || (ClusterRun.under(driver.out(), "train")
                        && victim.shuffles() >= KILLED_AT_SHUFFLES),
            ClusterBench::tooLong,
            LONGEST);
        victim.process().close();
      }
      ChildProcess.Ended ended = driver.await();
      ClusterRun run = ClusterRun.of(ended.out());
      if (ended.code() != 0) {
        throw failed(
            "The run '%s' ended with exit code %d: %s".formatted(name, ended.code(), run.error()),
            "See %s and %s.".formatted(ended.errors(), home.resolve("logs")));
      }
      print(name, run, home);
      return run;
    }
  }

  private static String tooLong() {
    return "training has not come so far";
  }

  /** Starts {@code ./weir run} on the cluster. */
  private ChildProcess driver(Path folder, Path place, Path home, LocalCluster cluster)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx" + DRIVER_MEMORY, "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.weir.cli.Main"));
    command.addAll(List.of("run", "scale", "--json"));
    command.add("--param=rows=" + rows);
    command.add("--param=parts=" + Math.max(WORKERS, -Math.floorDiv(-rows, PER_PARTITION)));
    command.addAll(List.of("--directory=" + folder, "--home=" + home));
    command.addAll(List.of("--master", cluster.master()));
    for (String setting :
        List.of(
            "spark.executor.memory=" + executorMemory,
            "spark.executor.extraJavaOptions=-XX:+UseSerialGC",
            "spark.driver.maxResultSize=" + LARGEST_RESULT,
            // Both workers' executors are there before the first task.
            "spark.scheduler.minRegisteredResourcesRatio=1.0",
            "spark.scheduler.maxRegisteredResourcesWaitingTime=2min")) {
      command.addAll(List.of("--conf", setting));
    }
    Map<String, String> environment = new TreeMap<>();
    environment.put("WEIR_JAR", jar.path().toString());
    String root = System.getenv("WEIR_ROOT");
    if (root != null) {
      environment.put("WEIR_ROOT", root);
    }
    return ChildProcess.start(place, command, environment);
  }

  private void print(String name, ClusterRun run, Path home) throws IOException {
    out.printf(
        Locale.ROOT,
        "%s: %.1f s (%s)%n",
        name,
        run.seconds(),
        run.stages().entrySet().stream()
            .map(e -> "%s %.1f s".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(", ")));
    run.datasets().forEach((dataset, content) -> out.printf("  %-18s %s%n", dataset, content));
    out.println("  model content      " + run.model());
    out.printf(
        Locale.ROOT,
        "  trained on         %,d rows, %,d MB of values, over %s partitions; all datasets on disk %,d MB%n",
        run.trained(),
        run.trained() * COLUMNS * 8 / 1_000_000,
        partitions(home),
        bytes(home.resolve("datasets")) / 1_000_000);
    run.troubles().forEach((trouble, value) -> out.printf("  %-40s %.0f%n", trouble, value));
  }

  /** Over how many partitions the rows were laid out for training. */
  private static String partitions(Path location) {
    try (Home home = Home.existing(location.toUri(), Map.of()).orElseThrow()) {
      return LineageReader.open(Events.existing(home).orElseThrow())
          .rows(LineageTable.PARAMS, List.of(Filter.equal("name", "partitions")))
          .get(0)
          .string("value");
    }
  }

  private void compare(ClusterRun undisturbed, ClusterRun killed) {
    List<String> faults = new ArrayList<>();
    if (!undisturbed.datasets().equals(killed.datasets())) {
      faults.add("datasets %s and %s".formatted(undisturbed.datasets(), killed.datasets()));
    }
    if (!undisturbed.model().equals(killed.model())) {
      faults.add("models %s and %s".formatted(undisturbed.model(), killed.model()));
    }
    double farthest = 0;
    if (!undisturbed.metrics().keySet().equals(killed.metrics().keySet())) {
      faults.add("metrics %s and %s".formatted(undisturbed.metrics(), killed.metrics()));
    } else {
      for (Map.Entry<String, Double> metric : undisturbed.metrics().entrySet()) {
        double one = metric.getValue();
        double other = killed.metrics().getOrDefault(metric.getKey(), Double.NaN);
        double apart = one == other ? 0 : Math.abs(one - other) / Math.abs(one);
        if (!(apart <= LAST_DIGITS)) {
          faults.add("metric %s: %s and %s".formatted(metric.getKey(), one, other));
        }
        farthest = Math.max(farthest, apart);
      }
    }
    if (!faults.isEmpty()) {
      throw failed(
          "The run with a killed worker made something else: " + String.join("; ", faults) + ".",
          "");
    }
    if (killed.troubles().isEmpty()) {
      throw failed(
          "The worker was killed, but no stage's facts speak of a lost executor.",
          "Take more --rows, so that training lasts longer.");
    }
    out.printf(
        Locale.ROOT,
        "equal: rows and digests of %d datasets, the model's content, %d metrics (%s)%n",
        killed.datasets().size(),
        killed.metrics().size(),
        farthest == 0
            ? "to the last digit"
            : String.format(Locale.ROOT, "farthest apart by %.1e of the value", farthest));
    out.printf(
        Locale.ROOT,
        "the kill cost %.1f s: %.1f s in train%n",
        killed.seconds() - undisturbed.seconds(),
        killed.stages().getOrDefault("train", 0.0)
            - undisturbed.stages().getOrDefault("train", 0.0));
  }

  private static WeirException failed(String found, String remedy) {
    return WeirException.data("bench-failed", found, remedy);
  }

  private static long bytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
