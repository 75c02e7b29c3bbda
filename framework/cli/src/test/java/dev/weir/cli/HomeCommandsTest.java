package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Holder;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Home;
import java.io.File;
import java.io.RandomAccessFile;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that look at a home, on one that two runs were made in, the second of which fails.
 */
class HomeCommandsTest {
  private static final int ROWS = 120;

  @TempDir static Path temporary;

  private static Path folder;

  private static TestProject project;

  @BeforeAll
  static void runs() {
    TestSession.start();
    folder = temporary.resolve("a folder");
    StringBuilder csv = new StringBuilder("id,visits,returned,churned\n");
    for (int id = 1; id <= ROWS; id++) {
      int visits = id * 37 % 23;
      int returned = id * 29 % 7;
      int churned = returned * 4 - visits + id * 71 % 19 > 8 ? 1 : 0;
      csv.append("%d,%d,%d,%d%n".formatted(id, visits, returned, churned));
    }
    project =
        new TestProject(folder)
            .file("in.csv", csv.toString())
            .pipeline(
                "churn",
                """
                pipeline: churn
                params: { seed: 7 }
                stages:
                  - uses: ingest
                    with: { source: { format: csv, path: in.csv }, into: shop.raw }
                  - uses: validate
                    with: { from: shop.raw, into: shop.clean, checks: [ { unique: id }, { not-null: churned } ] }
                  - uses: train
                    with:
                      from: shop.clean
                      into: shop.churn
                      label: churned
                      key: id
                      stages:
                        - VectorAssembler: { inputCols: [ visits, returned ], outputCol: features }
                        - LogisticRegression: { maxIter: 5 }
                  - uses: predict
                    with: { from: shop.clean, model: shop.churn, into: shop.predictions, keep: [ id, churned ] }
                  - uses: evaluate
                    with: { from: shop.predictions, into: shop.evaluation, model: shop.churn, label: churned, task: binary }
                  - uses: register
                    with: { model: shop.churn, evaluation: shop.evaluation }
                """)
            .pipeline(
                "broken",
                """
                pipeline: broken
                stages:
                  - uses: dev.weir.cli.TestStages.Fails
                    with: { message: the till is empty }
                """);
    TestProject.Said churn = project.weir("run", "churn");
    assertThat(churn.code()).as(churn.out() + churn.err()).isZero();
    assertThat(project.weir("run", "broken").code()).isEqualTo(ExitCode.FAILED);
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  private static List<JsonNode> runsAsJson() {
    return project.weir("runs", "--json").lines().stream()
        .map(
            line -> {
              try {
                return json(line);
              } catch (Exception e) {
                throw new AssertionError(line, e);
              }
            })
        .toList();
  }

  private static String idOf(String pipeline) {
    return runsAsJson().stream()
        .filter(run -> run.get("pipeline").asText().equals(pipeline))
        .findFirst()
        .orElseThrow()
        .get("run")
        .asText();
  }

  // --- runs

  @Test
  void runsAreListedTheLatestFirst() {
    TestProject.Said said = project.weir("runs");

    assertThat(said.code()).isZero();
    assertThat(said.err()).isEmpty();
    assertThat(said.lines()).hasSize(3);
    assertThat(said.lines().get(0)).matches("run +pipeline +state +started \\(UTC\\) +took");
    assertThat(said.lines().get(1))
        .matches("\\S+  broken    failed       .*IllegalStateException: the till is .*");
    assertThat(said.lines().get(2)).matches("\\S+  churn     succeeded    \\S+ \\S+  \\d.*");
    assertThat(project.weir("runs", "--limit", "1").lines()).hasSize(2);
    assertThat(project.weir("runs", "--pipeline", "churn").lines()).hasSize(2);
    assertThat(project.weir("runs", "--pipeline", "chrun").err())
        .contains("No run of a pipeline 'chrun'");
  }

  @Test
  void runsAsJsonAreOneObjectALine() {
    assertThat(runsAsJson())
        .extracting(run -> run.get("pipeline").asText() + " " + run.get("state").asText())
        .containsExactly("broken FAILED", "churn SUCCEEDED");
  }

  @Test
  void whatLooksBackNeedsNoSpark() throws Exception {
    List<URL> paths = new ArrayList<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(path).getFileName().toString();
      if (!name.matches("(spark-|scala-|delta-spark).*\\.jar")) {
        paths.add(Path.of(path).toUri().toURL());
      }
    }
    // Every run of this process logs to where the first one did.
    project.file(".weir/logs/" + idOf("churn") + "/spark.log", "");
    ClassLoader own = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(paths.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> loader.loadClass(SparkSession.class.getName()))
          .isInstanceOf(ClassNotFoundException.class);
      Thread.currentThread().setContextClassLoader(loader);
      Method main = loader.loadClass(Main.class.getName()).getMethod("execute", String[].class);
      String home = "--home=" + project.home();
      String directory = "--directory=" + folder;
      for (List<String> command :
          List.of(
              List.of("--help"),
              List.of("run", "--help"),
              List.of("sql", "--help"),
              List.of("pipelines", directory, home),
              List.of("runs", directory, home),
              List.of("show", directory, home),
              List.of("show", idOf("churn"), "--watch", directory, home),
              List.of("show", idOf("churn"), "--watch", "--json", directory, home),
              List.of("logs", idOf("churn"), "train", directory, home),
              List.of("audit", "verify", directory, home),
              List.of("audit", "head", directory, home),
              List.of("audit", "log", directory, home),
              List.of("models", directory, home),
              List.of("pins", directory, home),
              List.of("lineage", "rebuild", directory, home))) {
        assertThat(main.invoke(null, (Object) command.toArray(String[]::new)))
            .as(String.join(" ", command))
            .isEqualTo(0);
      }
    } finally {
      Thread.currentThread().setContextClassLoader(own);
    }
  }

  // --- show

  @Test
  void showTellsOfTheLatestRunUnlessOneIsNamed() {
    TestProject.Said said = project.weir("show");

    assertThat(said.code()).isZero();
    assertThat(said.lines().get(0))
        .startsWith("broken run " + idOf("broken") + " failed, started ");
    assertThat(said.out()).contains("IllegalStateException: the till is empty");
  }

  @Test
  void showTellsWhatEachStageReadMadeAndMeasured() {
    String id = idOf("churn");

    TestProject.Said said = project.weir("show", id.substring(0, id.length() - 1));

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("churn run " + id + " succeeded, started ")
        .contains("  param seed = 7\n")
        .containsPattern("(?m)^succeeded ingest  .*dev\\.weir\\.ingest\\.Ingest$")
        .containsPattern("(?m)^          read   file:.*/in\\.csv@[0-9a-f]{64}$")
        .containsPattern(
            "(?m)^          made   dataset:shop\\.raw@0  120 rows  digest [0-9a-f]{12}$")
        .containsPattern(
            "(?m)^          check  ✓ unique id  0 of 120 rows \\(0 %\\) repeat another row's; at most 0 % may$")
        .containsPattern("(?m)^          made   candidate:shop\\.churn@" + id)
        .containsPattern("(?m)^          metric auc-roc +0\\.\\d{4}$")
        .containsPattern("(?m)^          made   model:shop\\.churn@1  LogisticRegressionModel$");
  }

  @Test
  void showAsJsonHasEverything() throws Exception {
    TestProject.Said said = project.weir("show", idOf("churn"), "--json");

    JsonNode shown = json(said.out());
    assertThat(shown.at("/run/state").asText()).isEqualTo("SUCCEEDED");
    assertThat(shown.get("stages")).hasSize(6);
    assertThat(shown.get("datasets")).hasSize(4);
    assertThat(shown.at("/datasets/0/row_count").asLong()).isEqualTo(ROWS);
    assertThat(shown.get("checks")).hasSize(2);
  }

  @Test
  void aRunThatThereIsNotIsAnError() {
    TestProject.Said said = project.weir("show", "nothing");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err())
        .isEqualTo("weir: There is no run 'nothing'. See ./weir runs.%n".formatted());
    assertThat(project.weir("show", "2").err())
        .contains("'2' begins the ids of 2 runs: ", "Give more of the id.");
  }

  // --- sql

  @Test
  void aTableIsForPeople() {
    TestProject.Said said =
        project.weir("sql", "select name, row_count from lineage.datasets order by at limit 2");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .isEqualTo(
            """
            name        row_count
            ──────────  ─────────
            shop.raw          120
            shop.clean        120
            """);
    assertThat(said.err()).isEqualTo("(2 rows)%n".formatted());
    assertThat(project.weir("sql", "--limit=1", "select id from shop.raw").err())
        .isEqualTo("(the first 1 row; --limit for more, --format csv for all)%n".formatted());
  }

  @Test
  void whatIsUnderWayIsLaidOverTheTables(@TempDir Path other) {
    Instant at = Instant.parse("2026-01-02T03:04:05.678Z");
    TestProject slow = new TestProject(other);
    try (Home home = Home.open(other.resolve(".weir"));
        Lease lease =
            Lease.take(
                Events.open(home),
                new LeaseRequest("slow", "r1", Holder.current(), Duration.ofSeconds(15)))) {
      lease
          .log()
          .commit(
              List.of(
                  new Fact.RunStarted(
                      at,
                      "slow",
                      "r1",
                      lease.token(),
                      "{\"it's\": \"a \\\\ b\"}",
                      Map.of(),
                      Map.of("user", "ada"),
                      List.of("one", "two"),
                      Map.of(),
                      Fact.Snapshot.NONE,
                      Map.of(),
                      Fact.Choice.ALL),
                  new Fact.StageStarted(
                      at, "slow", "r1", "one", 1, "dev.weir.One", "{}", null, null)));

      TestProject.Said runs =
          slow.weir(
              "sql",
              "--format=json",
              "select run, state, started_at, started_by, definition from lineage.runs where finished_at is null");
      TestProject.Said stages =
          slow.weir(
              "sql",
              "--format=json",
              "select stage, attempt, state from lineage.stages where finished_at is null");

      assertThat(runs.lines())
          .containsExactly(
              "{\"run\":\"r1\",\"state\":\"RUNNING\",\"started_at\":\"2026-01-02T03:04:05.678Z\",\"started_by\":\"ada\",\"definition\":\"{\\\"it's\\\": \\\"a \\\\\\\\ b\\\"}\"}");
      assertThat(stages.lines())
          .containsExactly("{\"stage\":\"one\",\"attempt\":1,\"state\":\"RUNNING\"}");
    }
  }

  @Test
  void csvAndJsonAreNothingButTheResult() {
    TestProject.Said csv =
        project.weir(
            "sql",
            "--format",
            "csv",
            "select id, 'a \"b\", c' as t from shop.raw where id <= 2 order by id");
    assertThat(csv.code()).isZero();
    assertThat(csv.out()).isEqualTo("id,t\r\n1,\"a \"\"b\"\", c\"\r\n2,\"a \"\"b\"\", c\"\r\n");
    assertThat(csv.err()).isEmpty();

    TestProject.Said json =
        project.weir(
            "sql",
            "--format",
            "json",
            "select id, array(1.5, null) as l from shop.raw where id <= 2 order by id");
    assertThat(json.code()).isZero();
    assertThat(json.lines())
        .containsExactly("{\"id\":1,\"l\":[1.5,null]}", "{\"id\":2,\"l\":[1.5,null]}");
    assertThat(json.err()).isEmpty();
  }

  @Test
  void aModelIsTracedToItsSource() {
    TestProject.Said said =
        project.weir(
            "sql",
            "--format=csv",
            """
            with recursive origin (reference) as (
              select 'model:shop.churn@1'
              union all
              select e.from_reference
              from lineage.edges e join origin o on e.to_reference = o.reference
              where e.from_reference is not null
            )
            select distinct regexp_extract(reference, '([^/]*)@[0-9a-f]{64}$', 1) as file
            from origin where reference like 'file:%'
            """);

    assertThat(said.err()).isEmpty();
    assertThat(said.out()).isEqualTo("file\r\nin.csv\r\n");
  }

  @Test
  void theLineageTablesAndTheDatasetsHaveNames() {
    assertThat(project.weir("sql", "--format=csv", "show tables in lineage").out())
        .contains("lineage,runs,", "lineage,stages,", "lineage,edges,", "lineage,events,")
        .contains("lineage,datasets,", "lineage,models,", "lineage,metrics,", "lineage,params,");
    assertThat(
            project.weir("sql", "--format=csv", "select count(*) as n from shop.predictions").out())
        .isEqualTo("n\r\n%d\r\n".formatted(ROWS));
  }

  @Test
  void anErrorInTheSqlIsASentence() {
    TestProject.Said column = project.weir("sql", "select idd from shop.raw");
    assertThat(column.code()).isEqualTo(ExitCode.USAGE);
    assertThat(column.out()).isEmpty();
    assertThat(column.err())
        .isEqualTo(
            "weir: Line 1, position 7: A column, variable, or function parameter with name `idd` cannot be resolved. Did you mean one of the following? [`id`, `visits`, `churned`, `returned`, `_corrupt_record`].%n"
                .formatted());

    TestProject.Said syntax = project.weir("sql", "selct 1");
    assertThat(syntax.code()).isEqualTo(ExitCode.USAGE);
    assertThat(syntax.err())
        .isEqualTo("weir: Line 1, position 0: Syntax error at or near 'selct'.%n".formatted());

    TestProject.Said table = project.weir("sql", "select * from lineage.run");
    assertThat(table.code()).isEqualTo(ExitCode.USAGE);
    assertThat(table.err())
        .isEqualTo(
            "weir: Line 1, position 14: there is no lineage.run in the home; did you mean 'lineage.runs'? See ./weir sql \"show schemas\" and \"show tables in lineage\".%n"
                .formatted());

    TestProject.Said data = project.weir("sql", "select 1 / (id - id) from shop.raw");
    assertThat(data.code()).isEqualTo(ExitCode.FAILED);
    assertThat(data.err())
        .startsWith("weir: Division by zero. ")
        .contains(" Spark's log is ")
        .doesNotContain("\tat ", "SQLSTATE", "==");
  }

  @Test
  void theSharedLogIsPutAsideOnceItIsLong() throws Exception {
    project.weir("sql", "select 1");
    Path log = folder.resolve(".weir/logs/sql/spark.log");
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
      file.setLength(SparkLog.SHARED_BYTES);
    }
    project.weir("sql", "select 1");
    assertThat(log).hasSize(SparkLog.SHARED_BYTES);
    Files.writeString(log, "one line more", StandardOpenOption.APPEND);

    project.weir("sql", "select 1");

    assertThat(log).doesNotExist();
    assertThat(log.resolveSibling("spark.log.1")).isNotEmptyFile();
  }

  // --- lineage rebuild

  @Test
  void theTablesAreMadeAgainWithTheSameRows() {
    List<Set<String>> before = tables();

    TestProject.Said said = project.weir("lineage", "rebuild");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .matches("The lineage tables were made again from version \\d+ of the events in .*\\R");
    // Nobody has reviewed, named or deleted anything here.
    int deeds = List.of(LineageTable.values()).indexOf(LineageTable.REVIEWS);
    assertThat(before.subList(0, deeds)).noneMatch(Set::isEmpty);
    assertThat(tables()).isEqualTo(before);
    assertThat(project.weir("sql", "--format=csv", "select count(*) from lineage.runs").lines())
        .endsWith("2");
  }

  private static List<Set<String>> tables() {
    try (HomeReader home = HomeReader.open(project.home())) {
      return Stream.of(LineageTable.values())
          .map(
              table ->
                  home.lineage().rows(table, List.of()).stream()
                      .map(Object::toString)
                      .collect(Collectors.toSet()))
          .toList();
    }
  }

  // --- predict

  private static final String ASKED = "spark.weir.test.asked";

  private static TestProject.Said predict(String... arguments) {
    List<String> all = new ArrayList<>(List.of("predict", "--conf=" + ASKED + "=yes"));
    all.addAll(List.of(arguments));
    return project.weir(all.toArray(String[]::new));
  }

  @Test
  void aCsvFileIsReadAndWrittenByTheRfc() throws Exception {
    Path in =
        Files.writeString(
            folder.resolve("quoted.csv"),
            """
            name,visits,returned
            "Ada ""Countess"", of Lovelace",3,6
            C:\\,22,0
            """);
    Path csv = folder.resolve("quoted scores.csv");

    assertThat(project.weir("predict", "shop.churn", "--in=" + in, "--out=" + csv).err()).isEmpty();

    List<String> lines = Files.readAllLines(csv, StandardCharsets.UTF_8);
    assertThat(lines.get(1)).startsWith("\"Ada \"\"Countess\"\", of Lovelace\",3,6,1.0,");
    assertThat(lines.get(2)).startsWith("C:\\,22,0,0.0,");
  }

  @Test
  void whatTheModelsTypesDoNotFitIsCountedAndNothingIsScored() throws Exception {
    Path in =
        Files.writeString(
            folder.resolve("malformed.csv"), "id,visits,returned\n1,3,6\n2,many,0\n3,4\n");
    Path out = folder.resolve("malformed-scores.csv");

    TestProject.Said said = project.weir("predict", "shop.churn", "--in=" + in, "--out=" + out);

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    assertThat(said.err())
        .isEqualTo(
            "weir: 2 records of %s are malformed, such as '2,many,0'. Mend the file, or take them out; the columns are read as id INT,visits INT,returned INT.%n"
                .formatted(in));
    assertThat(out).doesNotExist();
  }

  @Test
  void aFileIsScoredIntoAFile() throws Exception {
    Path in = Files.writeString(folder.resolve("new.csv"), "id,visits,returned\n1,3,6\n2,22,0\n");
    Path csv = folder.resolve("scores.csv");

    TestProject.Said said =
        project.weir("predict", "model:shop.churn@1", "--in=" + in, "--out=" + csv);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out()).isEqualTo("model:shop.churn@1 scored 2 rows into %s%n".formatted(csv));
    List<String> lines = Files.readAllLines(csv, StandardCharsets.UTF_8);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo("id,visits,returned,prediction,probability,score");
    assertThat(lines.get(1)).matches("1,3,6,1\\.0,.*");
    assertThat(lines.get(2)).matches("2,22,0,0\\.0,.*");

    TestProject.Said again = project.weir("predict", "shop.churn", "--in=" + in, "--out=" + csv);
    assertThat(again.code()).isEqualTo(ExitCode.USAGE);
    assertThat(again.err())
        .isEqualTo(
            "weir: %s is there already. Name another file, or add --overwrite.%n".formatted(csv));
    assertThat(
            project
                .weir("predict", "shop.churn", "--in=" + in, "--out=" + csv, "--overwrite")
                .code())
        .isZero();
  }

  @Test
  void aDatasetIsScoredLikeItsPipelineDid() throws Exception {
    Path out = folder.resolve("scores.parquet");

    TestProject.Said said =
        project.weir("predict", "shop.churn", "--in=dataset:shop.clean", "--out=" + out);

    assertThat(said.code()).isZero();
    SparkSession spark = SparkSession.active();
    assertThat(
            spark
                .read()
                .parquet(out.toString())
                .select("id", "score")
                .orderBy("id")
                .collectAsList())
        .hasSize(ROWS)
        .isEqualTo(
            spark
                .read()
                .format("delta")
                .load(folder.resolve(".weir/datasets/shop/predictions").toString())
                .select("id", "score")
                .orderBy("id")
                .collectAsList());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".weir-predict"));
    }
  }

  @Test
  void whatPredictCanNotDoIsSaidBeforeSparkStarts() throws Exception {
    Path in = Files.writeString(folder.resolve("little.csv"), "id,visits\n1,3\n");
    String out = "--out=" + folder.resolve("never.csv");

    TestProject.Said model = project.weir("predict", "shop.chrun", "--in=" + in, out);
    assertThat(model.code()).isEqualTo(ExitCode.USAGE);
    assertThat(model.err())
        .contains("There is no model shop.chrun in the home", "model:shop.churn@1");

    assertThat(project.weir("predict", "shop.churn@9", "--in=" + in, out).err())
        .contains("There is no model shop.churn@9 in the home", "model:shop.churn@1");
    assertThat(project.weir("predict", "shop.churn", "--in=dataset:shop.claen", out).err())
        .contains("There is no dataset shop.claen in the home", "shop.clean");
    assertThat(predict("shop.churn", "--in=lost.csv", out).err())
        .contains("There is no file ", "/lost.csv.");
    assertThat(predict("shop.churn", "--in=in.txt", out).err()).contains("There is no file ");
    assertThat(predict("shop.churn", "--in=conf/weir.yaml", out).err())
        .contains("--in conf/weir.yaml does not end in csv, json or parquet.", "--format");
    assertThat(predict("shop.churn", "--in=" + in, "--format=cvs", out).err())
        .contains("--format is 'cvs'; did you mean 'csv'?");
    assertThat(predict("shop.churn", "--in=" + in, "--out=a.txt").err())
        .contains("--out a.txt does not end in csv, json or parquet.");
    assertThat(predict("shop.churn", "--in=" + in, "--out=lost/a.csv").err())
        .contains("There is no folder ", "/lost. ");
    // A session that runs takes a setting of whoever asks for one.
    assertThat(SparkSession.active().conf().contains(ASKED)).isFalse();

    TestProject.Said rows = predict("shop.churn", "--in=" + in, out);
    assertThat(SparkSession.active().conf().contains(ASKED)).isTrue();
    assertThat(rows.code()).isEqualTo(ExitCode.USAGE);
    assertThat(rows.err()).contains("VectorAssembler", "returned").doesNotContain("\tat ");
    assertThat(folder.resolve("never.csv")).doesNotExist();
  }
}
