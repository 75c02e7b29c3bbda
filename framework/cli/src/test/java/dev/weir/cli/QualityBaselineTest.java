package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a person does about a level that is not what it was, on one home to which four deliveries
 * came. What is accepted stays so, so the tests have an order.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QualityBaselineTest {
  private static final String PIPELINE =
      """
      pipeline: shop
      params: { most: { type: int, default: 100 } }
      stages:
        - uses: ingest
          with: { source: { format: csv, path: in.csv }, into: shop.raw }
        - uses: validate
          with:
            from: shop.raw
            into: shop.clean
            checks: [ { range: price, max: "${most}" } ]
            history: [ { normal: price.mean, at-least: 2, owner: ada } ]
      """;

  @TempDir static java.nio.file.Path temporary;

  private static TestProject project;

  @BeforeAll
  static void runs() {
    TestSession.start();
    project = new TestProject(temporary.resolve("a folder")).pipeline("shop", PIPELINE);
    for (int level : new int[] {20, 21, 19}) {
      deliver(level);
      assertThat(project.weir("run", "shop").code()).isZero();
    }
    deliver(60);
  }

  /** Forty prices around a level. */
  private static void deliver(int level) {
    StringBuilder csv = new StringBuilder("id,price\n");
    for (int id = 1; id <= 40; id++) {
      csv.append("%d,%d%n".formatted(id, level + id % 5 - 2));
    }
    project.file("in.csv", csv.toString());
  }

  @Test
  @Order(1)
  void aDeviationSaysWhereToLookAndWhatToDo() {
    TestProject.Said said = project.weir("run", "shop");

    assertThat(said.code()).isEqualTo(ExitCode.HALTED);
    assertThat(said.out())
        .contains("normal mean price: 60; from ")
        .contains("is expected, learned from 3 versions, dataset:shop.raw@0 to dataset:shop.raw@2")
        .contains("./weir quality accept-baseline shop.raw@3 --reason …");
    String query =
        said.lines().stream()
            .map(String::strip)
            .filter(line -> line.startsWith("select version, accepted, mean"))
            .findFirst()
            .orElseThrow();
    assertThat(project.weir("sql", "--format=csv", query).lines())
        .contains("0,true,20.0", "1,true,21.0", "2,true,19.0", "3,false,60.0");
  }

  @Test
  @Order(2)
  void expectationsAreTriedOnAnyVersionWithoutConsequences() throws IOException {
    List<String> before = project.weir("runs").lines();
    long events = events();

    TestProject.Said second = project.weir("quality", "check", "shop.raw@2");
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.out())
        .contains("dataset:shop.raw@2, by stage 'validate' of shop as it is written now:")
        .contains("  passed  range price: 0 of 40 rows (0 %) are above 100; at most 0 % may be")
        .contains("learned from 2 versions, dataset:shop.raw@0 to dataset:shop.raw@1")
        .contains("It would be accepted. Nothing was recorded.");

    TestProject.Said fourth = project.weir("quality", "check", "dataset:shop.raw", "--json");
    assertThat(fourth.code()).isEqualTo(ExitCode.HALTED);
    JsonNode judged = new ObjectMapper().readTree(fourth.lines().get(1));
    assertThat(judged.path("name").asText()).isEqualTo("normal mean");
    assertThat(judged.path("column").asText()).isEqualTo("price");
    assertThat(judged.path("subject").asText()).isEqualTo("dataset:shop.raw@3");
    assertThat(judged.path("halts").asBoolean()).isTrue();
    assertThat(judged.path("value").asDouble()).isEqualTo(60);
    assertThat(judged.path("high").asDouble()).isBetween(21.0, 25.0);
    assertThat(judged.path("learned_from")).hasSize(3);
    // What is drawn is held against the same past: the page's own rule would ask for five versions.
    JsonNode drawn = null;
    for (JsonNode figure :
        new ObjectMapper()
            .readTree(project.weir("quality", "shop.raw", "--json").out())
            .path("figures")) {
      drawn = figure.path("figure").asText().equals("price.mean") ? figure : drawn;
    }
    assertThat(drawn).isNotNull();
    assertThat(drawn.path("outcome").asText()).isEqualTo("deviates");
    assertThat(drawn.path("expected_high")).isEqualTo(judged.path("high"));
    assertThat(drawn.path("learned_from")).isEqualTo(judged.path("learned_from"));

    // Another bound, as it would be written.
    TestProject.Said stricter =
        project.weir("quality", "check", "shop.raw@1", "--pipeline=shop", "--param=most=22");
    assertThat(stricter.code()).isEqualTo(ExitCode.HALTED);
    assertThat(stricter.out())
        .contains("FAILED  range price: 8 of 40 rows (20 %) are above 22; at most 0 % may be")
        .contains("It would be halted. Nothing was recorded.");

    assertThat(events()).isEqualTo(events);
    assertThat(project.weir("runs").lines()).isEqualTo(before);
  }

  private static long events() {
    try (HomeReader home = HomeReader.open(project.home())) {
      return home.lineage().eventsVersion();
    }
  }

  @Test
  @Order(3)
  void whatThereIsNotIsSaid() {
    assertThat(project.weir("quality", "check", "shop.rw").err())
        .contains("There is no dataset shop.rw in the home; did you mean 'shop.raw'?");
    assertThat(project.weir("quality", "check", "shop.clean").err())
        .contains("No pipeline has looked into shop.clean yet.")
        .contains("Say with --pipeline which one expects something of it.");
    TestProject.Said other = project.weir("quality", "check", "shop.clean", "--pipeline=shop");
    assertThat(other.code()).isEqualTo(ExitCode.USAGE);
    assertThat(other.err())
        .contains("The pipeline shop expects nothing of shop.clean.")
        .contains("It validates shop.raw.");
    assertThat(project.weir("quality", "accept-baseline", "shop.raw@3").err())
        .contains("No reason is given.");
    assertThat(project.weir("quality", "accept-baseline", "shop.raw@9", "--reason=why").err())
        .contains("There is no profile of dataset:shop.raw@9.")
        .contains("The newest that was looked into is dataset:shop.raw@3.");
    TestProject.Said figure =
        project.weir("quality", "accept-baseline", "shop.raw", "--figure=price.men", "--reason=w");
    assertThat(figure.code()).isEqualTo(ExitCode.USAGE);
    assertThat(figure.err())
        .contains("'price.men' is not a figure of a profile")
        .contains("did you mean 'mean'?");
  }

  @Test
  @Order(4)
  void aNewLevelIsAcceptedByNameAndIsAudited() {
    TestProject.Said said =
        project.weir(
            "quality",
            "accept-baseline",
            "shop.raw@3",
            "--figure=price.mean",
            "--reason=the new price list",
            "--by=Grace");

    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.out())
        .isEqualTo(
            "From dataset:shop.raw@3 on, price.mean is learned from what came since; that version itself passes.\n");
    assertThat(
            project
                .weir(
                    "sql",
                    "--format=csv",
                    "select reference, figures, claimed_by, reason from lineage.baselines")
                .lines())
        .endsWith("dataset:shop.raw@3,\"[\"\"price.mean\"\"]\",Grace,the new price list");
    assertThat(project.weir("audit", "log").out()).contains("the new price list");
    assertThat(project.weir("audit", "verify").code()).isZero();

    assertThat(project.weir("quality", "check", "shop.raw@3").code()).isZero();
    TestProject.Said run = project.weir("run", "shop");
    assertThat(run.code()).as(run.out()).isZero();
    deliver(61);
    assertThat(project.weir("run", "shop").code()).isZero();
    assertThat(
            project
                .weir(
                    "sql",
                    "--format=csv",
                    "select severity, expected from lineage.checks where subject = 'dataset:shop.raw@4' and name = 'normal mean'")
                .lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("too little history to judge: dataset:shop.raw@3")
                    .startsWith("warn,"));
  }
}
