package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  private static final String COPY =
      """
      pipeline: copy
      params:
        least: { type: int, default: 0, help: the smallest id that is copied }
      stages:
        - uses: ingest
          with: { source: { format: csv, path: in.csv }, into: t.raw }
        - uses: sql
          with: { from: t.raw, into: t.copy, statement: "select * from t.raw where id >= ${least}" }
      """;

  @TempDir Path temporary;
  private Path folder;

  private TestProject project;

  @BeforeAll
  static void spark() {
    TestSession.start();
  }

  @BeforeEach
  void project() {
    folder = temporary.resolve("a folder");
    project = new TestProject(folder).file("in.csv", "id,name\n1,Ada\n2,Grace\n3,Edsger\n");
  }

  private static List<JsonNode> json(TestProject.Said said) throws Exception {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : said.lines()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    return objects;
  }

  @Test
  void aRunSaysWhatItMadeAndWhatToDoNext() {
    project.pipeline("copy", COPY);

    TestProject.Said said = project.weir("run", "copy");

    assertThat(said.code()).isZero();
    assertThat(said.err()).isEmpty();
    assertThat(said.out())
        .containsPattern("(?m)^\\d\\d:\\d\\d:\\d\\d run \\S+ of copy: 2 stages, home file:///")
        .containsPattern("(?m)^\\S+ ingest began$")
        .containsPattern("(?m)^\\S+ ingest succeeded in .*: t\\.raw@0 3 rows$")
        .containsPattern("(?m)^copy run \\S+ succeeded in ")
        .containsPattern("(?m)^  made     dataset t\\.raw@0 +3 rows$")
        .containsPattern("(?m)^           dataset t\\.copy@0 +3 rows$")
        .containsPattern("(?m)^  time     .*ingest ")
        .containsPattern(
            "(?m)^  next     ./weir show \\S+ --home file:/\\S+/a%20folder/.weir/? -C '.*/a folder'$")
        .containsPattern("(?m)^ +./weir sql \"select \\* from t.copy limit 10\" --home ")
        .containsPattern("(?m)^  log      .*/.weir/logs/\\S+/spark.log$");
  }

  @Test
  void jsonIsOneObjectALineAndEndsWithTheRun() throws Exception {
    project.pipeline("copy", COPY);

    TestProject.Said said = project.weir("run", "copy", "--json", "--param", "least=3");

    assertThat(said.code()).isZero();
    List<JsonNode> objects = json(said);
    assertThat(objects)
        .extracting(object -> object.get("event").asText())
        .startsWith("run.started")
        .contains("stage.started", "stage.finished")
        .endsWith("run.finished");
    JsonNode copied =
        objects.stream()
            .filter(object -> object.path("stage").asText().equals("sql"))
            .filter(object -> object.get("event").asText().equals("stage.finished"))
            .findFirst()
            .orElseThrow();
    assertThat(copied.get("state").asText()).isEqualTo("SUCCEEDED");
    assertThat(copied.at("/datasets/0/rows").asLong()).isEqualTo(1);
    JsonNode last = objects.get(objects.size() - 1);
    assertThat(last.get("state").asText()).isEqualTo("SUCCEEDED");
    assertThat(last.get("pipeline").asText()).isEqualTo("copy");
    assertThat(last.get("run").asText()).isEqualTo(objects.get(0).get("run").asText());
  }

  @Test
  void aParameterIsCheckedByNameAndType() {
    project.pipeline("copy", COPY);

    assertThat(project.weir("run", "copy", "--param", "last=3"))
        .satisfies(
            said -> {
              assertThat(said.code()).isEqualTo(ExitCode.USAGE);
              assertThat(said.err())
                  .contains("the pipeline has no parameter 'last'; did you mean 'least'?");
            });
    assertThat(project.weir("run", "copy", "--param", "least=three"))
        .satisfies(
            said -> {
              assertThat(said.code()).isEqualTo(ExitCode.USAGE);
              assertThat(said.err())
                  .contains("the parameter 'least' is a whole number, not 'three'");
            });
    assertThat(project.weir("run", "copy", "--param", "least"))
        .satisfies(
            said -> {
              assertThat(said.code()).isEqualTo(ExitCode.USAGE);
              assertThat(said.err()).contains("NAME=VALUE").doesNotContain("Exception");
            });
  }

  @Test
  void aFailureIsASentenceWithTheStageAndTheLog() {
    project.pipeline(
        "till",
        """
        pipeline: till
        stages:
          - name: count
            uses: dev.weir.cli.TestStages.Fails
            with: { message: the till is empty }
          - name: pay
            uses: dev.weir.cli.TestStages$Nothing
            after: count
        """);

    TestProject.Said said = project.weir("run", "till");

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    assertThat(said.out())
        .containsPattern("(?m)^till run \\S+ failed in ")
        .containsPattern("(?m)^  failed   count$")
        .containsPattern("(?m)^           IllegalStateException: the till is empty$")
        .containsPattern("(?m)^  skipped  pay$")
        .containsPattern("(?m)^  next     ./weir show \\S+ ")
        .containsPattern("(?m)^           ./weir logs \\S+ count --home ")
        .containsPattern("(?m)^           ./weir run till --home ")
        .containsPattern("(?m)^  log      .*spark.log$");
    assertThat(said.out() + said.err()).doesNotContain("\tat ");

    TestProject.Said verbose = project.weir("run", "till", "--verbose");

    assertThat(verbose.code()).isEqualTo(ExitCode.FAILED);
    assertThat(verbose.err())
        .contains("Stage count:")
        .contains("java.lang.IllegalStateException: the till is empty")
        .contains("\tat dev.weir.cli.TestStages$Fails.run");
  }

  @Test
  void aFailureInJsonHasTheCauseToo() throws Exception {
    project.pipeline(
        "till",
        """
        pipeline: till
        stages:
          - uses: dev.weir.cli.TestStages.Fails
            with: { message: the till is empty }
        """);

    TestProject.Said said = project.weir("run", "till", "--json");

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    List<JsonNode> objects = json(said);
    JsonNode last = objects.get(objects.size() - 1);
    assertThat(last.get("event").asText()).isEqualTo("run.finished");
    assertThat(last.get("state").asText()).isEqualTo("FAILED");
    assertThat(last.at("/error/message").asText())
        .isEqualTo("IllegalStateException: the till is empty");
  }

  @Test
  void aGateHaltsTheRunWithACodeOfItsOwn() {
    project.file("in.csv", "id,name\n1,Ada\n,Grace\n");
    project.pipeline(
        "gated",
        """
        pipeline: gated
        stages:
          - uses: ingest
            with: { source: { format: csv, path: in.csv }, into: t.raw }
          - uses: validate
            with: { from: t.raw, into: t.clean, checks: [ { not-null: id } ] }
          - uses: sql
            with: { from: t.clean, into: t.copy, statement: select * from t.clean }
        """);

    TestProject.Said said = project.weir("run", "gated");

    assertThat(said.code()).isEqualTo(ExitCode.HALTED);
    assertThat(said.out())
        .containsPattern("(?m)^gated run \\S+ halted in ")
        .containsPattern("(?m)^  halted   validate$")
        .contains("1 of 2 rows (50 %) are null")
        .containsPattern("(?m)^  skipped  sql$")
        .contains("./weir sql \"select * from lineage.checks where run = '");
    assertThat(said.out()).doesNotContain("t.clean@");
    String query =
        said.lines().stream().filter(line -> line.contains("delta.`")).findFirst().orElseThrow();
    assertThat(project.weir("sql", "--format=csv", query.strip()).lines())
        .containsExactly("id,name,_corrupt_record", ",Grace,");
  }

  @Test
  void anUnknownPipelineIsAnsweredWithTheNearest() {
    project.pipeline("copy", COPY);

    TestProject.Said said = project.weir("run", "cpoy");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .isEqualTo(
            "weir: There is no pipeline 'cpoy' in %s/conf/pipelines. Did you mean 'copy'?%n"
                .formatted(folder));
    assertThat(folder.resolve(".weir")).doesNotExist();
    assertThat(project.weir("run", "nowhere.yaml").err())
        .contains("There is no file ", "/nowhere.yaml.", "./weir pipelines");
  }

  @Test
  void anUnknownKeyIsPlacedAndAnsweredWithTheNearest() {
    project.pipeline("copy", COPY.replace("statement:", "statment:"));

    TestProject.Said said = project.weir("run", "copy");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).contains("conf/pipelines/copy.yaml:8:", "'statment'", "'statement'");
  }

  @Test
  void aClassThatIsNowhereNamesBothWaysToBringIt() {
    project.pipeline(
        "own",
        """
        pipeline: own
        stages:
          - uses: com.example.Missing
        """);

    assertThat(project.weir("run", "own").err())
        .contains(
            "conf/pipelines/own.yaml:3:11: no class 'com.example.Missing' is on the class path: give its jar with --jars, or list it under classpath: in conf/weir.yaml");
    assertThat(project.weir("run", "own", "--jars", "lost.jar").err())
        .contains("--jars names lost.jar, which is not there: ");
  }

  @Test
  void pathsOfTheCommandLineStartAtTheCurrentFolderAndOthersAtTheProjects() {
    project.file("sub/own.yaml", COPY.replace("t.", "u."));

    TestProject.Said said =
        TestProject.execute("run", "own.yaml", "-C", folder + "/sub", "--home", "here");

    assertThat(said.code()).isZero();
    assertThat(said.out()).containsPattern("(?m)^  made     dataset u\\.raw@0 +3 rows$");
    assertThat(folder.resolve("here/datasets/u/raw")).isDirectory();
    assertThat(
            TestProject.execute("run", "own.yaml", "-C", folder + "/sub", "--jars=lost.jar").err())
        .contains("which is not there: %s/sub/lost.jar.".formatted(folder));
  }

  @Test
  void eachRunMakesNewVersionsThatLineageTellsApart() throws Exception {
    project.pipeline("copy", COPY);

    String first = run(project.weir("run", "copy", "--fresh", "--json"));
    String second = run(project.weir("run", "copy", "--fresh", "--json"));

    TestProject.Said said =
        project.weir(
            "sql",
            "--format=csv",
            "select reference, run from lineage.datasets where name = 't.copy' order by version");
    assertThat(said.lines())
        .containsExactly(
            "reference,run", "dataset:t.copy@0," + first, "dataset:t.copy@1," + second);
    assertThat(first).isNotEqualTo(second);
  }

  private static String run(TestProject.Said said) throws Exception {
    assertThat(said.code()).isZero();
    return json(said).get(0).get("run").asText();
  }
}
