package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pins and vacuum as a person meets them, on one home in which a pipeline ran three times, the
 * second time up to a model. What is deleted stays deleted, so the tests have an order.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VacuumCommandTest {
  @TempDir static Path temporary;

  private static TestProject project;

  @BeforeAll
  static void runs() {
    TestSession.start();
    project =
        new TestProject(temporary.resolve("a folder"))
            .pipeline(
                "shop",
                """
                pipeline: shop
                stages:
                  - uses: ingest
                    with: { source: { format: csv, path: in.csv }, into: shop.raw }
                  - uses: sql
                    with: { from: shop.raw, into: shop.clean, statement: "select * from shop.raw where visits > 0" }
                """)
            .pipeline(
                "model",
                """
                pipeline: model
                params: { seed: 7 }
                stages:
                  - uses: train
                    with:
                      from: shop.clean
                      into: shop.churn
                      label: churned
                      key: id
                      stages:
                        - VectorAssembler: { inputCols: [ visits ], outputCol: features }
                        - LogisticRegression: { maxIter: 2 }
                  - uses: predict
                    with: { from: shop.clean, model: shop.churn, into: shop.predictions, keep: [ id, churned ] }
                  - uses: evaluate
                    with: { from: shop.predictions, into: shop.evaluation, model: shop.churn, label: churned, task: binary }
                  - uses: register
                    with: { model: shop.churn, evaluation: shop.evaluation }
                """)
            .pipeline(
                "old",
                """
                pipeline: old
                stages:
                  - uses: sql
                    with: { from: shop.clean@0, into: shop.old, statement: select * from shop.clean }
                """);
    for (int run = 1; run <= 3; run++) {
      deliver(run);
      done("run", "shop");
      if (run == 2) {
        done("run", "model");
      }
    }
  }

  /** Another delivery of forty rows. */
  private static void deliver(int number) {
    StringBuilder csv = new StringBuilder("id,visits,churned\n");
    for (int id = 1; id <= 40; id++) {
      csv.append("%d,%d,%d%n".formatted(id, id * number % 7, id * 5 % 3 == 0 ? 1 : 0));
    }
    project.file("in.csv", csv.toString());
  }

  private static TestProject.Said done(String... arguments) {
    TestProject.Said said = project.weir(arguments);
    assertThat(said.code()).as(said.out() + said.err()).isZero();
    return said;
  }

  private static void refused(String text, String... arguments) {
    TestProject.Said said = project.weir(arguments);
    assertThat(said.err()).isEqualTo("weir: " + text + System.lineSeparator());
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(project.folder().resolve(".weir/datasets"))) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .toList();
    }
  }

  @Test
  @Order(1)
  void pinsSayWhatStaysForWhom() throws Exception {
    TestProject.Said said = done("pins", "shop.clean");
    assertThat(said.lines()).hasSize(3);
    assertThat(said.lines().get(0))
        .matches("dataset +held for +since \\(UTC\\) +until \\(UTC\\) +why");
    assertThat(said.lines().get(1))
        .matches("dataset:shop.clean@1  model:shop.churn@1  \\S+ \\S+ +registered");
    assertThat(said.lines().get(2))
        .matches("dataset:shop.clean@2  everybody           \\S+ \\S+ +the latest version");
    assertThat(done("pins").lines()).hasSize(1 + 2 + 2 + 2 + 2);

    JsonNode pin = new ObjectMapper().readTree(done("pins", "shop.raw", "--json").lines().get(0));
    assertThat(pin.get("reference").asText()).isEqualTo("dataset:shop.raw@1");
    assertThat(pin.get("holder").asText()).isEqualTo("model:shop.churn@1");
    assertThat(pin.get("kind").asText()).isEqualTo("model");
    assertThat(pin.get("until").isNull()).isTrue();
    assertThat(pin.get("deleted").asBoolean()).isFalse();

    refused(
        "There is no dataset 'shop.claen'; did you mean 'shop.clean'? There are shop.clean, shop.evaluation, shop.predictions, shop.raw.",
        "pins",
        "shop.claen");
    refused(
        "No reason is given. Say with --reason why: it is kept for good, for whoever asks later.",
        "pins",
        "release",
        "shop.clean@1",
        "--holder=model:shop.churn@1");
    refused(
        "dataset:shop.clean@2 is the latest version, which stays for everybody. Publish a newer one; this one then stays for those that name it.",
        "pins",
        "release",
        "shop.clean@2",
        "--holder=everybody",
        "--reason=x");
  }

  @Test
  @Order(2)
  void aDryRunDeletesNothing() throws Exception {
    // All of it was written a moment ago.
    TestProject.Said young = done("vacuum", "--reason=space", "--yes");
    assertThat(young.lines().get(young.lines().size() - 1))
        .isEqualTo("There is nothing to delete.");
    FileTime then = FileTime.from(Instant.now().minus(Duration.ofDays(8)));
    for (Path file : files()) {
      Files.setLastModifiedTime(file, then);
    }
    List<Path> before = files();

    TestProject.Said said = done("vacuum", "--dry-run");

    assertThat(said.lines().get(0))
        .matches("dataset +versions that go +that stay +files +size +stay for");
    assertThat(said.lines().get(1))
        .matches("shop.clean +0 +1, 2 +\\d +\\d.* k?B +everybody, model:shop.churn@1");
    assertThat(said.lines().get(2)).matches("shop.evaluation +- +0 +0 +0 B +everybody, model.*");
    assertThat(said.lines().get(4))
        .matches("shop.raw +0 +1, 2 +\\d +\\d.* k?B +everybody, model:shop.churn@1");
    assertThat(said.lines().get(5)).isEqualTo("Nothing was deleted: this was a dry run.");
    assertThat(files()).isEqualTo(before);

    refused(
        "No reason is given. Say with --reason why: it is kept for good, for whoever asks later.",
        "vacuum");
    refused(
        "There is no dataset 'shop.rwa'; did you mean 'shop.raw'? There are shop.clean, shop.evaluation, shop.predictions, shop.raw.",
        "vacuum",
        "shop.rwa",
        "--dry-run");
    TestProject.Said unasked = project.weir("vacuum", "shop.raw", "--reason=space");
    assertThat(unasked.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unasked.err())
        .matches(
            "weir: \\d files? \\(\\S+ k?B\\) would be deleted, and there is nobody to ask\\. Add --yes to delete them, or --dry-run to look only\\.\\R");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  @Order(3)
  void whatWentIsMadeAgain() throws Exception {
    int before = files().size();

    TestProject.Said said = done("vacuum", "--yes", "--reason=the disk is full", "--by=Grace");

    assertThat(said.lines().subList(5, 7))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .matches(
                        "shop.clean: \\d files? deleted, .*; version 0 can't be read any more"),
            line ->
                assertThat(line)
                    .matches("shop.raw: \\d files? deleted, .*; version 0 can't be read any more"));
    assertThat(files()).hasSizeLessThan(before);
    assertThat(
            done(
                    "sql",
                    "--format=csv",
                    "select name, gone_versions, file_count > 0 as files, claimed_by, reason from lineage.deletions order by at")
                .lines())
        .containsExactly(
            "name,gone_versions,files,claimed_by,reason",
            "shop.clean,[0],false,Grace,the disk is full",
            "shop.clean,[],true,Grace,the disk is full",
            "shop.raw,[0],false,Grace,the disk is full",
            "shop.raw,[],true,Grace,the disk is full");
    // The model's data is all there.
    assertThat(done("sql", "--format=csv", "select count(*) as n from shop.evaluation").lines())
        .hasSize(2);

    TestProject.Said old = project.weir("run", "old");
    assertThat(old.code()).isEqualTo(ExitCode.USAGE);
    assertThat(old.err())
        .matches(
            "weir: The files of dataset:shop.clean@0, which the pipeline reads, were deleted on \\S+ by \\S+ for Grace: the disk is full\\. Name a version that is there, .*\\R");
    deliver(1);
    assertThat(done("plan", "shop").out())
        .containsPattern("run +ingest +.*its files were deleted on \\S+ by \\S+ for Grace");
    done("run", "shop");
    assertThat(done("pins", "shop.raw").lines().get(2)).startsWith("dataset:shop.raw@");
  }

  @Test
  @Order(4)
  void aReleasedPinGoesWithTheNextVacuum() throws Exception {
    TestProject.Said released =
        done(
            "pins",
            "release",
            "dataset:shop.raw@1",
            "--holder=model:shop.churn@1",
            "--reason=asked for by a customer");
    assertThat(released.out())
        .isEqualTo(
            "dataset:shop.raw@1 is no longer kept for model:shop.churn@1. Nothing pins it any more: the next ./weir vacuum may delete it.%n"
                .formatted());

    TestProject.Said said = done("vacuum", "shop.raw", "--yes", "--reason=asked for");

    assertThat(said.lines().get(2))
        .matches("shop.raw: \\d files? deleted, .*; versions 1, 2 can't be read any more");
    assertThat(done("pins", "shop.raw").lines()).hasSize(2);
    assertThat(done("pins", "shop.clean").lines()).hasSize(3);
  }

  @Test
  @Order(5)
  void versionsAreWrittenAsRanges() {
    assertThat(VacuumAction.versions(List.of())).isEqualTo("-");
    assertThat(VacuumAction.versions(List.of(0L))).isEqualTo("0");
    assertThat(VacuumAction.versions(List.of(0L, 1L, 3L, 5L, 6L, 7L, 8L)))
        .isEqualTo("0, 1, 3, 5-8");
  }

  @Test
  void aHomeWithoutRunsSaysSo() {
    TestProject empty = new TestProject(temporary.resolve("empty"));
    TestProject.Said said = empty.weir("vacuum", "--dry-run");
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).startsWith("weir: Nothing has been run in the home ");
    assertThat(empty.weir("pins").err()).startsWith("weir: Nothing has been run in the home ");
  }
}
