package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Events;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.store.Home;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line says of work that is to be done, was done, or goes on. */
class PlanCommandTest {
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
        - name: count
          uses: sql
          with: { from: t.copy, into: t.count, statement: "select count(*) n from t.copy" }
      """;

  @TempDir Path folder;
  private TestProject project;

  @BeforeAll
  static void spark() {
    TestSession.start();
  }

  @BeforeEach
  void project() {
    project = new TestProject(folder).file("in.csv", "id,name\n1,Ada\n2,Grace\n3,Edsger\n");
    project.pipeline("copy", COPY);
  }

  private static String run(TestProject.Said said) {
    return said.out().replaceFirst("(?s)^.* run (\\S+) of .*$", "$1");
  }

  @Test
  void aPlanSaysWhatRunsAndWhyAndWritesNothing() {
    TestProject.Said plan = project.weir("plan", "copy", "--check");

    assertThat(plan.code()).isEqualTo(5);
    assertThat(plan.out())
        .isEqualTo(
            """
            copy: 3 stages to run
              run    ingest  it has not run before
              run    sql     it has not run before
              run    count   it has not run before
            """);
    assertThat(folder.resolve(".weir")).doesNotExist();

    String first = run(project.weir("run", "copy"));
    plan = project.weir("plan", "copy", "--check");
    assertThat(plan.code()).isZero();
    assertThat(plan.lines())
        .containsExactly(
            "copy: nothing to do, 3 stages reused",
            "  reuse  ingest  the same as in run " + first,
            "  reuse  sql     the same as in run " + first,
            "  reuse  count   the same as in run " + first);

    TestProject.Said again = project.weir("run", "copy");
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .containsPattern(
            "(?m)^\\S+ sql reused: t\\.copy@0 3 rows, the same as in run " + first + "$")
        .contains("  reused   all 3 stages: nothing had changed")
        .doesNotContain("spark ready", "  made ");
    assertThat(project.weir("show").out())
        .containsPattern("(?m)^reused +sql ")
        .contains("the same as in run " + first);
  }

  private TestProject.Said quick(String... arguments) {
    System.setProperty("weir.quick", "true");
    try {
      return project.weir(arguments);
    } finally {
      System.clearProperty("weir.quick");
    }
  }

  private void assertHandedOver(TestProject.Said said) {
    assertThat(said.code()).isEqualTo(QuickRun.HANDED_OVER);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).isEmpty();
  }

  @Test
  void aProcessForRunsWithNothingToDoHandsOverAllOthersAndLeavesNothingBehind() throws Exception {
    assertHandedOver(quick("run", "copy"));
    assertThat(folder.resolve(".weir/logs")).doesNotExist();
    assertThat(project.weir("runs").out()).doesNotContain("copy");
    String first = run(project.weir("run", "copy"));

    assertHandedOver(quick("run", "copy", "--param=least=1"));
    assertHandedOver(quick("run", "copy", "--fresh"));
    assertHandedOver(quick("run", "copy", "--accept=t.raw", "--by=Ada", "--reason=seen"));
    try (Home home = Home.open(folder.resolve(".weir"));
        Lease other = Lease.take(Events.open(home), new LeaseRequest("copy", "other"))) {
      assertThat(other.takenFrom()).isEmpty();
      assertHandedOver(quick("run", "copy"));
    }
    assertThat(project.weir("runs").lines()).filteredOn(line -> line.contains("copy")).hasSize(1);

    TestProject.Said again = quick("run", "copy");
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .contains("t.copy@0 3 rows, the same as in run " + first)
        .contains("  reused   all 3 stages: nothing had changed");
    assertThat(project.weir("runs").lines()).filteredOn(line -> line.contains("copy")).hasSize(2);
    TestProject.Said wrong = quick("run", "copi");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("copi");
  }

  @Test
  void aPlanForAProgramAndForAPullRequest() throws Exception {
    String first = run(project.weir("run", "copy"));

    TestProject.Said said = project.weir("plan", "copy", "--param=least=1", "--json");
    assertThat(said.code()).isZero();
    JsonNode plan = new ObjectMapper().readTree(said.out());
    assertThat(plan.get("pipeline").asText()).isEqualTo("copy");
    assertThat(plan.get("work").asBoolean()).isTrue();
    assertThat(plan.at("/stages/0/verdict").asText()).isEqualTo("reuse");
    assertThat(plan.at("/stages/0/reused_run").asText()).isEqualTo(first);
    assertThat(plan.at("/stages/0/fingerprint").asText()).matches("[0-9a-f]{64}");
    assertThat(plan.at("/stages/1/verdict").asText()).isEqualTo("run");
    assertThat(plan.at("/stages/1/reason").asText())
        .isEqualTo("parameter least changed from 0 to 1");

    assertThat(project.weir("plan", "copy", "--param=least=1", "--markdown").lines())
        .containsExactly(
            "**copy**: 1 stage to run, 1 that may run, 1 reused",
            "",
            "| stage | verdict | why |",
            "| --- | --- | --- |",
            "| ingest | reuse | the same as in run " + first + " |",
            "| sql | run | parameter least changed from 0 to 1 |",
            "| count | maybe | not if sql makes t.copy again as it was in t.copy@0 |");
    assertThat(project.weir("plan", "copy", "--json", "--markdown").code()).isEqualTo(2);

    // It may, and does not: the same three rows.
    TestProject.Said run = project.weir("run", "copy", "--param=least=1");
    assertThat(run.out()).contains("  reused   ingest, count");
  }

  @Test
  void aPartIsRunOnWhatIsThere() {
    project.weir("run", "copy");

    assertThat(project.weir("run", "copy", "--from", "sql").out())
        .contains("  reused   ingest")
        .containsPattern("dataset t\\.copy@1 +3 rows")
        .containsPattern("dataset t\\.count@1 +1 row");
    assertThat(project.weir("run", "copy", "--only", "sql").out())
        .containsPattern("dataset t\\.copy@2 +3 rows")
        .doesNotContain("t.count");
    TestProject.Said wrong = project.weir("run", "copy", "--only", "sq");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .startsWith("weir: There is no stage 'sq' in the pipeline copy; did you mean 'sql'?");
    assertThat(project.weir("run", "copy", "--only=sql", "--from=sql").err())
        .startsWith("weir: --from sql and --only sql are two choices.");
  }

  @Test
  void aRunThatFailedGoesOnWhenItsCauseIsGone() {
    project.pipeline("copy", COPY.replace("count(*) n", "raise_error('not yet') n"));
    TestProject.Said failed = project.weir("run", "copy");
    assertThat(failed.code()).isEqualTo(1);
    String run = run(failed);
    project.pipeline("copy", COPY);

    TestProject.Said resumed = project.weir("resume", run.substring(0, run.length() - 1));

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out())
        .contains("Resumes run " + run + ", which had ended as FAILED.")
        .containsPattern("(?m)^\\S+ sql reused: .*finished earlier in this run$")
        .containsPattern("(?m)^\\S+ count succeeded in .*: t\\.count@0 1 row$")
        .containsPattern("(?m)^copy run " + run + " succeeded in ");
    assertThat(project.weir("runs").lines()).hasSize(2).last().asString().contains("succeeded");
    assertThat(
            project
                .weir("sql", "--format=csv", "select run, state, resumes from lineage.runs")
                .lines())
        .containsExactly("run,state,resumes", run + ",SUCCEEDED,1");
    assertThat(project.weir("resume", run).err())
        .startsWith("weir: Run " + run + " has succeeded: there is nothing left of it to do.");
    assertThat(project.weir("resume", "nonsense").err())
        .startsWith("weir: There is no run 'nonsense'");
  }
}
