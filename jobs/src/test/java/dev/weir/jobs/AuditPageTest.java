package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Main;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.run.RunResult;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of an auditor's questions, on a home that is made as the page says, with fewer rows. */
class AuditPageTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^\\$ \\./weir (.*)$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  @TempDir static Path folder;

  private static Path home;
  private static RunResult first;
  private static RunResult second;

  private record Said(int code, String out, String err) {}

  @BeforeAll
  static void makeTheHome() throws InterruptedException {
    home = folder.resolve("home");
    first = credit(18);
    second = credit(19);
    done("approve", "credit.default@1", "--reason=better than a constant rate", "--by=ben");
    done("alias", "credit.default@1", "champion", "--reason=the first model");
    done("reject", "credit.default@2", "--reason=not looked at yet");
    done(
        "alias",
        "credit.default@2",
        "champion",
        "--from=credit.default@1",
        "--reason=a month more of data",
        "--override");
  }

  private static RunResult credit(int months) throws InterruptedException {
    RunResult result =
        Runs.run(
            Runs.load(Runs.ROOT, "credit", Map.of("months", String.valueOf(months), "rows", "120")),
            Runs.ROOT,
            home);
    assertThat(result.state()).as("%s", result.error()).isEqualTo(RunState.SUCCEEDED);
    return result;
  }

  private static Said weir(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--directory=" + Runs.ROOT);
    all.add("--home=" + home.toUri());
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream saidOut = new ByteArrayOutputStream();
    ByteArrayOutputStream saidErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(saidOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(saidErr, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(all.toArray(String[]::new));
      return new Said(
          code, saidOut.toString(StandardCharsets.UTF_8), saidErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static String done(String... words) {
    Said said = weir(words);
    assertThat(said.code()).as("%s\n%s%s", List.of(words), said.out(), said.err()).isZero();
    return said.out();
  }

  private static List<String> rows(String sql) {
    return done("sql", sql, "--format=csv").lines().skip(1).toList();
  }

  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      words.add(
          matcher.group(1) != null
              ? matcher.group(1)
              : matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
    }
    return words;
  }

  @Test
  void everyCommandOnThePageHasAnAnswer() throws Exception {
    String page = Files.readString(Runs.ROOT.resolve("framework/AUDIT.md"));
    int asked = 0;
    Matcher matcher = COMMAND.matcher(page);
    while (matcher.find()) {
      List<String> words = words(matcher.group(1));
      // To make a model again takes as long as to make it; ReproduceTest does.
      if (!words.get(0).equals("reproduce")) {
        assertThat(done(words.toArray(String[]::new)).lines())
            .as(matcher.group())
            .hasSizeGreaterThan(words.get(0).equals("sql") ? 2 : 0);
        asked++;
      }
    }
    assertThat(asked).isGreaterThan(15);
  }

  @Test
  void aModelLeadsToEveryVersionAndFileThatItsRunRead() {
    TreeSet<String> expected =
        first.stages().stream()
            // What scored and judged it came after it, and led to its registration.
            .filter(stage -> !stage.stage().equals("register"))
            .flatMap(stage -> stage.reads().stream())
            .map(read -> read.reference())
            .filter(reference -> !reference.startsWith("candidate:"))
            .collect(Collectors.toCollection(TreeSet::new));
    expected.add("dataset:credit.evaluation@0");

    assertThat(
            rows(
                "select distinct reference from lineage_upstream('model:credit.default@1') where kind in ('dataset', 'file')"))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void whatCameOfABadVersionIsWhatBothRunsMadeOfIt() {
    // The month more is none to train on: the second run used the model of the first again.
    assertThat(Runs.stage(second, "train").state()).isEqualTo(StageState.REUSED);
    assertThat(
            rows(
                "select distinct reference from lineage_downstream('dataset:credit.train@0') where depth > 0 and kind in ('dataset', 'model')"))
        .containsExactlyInAnyOrder(
            "dataset:credit.predictions@0",
            "dataset:credit.scored@0",
            "dataset:credit.evaluation@0",
            "model:credit.default@1",
            "dataset:credit.predictions@1",
            "dataset:credit.scored@1",
            "dataset:credit.evaluation@1",
            "model:credit.default@2");
  }

  @Test
  void whatWasInProductionAndWhoPutItThereIsKnownForEveryMoment() {
    assertThat(
            rows(
                "select reference, valid_to is null, overrode from lineage.alias_periods order by valid_from"))
        .containsExactly(
            "model:credit.default@1,false,",
            "model:credit.default@2,true,model:credit.default@2 is rejected.");
    assertThat(
            rows(
                "select reference, decision, evaluation, claimed_by from lineage.reviews order by at"))
        .containsExactly(
            "model:credit.default@1,APPROVED,dataset:credit.evaluation@0,ben",
            "model:credit.default@2,REJECTED,dataset:credit.evaluation@1,");
    assertThat(second.registered()).hasSize(1);
  }

  @Test
  void theChainHoldsAllOfIt() {
    assertThat(done("audit", "verify")).contains("Everything is as it was recorded");
    assertThat(rows("select kind from lineage.audit where kind <> 'seal' order by number"))
        .containsExactly(
            "registered", "registered", "approved", "alias-moved", "rejected", "alias-moved");
  }
}
