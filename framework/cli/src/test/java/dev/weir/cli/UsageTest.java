package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir Path folder;

  private static final String GOOD =
      """
      pipeline: good
      description: copies a file
      params:
        path: { type: string, help: what is copied }
      stages:
        - uses: ingest
          with: { source: { format: csv, path: "${path}" }, into: t.raw }
        - uses: sql
          with: { from: t.raw, into: t.copy, statement: select * from t.raw }
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "validate",
        "pipelines",
        "runs",
        "show",
        "logs",
        "sql",
        "predict",
        "models",
        "approve",
        "reject",
        "retire",
        "alias",
        "lineage",
        "lineage rebuild",
        "audit",
        "audit verify",
        "audit head",
        "audit log",
        "pins",
        "pins release",
        "vacuum",
        "quality",
        "quality accept-baseline",
        "quality check",
        "bench",
        "bench overhead",
        "bench reuse",
        "bench scale",
        "bench parallel",
        "bench lineage",
        "bench cluster",
        "diff",
        "reproduce",
        "rebuild",
        "quarantine",
        "quarantine list",
        "quarantine show",
        "quarantine replay"
      })
  void everyCommandHasHelp(String command) {
    TestProject.Said said = TestProject.execute((command + " --help").split(" "));

    assertThat(said.code()).isZero();
    assertThat(said.err()).isEmpty();
    assertThat(said.out()).startsWith("Usage: weir " + command);
    assertThat(said.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }

  @Test
  void helpListsTheCommandsAndTheExitCodes() {
    TestProject.Said said = TestProject.execute("--help");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .contains("run ", "validate ", "pipelines ", "runs ", "show ", "logs ", "sql ", "predict ")
        .contains(
            "Exit codes: 0 done, 1 a stage failed, 2 wrong usage",
            "52 out of memory",
            "130 cancelled")
        .contains("./weir run credit");
    assertThat(TestProject.execute().out()).isEqualTo(said.out());
  }

  @Test
  void theVersionIsTheBuilds() {
    TestProject.Said said = TestProject.execute("--version");

    assertThat(said.code()).isZero();
    assertThat(said.out()).matches("weir \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
  }

  @Test
  void aWrongWordIsAnsweredWithTheNearest() {
    TestProject.Said command = TestProject.execute("rnu", "credit");
    assertThat(command.code()).isEqualTo(ExitCode.USAGE);
    assertThat(command.err())
        .isEqualTo(
            "weir: There is no command 'rnu'; did you mean 'run'? See ./weir --help.%n"
                .formatted());
    assertThat(TestProject.execute("make").err())
        .startsWith("weir: There is no command 'make'; there are run, plan, resume, cancel,");

    TestProject.Said option = TestProject.execute("run", "credit", "--parm", "a=1");
    assertThat(option.code()).isEqualTo(ExitCode.USAGE);
    assertThat(option.err())
        .isEqualTo(
            "weir: There is no option --parm of weir run; did you mean '--param'? See ./weir run --help.%n"
                .formatted());

    TestProject.Said missing = TestProject.execute("run");
    assertThat(missing.code()).isEqualTo(ExitCode.USAGE);
    assertThat(missing.err())
        .isEqualTo(
            "weir: Missing required parameter: 'PIPELINE'. See ./weir run --help.%n".formatted());

    TestProject.Said more = TestProject.execute("show", "one", "two");
    assertThat(more.code()).isEqualTo(ExitCode.USAGE);
    assertThat(more.err())
        .isEqualTo(
            "weir: 'two' is one word more than weir show takes; quote what belongs together. See ./weir show --help.%n"
                .formatted());

    TestProject.Said format = TestProject.execute("sql", "--format=xml", "select 1");
    assertThat(format.code()).isEqualTo(ExitCode.USAGE);
    assertThat(format.err()).contains("xml", "table, json, csv");
  }

  @ParameterizedTest
  @CsvSource({
    "run x --parallel,0",
    "run x --parallel,two",
    "runs --limit,-1",
    "sql x --limit,0",
    "bench overhead --pairs,0",
    "bench overhead --stages,0",
    "bench overhead --rows,0",
    "bench reuse --runs,0",
    "bench scale --stages,0",
    "bench parallel --pairs,0",
    "bench cluster --rows,0"
  })
  void aNumberIsOneOrMore(String command, String value) {
    assertRefused(command, value, "' is not a whole number from 1 up to 2147483647. See ./weir ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local[x]", "local[0]", "localhost", "spark", "yarn:"})
  void aMasterThatIsNoneIsRefused(String master) {
    assertRefused(
        "run x --master",
        master,
        "' is neither local, local[4] or local[*], nor yarn, nor a URL such as spark://host:7077 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"449m", "600", "600k", "much"})
  void executorsThatSparkWouldNotStartAreRefused(String memory) {
    TestProject.Said said = TestProject.execute("bench", "cluster", "--executor-memory=" + memory);

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err())
        .startsWith(
            "weir: --executor-memory is '%s'; executors start with 450m or more."
                .formatted(memory));
  }

  private static void assertRefused(String command, String value, String allowed) {
    TestProject.Said said = TestProject.execute((command + "=" + value).split(" "));

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    String option = command.substring(command.indexOf("--"));
    assertThat(said.err())
        .startsWith("weir: Invalid value for option '%s'".formatted(option))
        .contains(": '" + value + allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local",
        "local[*]",
        "local[2, 4]",
        "local-cluster[2,1,1024]",
        "yarn",
        "spark://a:7077,b:7077",
        "k8s://https://host:443"
      })
  void aMasterOfSparkIsTaken(String master) {
    assertThat(new Master().convert(master)).isEqualTo(master);
  }

  @Test
  void aFolderThatIsNoProjectIsNamed() {
    TestProject.Said said = TestProject.execute("pipelines", "--directory=" + folder);

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err())
        .isEqualTo(
            "weir: There is no conf/weir.yaml in %s or any folder above it. Go to a Weir project, or make the file: it may be empty.%n"
                .formatted(folder));
  }

  @Test
  void aProjectsFaultsArePlaced() {
    TestProject project = new TestProject(folder).file("conf/weir.yaml", "hoem: /tmp/x\n");

    TestProject.Said said = project.weir("pipelines");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).contains("conf/weir.yaml:1:1: ", "'hoem'", "'home'");
  }

  @Test
  void aValidPipelineIsSaidToBe() {
    TestProject project = new TestProject(folder).pipeline("good", GOOD);

    TestProject.Said said = project.weir("validate", "good", "--param", "path=in.csv");

    assertThat(said.code()).isZero();
    assertThat(said.out()).isEqualTo("good is valid: 2 stages, ingest → sql%n".formatted());
    assertThat(folder.resolve(".weir")).doesNotExist();
  }

  @Test
  void allFaultsArePlacedAtOnce() {
    TestProject project =
        new TestProject(folder)
            .pipeline(
                "bad",
                """
                pipeline: bad
                stages:
                  - uses: ingst
                    with: { source: { format: csv, path: a.csv }, into: t.raw }
                  - name: first
                    uses: sql
                    with: { from: t.nowhere, into: t.one, statement: select 1 }
                  - name: second
                    uses: sql
                    with: { from: t.one, into: t.one, statemnt: select 1 }
                """);

    TestProject.Said said = project.weir("validate", "bad");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .contains("conf/pipelines/bad.yaml:3:11: unknown stage 'ingst'; did you mean 'ingest'?")
        .contains(
            "conf/pipelines/bad.yaml:7:19: stage 'first' reads the dataset t.nowhere, which no"
                + " other stage publishes and the home does not hold")
        .contains("conf/pipelines/bad.yaml:10:32: stages 'first' and 'second' both publish t.one")
        .contains("conf/pipelines/bad.yaml:10:39: ")
        .contains("'statemnt'", "'statement'")
        .doesNotContain("reads the dataset t.one, which no");
    assertThat(project.weir("run", "bad").err()).isEqualTo(said.err());
  }

  @Test
  void whatNobodyMakesIsAFaultOfValidate() {
    TestProject project =
        new TestProject(folder)
            .pipeline(
                "orphan",
                """
                pipeline: orphan
                stages:
                  - uses: sql
                    with: { from: t.nowhere, into: t.one, statement: select 1 }
                """);

    TestProject.Said said = project.weir("validate", "orphan");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).contains("conf/pipelines/orphan.yaml:4:19: ", "t.nowhere");
  }

  @Test
  void pipelinesAreListedBrokenOnesIncluded() {
    TestProject project =
        new TestProject(folder)
            .pipeline("good", GOOD)
            .pipeline("torn", "pipeline: torn\nstages: [ { uses: ingest\n");

    TestProject.Said said = project.weir("pipelines");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.lines().get(0)).isEqualTo("good  2 stages    copies a file");
    assertThat(said.lines().get(1)).contains("--param path=", "required", "what is copied");
    assertThat(said.out())
        .containsPattern("(?m)^torn  .*\\R.*conf/pipelines/torn\\.yaml:\\d+:\\d+: ");
  }

  @Test
  void aProjectWithoutPipelinesSaysWhereTheyGo() {
    TestProject.Said said = new TestProject(folder).weir("pipelines");

    assertThat(said.code()).isZero();
    assertThat(said.err())
        .isEqualTo(
            "There are no pipelines in %s/conf/pipelines; write one as conf/pipelines/<name>.yaml.%n"
                .formatted(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"runs", "show", "show x", "lineage rebuild", "sql select"})
  void aHomeWhereNothingRanSaysSo(String command) {
    TestProject.Said said = new TestProject(folder).weir(command.split(" "));

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .startsWith("weir: Nothing has been run in the home file:")
        .contains("Run a pipeline first", "--home");
  }
}
