package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people do about rows that were put aside, and about data that was refused. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class QuarantineCommandsTest {
  private static final String LOANS =
      """
      pipeline: loans
      stages:
        - uses: ingest
          with: { source: { format: csv, path: loans.csv }, into: t.raw }
        - uses: validate
          with:
            from: t.raw
            into: t.clean
            quarantine: t.quarantine
            checks:
              - { range: income, min: 0, on-failure: quarantine, threshold: 0.5 }
              - { range: age, min: 18, max: 120, on-failure: quarantine, threshold: 0.5 }
              - row-count: { min: 6 }
        - name: doubled
          uses: sql
          with: { from: t.clean, into: t.doubled, statement: "select id, income * 2 as twice from t.clean" }
      """;

  @TempDir Path folder;

  private TestProject project;

  @BeforeAll
  static void spark() {
    TestSession.start();
  }

  @BeforeEach
  void project() {
    project =
        new TestProject(folder)
            .pipeline("loans", LOANS)
            .file(
                "loans.csv",
                "id,income,age\n1,10,30\n2,-20,31\n3,30,32\n4,-40,3\n5,50,34\n6,60,35\n");
  }

  private TestProject.Said weir(int code, String... arguments) {
    TestProject.Said said = project.weir(arguments);
    assertThat(said.code()).as(said.out() + said.err()).isEqualTo(code);
    return said;
  }

  private String query(String sql) {
    return weir(0, "sql", "--format=csv", sql).out().replace("\r\n", ";");
  }

  @Test
  void rowsAreListedShownCorrectedOnceAndTheRestFollows() throws Exception {
    assertThat(weir(2, "quarantine", "list").err()).contains("Nothing has been run in the home");
    weir(0, "run", "loans");

    assertThat(weir(0, "quarantine", "list").out())
        .containsPattern("t\\.quarantine@0\\s+2\\s+t\\.raw@0\\s+loans/validate");
    assertThat(weir(0, "quarantine", "show", "t.quarantine").out())
        .containsPattern("2\\s+-20\\s+31\\s+.*\\[range income\\]\\s+dataset:t\\.raw@0")
        .containsPattern("4\\s+-40\\s+3\\s+.*\\[range income, range age\\]");
    assertThat(weir(0, "quarantine", "show", "t.quarantine@0", "--limit=1", "--json").lines())
        .hasSize(1);
    assertThat(weir(2, "quarantine", "show", "t.quarantin").err())
        .contains("There is no quarantine t.quarantin; did you mean 't.quarantine'?");
    assertThat(query("select * from t.doubled order by id"))
        .isEqualTo("id,twice;1,20;3,60;5,100;6,120;");

    // What can't be done is said, and nothing is decided.
    String set = "income = abs(income)";
    assertThat(weir(2, "quarantine", "replay", "t.quarantine@0", "--set", set).err())
        .contains("No reason is given.");
    assertThat(replay(2, "t.quarantine", set, "income < 0").err())
        .contains("t.quarantine names no version");
    assertThat(replay(2, "t.quarantine@0", "income = reflect('a', 'b')", "income < 0").err())
        .contains("the function reflect is not one that a check may use");
    assertThat(replay(2, "t.quarantine@0", set, "income > 0").err())
        .contains("No row of t.quarantine@0 is one where income > 0.");
    assertThat(query("select count(*) as deeds from lineage.interventions")).isEqualTo("deeds;0;");

    TestProject.Said replayed = replay(0, "t.quarantine@0", set, "income < 0");

    assertThat(replayed.out())
        .contains("income = abs(income) where income < 0")
        .contains("Put aside before: 2 rows; now: 1 row, in t.quarantine@1.");
    assertThat(query("select * from t.doubled order by id"))
        .isEqualTo("id,twice;1,20;2,40;3,60;5,100;6,120;");
    TestProject.Said again = replay(0, "t.quarantine@0", set, "income < 0");
    assertThat(again.out())
        .startsWith("Nothing to do: t.quarantine@0 was corrected by ")
        .contains(" for Ada on ");
    assertThat(query("select count(distinct run) as runs from lineage.runs")).isEqualTo("runs;2;");

    // What is left has been corrected already, and is corrected further.
    assertThat(weir(0, "quarantine", "show", "t.quarantine").out())
        .containsPattern("4\\s+40\\s+3\\s+NULL\\s+\\[range age\\]");
    assertThat(replay(0, "t.quarantine@1", "age = 10 * age", null).out())
        .contains("Put aside before: 1 row; now: 0 rows.");
    assertThat(query("select * from t.doubled order by id"))
        .isEqualTo("id,twice;1,20;2,40;3,60;4,80;5,100;6,120;");
    assertThat(weir(0, "run", "loans").out()).contains("all 3 stages: nothing had changed");

    assertThat(weir(0, "audit", "log").out())
        .containsPattern(
            "rows-corrected\\s+dataset:t\\.quarantine@0: income = abs\\(income\\) where income < 0 by .* for Ada: the sign");
    weir(0, "audit", "verify");
    JsonNode listed =
        new ObjectMapper().readTree(weir(0, "quarantine", "list", "--json").lines().get(0));
    assertThat(listed.path("from").asText()).isEqualTo("dataset:t.raw@0");
    assertThat(listed.path("corrections").get(0).path("rule").asText())
        .isEqualTo("income = abs(income) where income < 0");

    // Other data is another matter.
    project.file("loans.csv", "id,income,age\n1,10,30\n2,-20,31\n3,3,3\n7,7,77\n8,8,88\n9,9,99\n");
    weir(0, "run", "loans");
    assertThat(query("select * from t.doubled order by id"))
        .isEqualTo("id,twice;1,20;7,14;8,16;9,18;");
    assertThat(replay(2, "t.quarantine@1", "age = 1 + age", null).err())
        .contains("dataset:t.quarantine@1 is not the last that was put aside");
  }

  private TestProject.Said replay(int code, String quarantine, String set, String where) {
    return where == null
        ? weir(
            code, "quarantine", "replay", quarantine, "--set", set, "--by=Ada", "--reason=the sign")
        : weir(
            code,
            "quarantine",
            "replay",
            quarantine,
            "--set",
            set,
            "--where",
            where,
            "--by=Ada",
            "--reason=the sign");
  }

  @Test
  void whatAGateRefusedIsAcceptedByName() {
    project.file("loans.csv", "id,income,age\n1,10,30\n2,-20,31\n3,30,32\n");
    assertThat(weir(2, "run", "loans", "--accept=t.raw").err()).contains("No reason is given.");
    assertThat(weir(2, "run", "loans", "--reason=known").err())
        .contains("--reason and --by say why something is accepted, and nothing is.");

    TestProject.Said halted = weir(3, "run", "loans");

    Matcher command =
        Pattern.compile("\\./weir resume (\\S+) --accept t\\.raw --by NAME --reason WHY")
            .matcher(halted.out());
    assertThat(command.find()).as(halted.out()).isTrue();
    assertThat(weir(2, "run", "loans", "--accept=t.row", "--reason=known").err())
        .contains("No gate of the pipeline loans has checked t.row yet.");
    TestProject.Said resumed =
        weir(
            0,
            "resume",
            command.group(1),
            "--accept",
            "t.raw",
            "--by",
            "Ada",
            "--reason",
            "the branch was closed");
    assertThat(resumed.out())
        .containsPattern(
            "Accepted by \\S+ for Ada: dataset:t\\.raw@0, though loans/validate refused it for row-count");
    // What is put aside is put aside all the same.
    assertThat(query("select * from t.doubled order by id")).isEqualTo("id,twice;1,20;3,60;");
    assertThat(
            query(
                "select attempt, name, passed, overridden = i.id as overridden, claimed_by, i.reason from lineage.checks c left join lineage.interventions i on c.overridden = i.id where name = 'row-count' order by attempt"))
        .isEqualTo(
            "attempt,name,passed,overridden,claimed_by,reason;1,row-count,false,,,;2,row-count,false,true,Ada,the branch was closed;");
    assertThat(weir(0, "audit", "log").out())
        .containsPattern(
            "gate-overridden\\s+dataset:t\\.raw@0 at loans/validate by .* for Ada: the branch was closed");
    weir(0, "audit", "verify");
    assertThat(weir(0, "quality", "t.raw").out())
        .containsPattern(
            "! row-count .*accepted all the same by \\S+ for Ada: the branch was closed; there are")
        .doesNotContain("halts what comes after");
    Path page = folder.resolve("quality.html");
    weir(0, "quality", "t.raw", "--html", page.toString());
    assertThat(page)
        .content()
        .containsPattern("It was accepted all the same by \\S+ for Ada: the branch was closed\\.");
    assertThat(weir(0, "run", "loans", "--accept=t.raw@0", "--reason=again").out())
        .contains("all 3 stages: nothing had changed");
    assertThat(query("select count(*) as deeds from lineage.interventions")).isEqualTo("deeds;1;");
  }
}
