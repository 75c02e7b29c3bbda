package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.cli.bench.ChildProcess;
import dev.weir.cli.bench.LocalCluster;
import dev.weir.cli.bench.Poll;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.run.RunResult;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pipelines on a standalone cluster of Spark, by every way there: the results are the local ones.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClusterIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> PARAMS = Map.of("months", "18", "rows", "200");

  private static final String HELD =
      """
      pipeline: held
      params: { marker: "" }
      stages:
        - uses: ingest
          with: { source: { sample: credit, months: 2, rows: 200 }, into: held.raw }
        - name: hold
          uses: dev.weir.jobs.HoldsOnce
          with: { from: held.raw, into: held.copied, marker: "${marker}" }
        - name: channels
          uses: sql
          with:
            from: held.copied
            into: held.channels
            statement: select channel, count(*) as applications, max(income) as most from held.copied group by channel
      """;

  private static final String HOARDED =
      """
      pipeline: hoarded
      stages:
        - uses: ingest
          with: { source: { sample: credit, months: 2, rows: 200 }, into: hoarded.raw }
        - name: hoard
          uses: dev.weir.jobs.Hoards
          with: { from: hoarded.raw, into: hoarded.copied }
          retry: { attempts: 3 }
      """;

  @TempDir static Path folder;

  private static LocalCluster cluster;
  private static Map<String, String> local;

  @BeforeAll
  static void start() throws Exception {
    Path home = folder.resolve("local");
    RunResult result = Runs.run(Runs.load(Runs.ROOT, "credit", PARAMS), Runs.ROOT, home);
    assertThat(result.state()).as("%s", result.error()).isEqualTo(RunState.SUCCEEDED);
    local = datasets(home);
    assertThat(local).hasSize(10);
    cluster =
        LocalCluster.start(
            Files.createDirectory(folder.resolve("cluster")), Submission.spark(), 2, 1, "1g");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void theScriptOfADistributionRunsCredit() throws Exception {
    Path distribution = distribution();
    Place place = Place.of("script");

    try (ChildProcess process =
        Submission.start(place.folder(), distribution, place.submitting(), credit(place))) {
      assertRanAsLocally(place, process.await());
    }
  }

  @Test
  void theCommandLineRunsCreditWithoutADistribution() throws Exception {
    Place place = Place.of("weir");

    try (ChildProcess process = weir(place, credit(place))) {
      assertRanAsLocally(place, process.await());
    }
  }

  /** By the class of spark-submit, for which no Python is needed. */
  @Test
  void anExecutorKilledAmidAStageOfAUsersOwnChangesNothing() throws Exception {
    Path project = project();
    Path home = folder.resolve("held locally");
    Path there = Files.createFile(folder.resolve("there"));
    RunResult result =
        Runs.run(Runs.load(project, "held", Map.of("marker", there.toString())), project, home);
    assertThat(result.state()).as("%s", result.error()).isEqualTo(RunState.SUCCEEDED);
    Place place = Place.of("killed");
    Path marker = place.folder().resolve("marker");

    try (ChildProcess process =
        Submission.start(
            place.folder(),
            place.submitting(),
            "run",
            "held",
            "--param=marker=" + marker,
            "--jars=" + stagesAlone(),
            "--directory=" + project,
            "--home=" + place.home())) {
      Poll.until(
          () -> !process.isAlive() || (Files.exists(marker) && Files.size(marker) > 0),
          () -> "no task waits; see " + process.errors());
      assertThat(process.isAlive()).as("see %s", process.errors()).isTrue();
      long executor = Long.parseLong(Files.readString(marker));
      assertThat(cluster.workers()).anyMatch(worker -> worker.process().started(executor));

      ProcessHandle.of(executor).orElseThrow().destroyForcibly();

      ChildProcess.Ended ended = process.await();
      assertThat(ended.code()).as("see %s", ended.errors()).isZero();
    }

    assertThat(datasets(place.home())).hasSize(3).isEqualTo(datasets(home));
    // Spark made up for it: no stage was tried twice.
    assertThat(lineage(place.home(), LineageTable.STAGES))
        .hasSize(3)
        .allSatisfy(stage -> assertThat(stage.integer("attempt")).isEqualTo(1));
    // And the stage's facts say that it had to.
    Map<String, Double> metrics = new TreeMap<>();
    for (Row metric : lineage(place.home(), LineageTable.METRICS)) {
      if (metric.string("name").startsWith("spark.")) {
        assertThat(metric.string("stage")).isEqualTo("hold");
        metrics.put(metric.string("name"), (Double) metric.get("value"));
      }
    }
    assertThat(metrics)
        .containsOnlyKeys("spark.executors-lost", "spark.tasks-failed", "spark.tasks-retried")
        .containsEntry("spark.executors-lost", 1.0)
        .allSatisfy((name, value) -> assertThat(value).as(name).isPositive());
    assertThat(place.events())
        .anyMatch(
            event ->
                event.path("Event").asText().equals("SparkListenerTaskEnd")
                    && event
                        .path("Task End Reason")
                        .path("Reason")
                        .asText()
                        .equals("ExecutorLostFailure"));
  }

  /** The executor's process ends, and only it: the driver says what happened. */
  @Test
  void anExecutorOutOfMemoryFailsItsStage() throws Exception {
    Place place = Place.of("hoarded");

    try (ChildProcess process =
        Submission.start(
            place.folder(),
            place.submitting(),
            "run",
            "hoarded",
            "--jars=" + stagesAlone(),
            "--directory=" + project(),
            "--home=" + place.home(),
            "--conf=spark.task.maxFailures=1")) {
      ChildProcess.Ended ended = process.await();
      assertThat(ended.code()).as("see %s", ended.errors()).isEqualTo(1);
    }

    assertThat(lineage(place.home(), LineageTable.STAGES))
        .filteredOn(stage -> stage.string("stage").equals("hoard"))
        .singleElement()
        .satisfies(
            stage -> {
              assertThat(stage.string("state")).isEqualTo("FAILED");
              assertThat(stage.integer("attempt")).isEqualTo(1);
              assertThat(stage.string("error_code")).isEqualTo("out-of-memory");
              assertThat(stage.string("error_message"))
                  .contains("A task had not enough memory: give executors more");
            });
    // The driver had memory, and facts to say so.
    try (Stream<Path> files = Files.walk(place.home())) {
      assertThat(files).noneMatch(file -> file.endsWith("last-words"));
    }
  }

  /** Where a case keeps what is its own. */
  private record Place(Path folder) {
    static Place of(String name) throws IOException {
      Path folder = Files.createDirectory(ClusterIT.folder.resolve(name));
      Files.createDirectory(folder.resolve("events"));
      return new Place(folder);
    }

    Path home() {
      return folder.resolve("home");
    }

    /** How Spark is set for small machines and small data, with a log of what it does. */
    List<String> settings() {
      List<String> settings = new ArrayList<>();
      for (String setting :
          List.of(
              "spark.executor.memory=1g",
              "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
              // Both workers' executors are there before the first task.
              "spark.scheduler.minRegisteredResourcesRatio=1.0",
              "spark.scheduler.maxRegisteredResourcesWaitingTime=2min",
              "spark.sql.shuffle.partitions=2",
              "spark.eventLog.enabled=true",
              "spark.eventLog.rolling.enabled=false",
              "spark.eventLog.compress=false",
              "spark.eventLog.dir=" + folder.resolve("events").toUri())) {
        settings.add("--conf");
        settings.add(setting);
      }
      return settings;
    }

    List<String> submitting() {
      List<String> options = new ArrayList<>(List.of("--master", cluster.master()));
      options.addAll(settings());
      return options;
    }

    /** Spark's log of its only application, whose id is the file's name. */
    private Path log() throws IOException {
      try (Stream<Path> files = Files.list(folder.resolve("events"))) {
        List<Path> logs =
            files.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
        assertThat(logs).hasSize(1);
        return logs.get(0);
      }
    }

    String application() throws IOException {
      return String.valueOf(log().getFileName());
    }

    List<JsonNode> events() throws IOException {
      List<JsonNode> events = new ArrayList<>();
      for (String line : Files.readAllLines(log())) {
        events.add(JSON.readTree(line));
      }
      return events;
    }
  }

  private static String[] credit(Place place) {
    List<String> arguments = new ArrayList<>(List.of("run", "credit"));
    PARAMS.forEach((name, value) -> arguments.add("--param=" + name + "=" + value));
    arguments.add("--directory=" + Runs.ROOT);
    arguments.add("--home=" + place.home());
    return arguments.toArray(String[]::new);
  }

  /** Starts the command line as {@code ./weir} does, with the cluster for its master. */
  private static ChildProcess weir(Place place, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", classPath(), "dev.weir.cli.Main"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--master", cluster.master()));
    command.addAll(place.settings());
    return ChildProcess.start(
        place.folder(),
        command,
        Map.of("WEIR_ROOT", Runs.ROOT.toString(), "WEIR_JAR", Submission.JAR.toString()));
  }

  /**
   * The class path that the build leaves for the launcher: thin jars, not the one for the cluster.
   */
  private static String classPath() throws IOException {
    Path target = Path.of("target").toAbsolutePath();
    try (Stream<Path> files = Files.list(target)) {
      Path thin =
          files
              .filter(file -> file.getFileName().toString().matches("weir-jobs-.*\\.jar"))
              .findFirst()
              .orElseThrow();
      return thin
          + File.pathSeparator
          + Files.readString(target.resolve("launch/spark.classpath")).strip();
    }
  }

  /** The Spark that a Python installation carries. */
  private static Path distribution() throws Exception {
    try (ChildProcess process =
        ChildProcess.start(
            folder,
            List.of(Python.path(), "-c", "import pyspark; print(pyspark.__path__[0])"),
            Map.of())) {
      ChildProcess.Ended ended = process.await();
      if (ended.code() != 0) {
        abort("skipped: WEIR_PYTHON has no pyspark: " + Files.readString(ended.errors()).strip());
      }
      return Path.of(ended.out().get(0));
    }
  }

  private static Path project() throws IOException {
    Path project = folder.resolve("a project");
    Files.createDirectories(project.resolve("conf/pipelines"));
    Files.writeString(project.resolve("conf/weir.yaml"), "");
    Files.writeString(project.resolve("conf/pipelines/held.yaml"), HELD);
    Files.writeString(project.resolve("conf/pipelines/hoarded.yaml"), HOARDED);
    return project;
  }

  /** A folder of a user's classes. */
  private static Path stagesAlone() throws IOException {
    Path classes = folder.resolve("classes");
    for (String name : List.of("HoldsOnce", "Hoards")) {
      Path file = Path.of("dev/weir/jobs/" + name + ".class");
      Files.createDirectories(classes.resolve(file).getParent());
      Files.copy(
          Path.of("target/test-classes").resolve(file),
          classes.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return classes;
  }

  private static void assertRanAsLocally(Place place, ChildProcess.Ended ended) throws IOException {
    assertThat(ended.code()).as("see %s", ended.errors()).isZero();
    assertThat(datasets(place.home())).isEqualTo(local);
    assertThat(lineage(place.home(), LineageTable.RUNS))
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.string("state")).isEqualTo("SUCCEEDED");
              assertThat(run.string("master")).isEqualTo(cluster.master());
            });
    assertThat(lineage(place.home(), LineageTable.MODELS))
        .anyMatch(model -> model.string("reference").equals("model:credit.default@1"));
    Set<String> worked = new HashSet<>();
    for (JsonNode event : place.events()) {
      if (event.path("Event").asText().equals("SparkListenerTaskEnd")
          && event.path("Task End Reason").path("Reason").asText().equals("Success")) {
        worked.add(event.path("Task Info").path("Executor ID").asText());
      }
    }
    // Every task ran on an executor of a worker, and every worker's had some.
    Set<String> executors = new HashSet<>();
    for (LocalCluster.Worker worker : cluster.workers()) {
      Set<String> own = worker.executors(place.application());
      assertThat(own).containsAnyElementsOf(worked);
      executors.addAll(own);
    }
    assertThat(executors).containsAll(worked);
  }

  /** Rows and digest of every dataset, by name. */
  private static Map<String, String> datasets(Path home) {
    Map<String, String> datasets = new TreeMap<>();
    for (Row row : lineage(home, LineageTable.DATASETS)) {
      datasets.put(row.string("name"), row.number("row_count") + " rows " + row.string("digest"));
    }
    return datasets;
  }

  private static List<Row> lineage(Path home, LineageTable table) {
    try (Home opened = Home.existing(home.toUri(), Map.of()).orElseThrow()) {
      return LineageReader.open(Events.existing(opened).orElseThrow()).rows(table, List.of());
    }
  }
}
