package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.feature.Sql;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunContent;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.ml.Register;
import dev.weir.ml.Train;
import dev.weir.pipeline.Pipeline;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.VectorAssembler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the process of a run with SIGKILL before each of its durable steps, in turn; a run that is
 * started after that goes on, and everything is as if nothing had happened.
 */
@Timeout(1800)
class KillSweepTest {
  private static final String KILL_AT = "weir.test.kill-at";

  /** What a run of the pipeline takes, at most: facts that come together make fewer commits. */
  private static final int MANY = 200;

  @TempDir Path folder;

  /** Counts the steps of its process, writes each down, and kills the process before one. */
  public static final class Killer implements Consumer<String> {
    private static final AtomicInteger STEPS = new AtomicInteger();

    @Override
    public void accept(String file) {
      // Not a step: nobody needs a checksum, and it is written whenever there is time.
      if (file.endsWith(".crc")) {
        return;
      }
      int step = STEPS.incrementAndGet();
      if (step == Integer.getInteger(KILL_AT, MANY)) {
        kill(step + " " + file);
      }
    }

    private static void kill(String step) {
      try {
        Files.writeString(
            Path.of(System.getProperty("weir.test.steps")),
            step + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.SYNC);
        new ProcessBuilder("kill", "-KILL", String.valueOf(ProcessHandle.current().pid()))
            .start()
            .waitFor();
        // The signal is on its way; nothing follows.
        Thread.sleep(60_000);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException("survived SIGKILL");
    }
  }

  static Pipeline pipeline() {
    return Pipeline.named("sweep")
        .stage(
            "rows",
            new Sql(
                List.of(),
                to("t.rows"),
                Sql.statement(
                    "select id, id % 7 as x, if(id % 7 * 3 + id % 5 > 11, 1.0, 0.0) as label from range(200)")))
        .stage(
            "train",
            new Train(
                    from("t.rows"),
                    toModel("t.model"),
                    "label",
                    new VectorAssembler().setInputCols(new String[] {"x"}).setOutputCol("features"),
                    new LogisticRegression().setMaxIter(5))
                .withKey("id"))
        .stage("register", new Register(model("t.model"), from("t.rows")))
        .build();
  }

  static RunRequest request(URI home) {
    return RunRequest.of(pipeline(), home, home, SparkSettings.bare());
  }

  /** Runs the pipeline in a home. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      Path home = Path.of(arguments[0]);
      SparkSettings settings =
          SparkSettings.bare()
              .with("spark.master", "local[1]")
              .with("spark.ui.enabled", "false")
              .with("spark.sql.shuffle.partitions", "1")
              .with("spark.databricks.delta.snapshotPartitions", "1")
              // Nothing here is worth compiling.
              .with("spark.sql.codegen.wholeStage", "false")
              .with("spark.sql.codegen.factoryMode", "NO_CODEGEN");
      RunRequest request = RunRequest.of(pipeline(), home.toUri(), home.toUri(), settings);
      try (Runner runner = Runner.open(request, event -> {})) {
        RunResult result = runner.start().await();
        System.out.println(result.state() + " " + result.error());
      }
      System.exit(0);
    }
  }

  private Process child(Path home, int killAt) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("--add-opens")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of(
            "-Xmx700m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dweir.steps=" + Killer.class.getName(),
            "-D" + KILL_AT + "=" + killAt,
            "-Dweir.test.steps=" + folder.resolve("steps"),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            home.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve(home.getFileName() + ".out").toFile())
            .redirectError(folder.resolve(home.getFileName() + ".err").toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  /** Ends a child at a step; false if it came to its end before. */
  private boolean killed(int step, Path home) throws IOException, InterruptedException {
    Process process = child(home, step);
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("the child ends").isTrue();
      assertThat(process.exitValue())
          .as(() -> "step " + step + ": " + read(home.getFileName() + ".err"))
          .isIn(0, 137);
      return process.exitValue() == 137;
    } finally {
      process.destroyForcibly();
    }
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void killedAnywhereItEndsAsIfNothingHadHappened() throws Exception {
    TestSpark.session();
    Path whole = folder.resolve("whole");
    Map<String, Object> expected = run(whole);
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
    try (Runner runner = Runner.open(request(home.toUri()), event -> {})) {
      result = runner.start().await();
    }
    assertThat(result.state()).as(() -> home + ": " + result.error()).isEqualTo(RunState.SUCCEEDED);
    return content(home);
  }

  /** What the home's one run came to, and how often anything was committed. */
  static Map<String, Object> content(Path folder) {
    try (Home home = Home.existing(folder.toUri(), Map.of()).orElseThrow()) {
      LineageReader lineage = LineageReader.open(Events.existing(home).orElseThrow());
      assertThat(lineage.runs(10)).as("runs of " + folder).hasSize(1);
      String run = lineage.runs(1).get(0).run();
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
