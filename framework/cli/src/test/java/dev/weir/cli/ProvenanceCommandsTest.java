package dev.weir.cli;

import static dev.weir.lineage.Fact.Review.APPROVED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What models were made from: told apart, made again, and made anew from better data. */
@Timeout(300)
class ProvenanceCommandsTest {
  private static final String SHOP =
      """
      pipeline: shop
      stages:
        - uses: ingest
          with: { source: { format: csv, path: in.csv }, into: shop.raw }
        - uses: sql
          with:
            from: shop.raw
            into: shop.customers
            statement: select * except (_corrupt_record) from shop.raw
      """;

  private static final String CHURN =
      """
      pipeline: churn
      params:
        seed: 42
        iterations: { type: int, default: 20 }
      stages:
        - uses: train
          with:
            from: shop.customers
            into: shop.churn
            label: churned
            key: id
            stages:
              - VectorAssembler: { inputCols: [ visits, spent ], outputCol: features }
              - LogisticRegression: { maxIter: "${iterations}" }
        - uses: predict
          with: { from: shop.customers, model: shop.churn, into: shop.predictions }
        - uses: evaluate
          with:
            from: shop.predictions
            into: shop.evaluation
            model: shop.churn
            label: churned
            task: binary
        - uses: register
          with: { model: shop.churn, evaluation: shop.evaluation }
      """;

  private static final Actor ADA = new Actor("ada", "ship", null);

  @TempDir static Path folder;

  private static TestProject project;
  private static String first;
  private static String second;

  @BeforeAll
  static void makeTwoModels() {
    TestSession.start();
    project =
        new TestProject(folder.resolve("project"))
            .file("in.csv", rows(1))
            .pipeline("shop", SHOP)
            .pipeline("churn", CHURN);
    run(project, "shop");
    first = run(project, "churn");
    second = run(project, "churn", "--param", "iterations=2");
    deed(
        project,
        new Fact.ModelReviewed(
            Instant.now(), ADA, "model:shop.churn@2", APPROVED, "0", null, "looks fine", null));
  }

  private static void deed(TestProject project, Fact.Deed deed) {
    try (Home home = Home.open(project.folder().resolve(".weir"))) {
      Events.open(home).append(List.of(deed));
    }
  }

  private static String rows(int factor) {
    StringBuilder rows = new StringBuilder("id,visits,spent,churned\n");
    for (int i = 1; i <= 200; i++) {
      int visits = i * 37 % 23;
      double spent = visits * (5 + i * 53 % 17) * factor / 3.0;
      rows.append(i).append(',').append(visits).append(',').append(spent).append(',');
      rows.append(i * 71 % 19 - visits > 3 ? 1 : 0).append('\n');
    }
    return rows.toString();
  }

  /** Runs a pipeline; the id of its run. */
  private static String run(TestProject project, String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "run";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    TestProject.Said said = project.weir(all);
    assertThat(said.code()).as(said.out() + said.err()).isZero();
    Matcher run = Pattern.compile("run (\\S+) of " + arguments[0]).matcher(said.out());
    assertThat(run.find()).as(said.out()).isTrue();
    return run.group(1);
  }

  private static JsonNode json(TestProject.Said said) throws Exception {
    return new ObjectMapper().readTree(said.out());
  }

  @Test
  void twoModelsAreLaidSideBySide() throws Exception {
    TestProject.Said said = project.weir("diff", "model:shop.churn@1", "shop.churn@2");

    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("model:shop.churn@1  model:shop.churn@2\n")
        .containsPattern("(?m)^configuration\n  train stages\\[1\\]\\.params\\.maxIter +20 +2$")
        .containsPattern("(?m)^parameters$")
        .containsPattern("(?m)^  iterations +20 +2$")
        .containsPattern("(?m)^  train 1\\.LogisticRegression\\.maxIter +20 +2$")
        .containsPattern("(?m)^model\n  shop\\.churn learned +[0-9a-f]{12} +[0-9a-f]{12}$")
        .containsPattern("(?m)^reviews\n  review 1 +— +APPROVED by ada@\\S+: looks fine$")
        .containsPattern("(?m)^metrics$")
        .containsPattern("(?m)^  shop\\.predictions +@0  200 rows .* @1  200 rows ")
        .doesNotContain("shop.raw")
        .doesNotContain("differs")
        .containsPattern("(?m)^\\d+ differences of \\d+ values\\.$");

    TestProject.Said all = project.weir("diff", "shop.churn@1", "shop.churn", "--all");
    assertThat(all.out())
        .containsPattern("(?m)^  shop\\.raw +@0  200 rows  ([0-9a-f]{12})  @0  200 rows  \\1$")
        .containsPattern("(?m)^  iterations +20 +2 +differs$")
        .containsPattern("(?m)^  dev\\.weir\\.ml\\.Train +([0-9a-f]{16})  \\1$")
        .containsPattern("(?m)^files$")
        .containsPattern("(?m)^  vector_module +true +true$");

    JsonNode object = json(project.weir("diff", "shop.churn@2", "shop.churn@2", "--json"));
    assertThat(object.get("same").asBoolean()).isTrue();
    assertThat(object.get("differences")).isEmpty();
  }

  @Test
  void twoRunsAreLaidSideBySide() throws Exception {
    JsonNode object = json(project.weir("diff", first, second, "--json"));

    assertThat(object.get("first").asText()).isEqualTo(first);
    assertThat(object.get("same").asBoolean()).isFalse();
    assertThat(object.get("differences"))
        .extracting(
            one -> one.get("part").asText() + " " + one.get("name").asText(),
            one -> one.get("first").asText(),
            one -> one.get("second").asText())
        .contains(org.assertj.core.groups.Tuple.tuple("PARAMETERS iterations", "20", "2"));
    assertThat(object.get("differences"))
        .extracting(one -> one.get("part").asText() + " " + one.get("name").asText())
        .contains("MODEL shop.churn learned", "METRICS evaluate log-loss");
    assertThat(project.weir("diff", first, first).out()).contains("The same in all of ");
  }

  @Test
  void aModelIsReproduced() throws Exception {
    TestProject.Said said = project.weir("reproduce", "shop.churn@1");

    assertThat(said.code()).as(said.out() + said.err()).isZero();
    assertThat(said.out())
        .containsPattern("(?m)^  train succeeded in ")
        .containsPattern("(?m)^  dataset:shop\\.raw@0 as published +200 rows \\S+ +the same$")
        .containsPattern("(?m)^  dataset:shop\\.evaluation@0 +\\d rows \\S+ +the same$")
        .containsPattern("(?m)^  candidate:shop\\.churn@\\S+ +[0-9a-f]{12} +the same$")
        .containsPattern("(?m)^  auc-roc of evaluate +\\S+ +the same$")
        .containsPattern(
            "(?m)^IDENTICAL: model:shop.churn@1 comes out the same to the last bit, in ");

    JsonNode object = json(project.weir("reproduce", "shop.churn", "--json"));
    assertThat(object.get("verdict").asText()).isEqualTo("IDENTICAL");
    assertThat(object.get("causes")).isEmpty();
    assertThat(object.get("compared"))
        .extracting(one -> one.get("kind").asText() + " " + one.get("name").asText())
        .contains("PINNED dataset:shop.raw@0", "DATASET dataset:shop.predictions@1");
  }

  @Test
  void aReferenceToNothingIsSaid() {
    assertSaid(
        project.weir("reproduce", "shop.chrn@1"), "There is no model:shop.chrn@1 in the home");
    assertSaid(
        project.weir("reproduce", "shop.churn@9"),
        "There is no model:shop.churn@9 in the home; did you mean 'model:shop.churn@");
    assertSaid(
        project.weir("reproduce", "shop.churn@one"),
        "'one' is not a version of a model: it is a number.");
    assertSaid(
        project.weir("reproduce", "shop.churn@1", "--master", "spark://nowhere:7077"),
        "Executors of spark://nowhere:7077 reach no temporary folder of this machine. Name a folder that they reach with --into.");
    assertSaid(project.weir("diff", first, "2020"), "There is no run '2020'");
    assertSaid(
        project.weir("diff", "shop.churn@1", "shop.chrn@1"),
        "There is no model:shop.chrn@1 in the home");
    assertSaid(
        project.weir("rebuild", "--from", "shop.custmers@0"),
        "There is no dataset shop.custmers in the home; did you mean 'shop.customers'?");
    assertSaid(
        project.weir("rebuild", "--from", "dataset:shop.customers@77"),
        "There is no version 77 of shop.customers.");
    assertSaid(
        project.weir("rebuild", "--from", "model:shop.churn@1"),
        "model:shop.churn@1 is not a version of a dataset.");
  }

  private static void assertSaid(TestProject.Said said, String text) {
    assertThat(said.err()).contains(text).doesNotContain("Exception");
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
  }

  /** In a home of its own, since it makes versions. */
  @Test
  void whatCameFromABadVersionIsMadeAgain() throws Exception {
    TestProject bad =
        new TestProject(folder.resolve("bad"))
            .file("in.csv", rows(1))
            .pipeline("shop", SHOP)
            .pipeline("churn", CHURN)
            .pipeline(
                "sums",
                """
                pipeline: sums
                stages:
                  - uses: sql
                    with:
                      from: shop.predictions
                      into: shop.sums
                      statement: select sum(score) as total from shop.predictions
                """);
    run(bad, "shop");
    run(bad, "churn", "--param", "iterations=3");
    run(bad, "sums");
    deed(
        bad,
        new Fact.AliasMoved(
            Instant.now(),
            ADA,
            "shop.churn",
            "champion",
            null,
            "model:shop.churn@1",
            "it is the first",
            null));
    assertSaid(
        bad.weir("rebuild", "--from", "dataset:shop.customers@0"),
        "dataset:shop.customers@0 is the newest version of shop.customers: there is nothing better to make anything from. Publish a good version of it first.");
    bad.file("in.csv", rows(2));
    run(bad, "shop");

    TestProject.Said plan = bad.weir("rebuild", "--from", "dataset:shop.customers@0", "--plan");

    assertThat(plan.code()).isZero();
    assertThat(plan.out())
        .startsWith(
            "dataset:shop.customers@0 went into 5 versions; the newest is dataset:shop.customers@1\n")
        .contains("  made     dataset:shop.sums@0\n")
        .contains("  model    model:shop.churn@1, which is champion\n")
        .containsPattern("(?m)^2 pipelines to run$")
        .containsPattern(
            "(?s)\n  churn from (train and predict|predict and train): .*\n  sums from sql: sql\n    instead of dataset:shop\\.sums@0\n");
    JsonNode object =
        json(bad.weir("rebuild", "--from", "dataset:shop.customers@0", "--plan", "--json"));
    assertThat(object.at("/steps/0/pipeline").asText()).isEqualTo("churn");

    TestProject.Said rebuilt = bad.weir("rebuild", "--from", "dataset:shop.customers@0");

    assertThat(rebuilt.code()).as(rebuilt.out() + rebuilt.err()).isZero();
    assertThat(rebuilt.out())
        .contains("model   shop.churn@2")
        .containsPattern("(?m)sql succeeded in .*: shop\\.sums@1 1 row$");
    JsonNode learned =
        json(bad.weir("diff", "shop.churn@1", "shop.churn@2", "--json")).get("differences");
    assertThat(learned)
        .extracting(one -> one.get("part").asText() + " " + one.get("name").asText())
        .contains("DATA shop.customers", "MODEL shop.churn learned")
        .doesNotContain("PARAMETERS iterations");
    assertThat(bad.weir("rebuild", "--from", "dataset:shop.customers@0", "--plan").out())
        .contains("Nothing to do: all of it was made again since, or nothing came of it.");
  }
}
