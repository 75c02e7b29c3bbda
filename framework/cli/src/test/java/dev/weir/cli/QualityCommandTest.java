package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.artifact.DatasetName;
import dev.weir.report.QualityReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QualityCommandTest {
  @TempDir static Path folder;

  private static TestProject project;

  @BeforeAll
  static void home() {
    project = new TestProject(folder);
    CheckedHome.make(folder.resolve(".weir"));
  }

  private static String drawn(String dataset, int columns, boolean colour) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (HomeReader home = HomeReader.open(project.home());
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      QualityReport report =
          QualityReport.of(home.lineage(), DatasetName.parse(dataset), null, null);
      new QualityText(report, to, new Ansi(true, 24, columns, colour)).print();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void drawsChecksFiguresAndDrift() throws Exception {
    String drawn = drawn("shop.raw", 100, false);
    Path made = Path.of("target/golden/quality.txt");
    Files.createDirectories(made.getParent());
    Files.writeString(made, drawn);
    assertThat(drawn)
        .isEqualTo(
            new String(
                QualityCommandTest.class.getResourceAsStream("quality.txt").readAllBytes(),
                StandardCharsets.UTF_8));
  }

  @Test
  void fitsTheTerminalAndIsInColourThereOnly() {
    for (int columns : List.of(40, 72, 120)) {
      assertThat(drawn("shop.raw", columns, false).lines())
          .as("%d columns", columns)
          .allMatch(line -> line.codePointCount(0, line.length()) <= columns);
    }
    assertThat(drawn("shop.raw", 100, true).replaceAll("\u001b\\[[0-9]+m", ""))
        .isEqualTo(drawn("shop.raw", 100, false));
    assertThat(drawn("shop.raw", 100, true)).contains("\u001b[31m✗\u001b[0m range income");
    TestProject.Said piped = project.weir("quality", "shop.raw");
    assertThat(piped.code()).isZero();
    assertThat(piped.out()).doesNotContain("\u001b").contains("150 of 150 rows (100 %)");
  }

  @Test
  void aVersionIsShownAsItWasThen() {
    String then = project.weir("quality", "shop.clean@3").out();
    assertThat(then)
        .startsWith("shop.clean@3  accepted")
        .contains(
            "shop/validate looked at shop.raw@3 (159 rows) and published shop.clean@3, 2026-01-04 06:00:00 UTC, in run run-3",
            "4 of 4 hold; from shop.raw@0 to @3, 4 times",
            "too little history: 3 of 5",
            "drift  from shop.clean@2, which shop.churn@1, the champion, was trained on")
        .doesNotContain("failed first");
    assertThat(project.weir("quality", "shop.raw@3", "--against", "shop.raw@1").out())
        .startsWith("shop.raw@3  accepted")
        .contains("drift  from shop.raw@1, as asked for", "no drift in 4 columns");
    assertThat(project.weir("quality", "shop.clean@0").out())
        .doesNotContain("\ndrift  from shop.raw");
  }

  @Test
  void sayTheSameAsData() throws Exception {
    TestProject.Said said =
        project.weir("quality", "dataset:shop.raw", "--json", "--against", "model:shop.churn@1");
    assertThat(said.code()).isZero();
    JsonNode json = new ObjectMapper().readTree(said.out());
    assertThat(json.path("shown").path("reference").asText()).isEqualTo("dataset:shop.raw@8");
    assertThat(json.path("shown").path("accepted").asBoolean()).isFalse();
    assertThat(json.path("inspections")).hasSize(9);
    JsonNode range = json.path("checks").get(1);
    assertThat(range.path("column").asText()).isEqualTo("income");
    assertThat(range.path("owner").asText()).isEqualTo("Ada <ada@example.com>");
    assertThat(range.path("trend")).hasSize(9);
    assertThat(range.path("failed_first").path("reference").asText())
        .isEqualTo("dataset:shop.raw@8");
    JsonNode warned = json.path("checks").get(2).path("failed_first");
    assertThat(warned.path("reference").asText()).isEqualTo("dataset:shop.raw@5");
    assertThat(warned.path("over_since").isNull()).isTrue();
    JsonNode mean = null;
    for (JsonNode figure : json.path("figures")) {
      if (figure.path("figure").asText().equals("income.mean")) {
        mean = figure;
      }
    }
    assertThat(mean).isNotNull();
    assertThat(mean.path("outcome").asText()).isEqualTo("deviates");
    assertThat(mean.path("value").asDouble()).isBetween(25.0, 30.0);
    assertThat(mean.path("expected_low").asDouble()).isBetween(20_000.0, 28_000.0);
    assertThat(mean.path("learned_from")).hasSize(8);
    assertThat(mean.path("trend").get(4).path("expected_low").isNull()).isTrue();
    assertThat(mean.path("trend").get(5).path("expected_low").isNull()).isFalse();
    assertThat(json.path("drift").path("reference").asText()).isEqualTo("dataset:shop.clean@2");
    assertThat(json.path("drift").path("columns").get(1).path("outcome").asText())
        .isEqualTo("drifted");
  }

  @Test
  void thePageNeedsNothingElseAndSaysWhatItIsTold() throws Exception {
    Path file = folder.resolve("quality.html");
    TestProject.Said said = project.weir("quality", "shop.raw", "--html", file.toString());
    assertThat(said.code()).isZero();
    assertThat(said.out()).isEqualToIgnoringNewLines("Wrote " + file);
    String html = Files.readString(file);
    Files.createDirectories(Path.of("target/golden"));
    Files.writeString(Path.of("target/golden/quality.html"), html);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .endsWith("</html>\n")
        .contains(
            "<meta charset=\"utf-8\">",
            "prefers-color-scheme: dark",
            "<span class=\"verdict bad\">not accepted</span>",
            "150 of 150 rows (100 %) are below 1000; at most 0 % may be.",
            "Ada &lt;ada@example.com&gt; looks after it.",
            "<title>shop.raw@8, 2026-01-09 06:00:00 UTC, not accepted: ",
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;so&quot;",
            "&lt;b&gt;0&lt;/b&gt;",
            "Held against shop.clean@2, which shop.churn@1, the champion, was trained on.")
        .doesNotContain("<script", "<b>0", "src=", "href=", "url(", "http", "@import");
    assertThat(html.split("<svg", -1)).hasSameSizeAs(html.split("</svg>", -1));
    assertThat(html).doesNotContain("NaN\"", "Infinity", "null\"");
  }

  @Test
  void saysWhatIsKnownInsteadOfWhatIsNot() {
    assertThat(project.weir("quality", "shop.row"))
        .returns(2, TestProject.Said::code)
        .returns(
            "weir: There is no dataset 'shop.row'. There are shop.clean." + System.lineSeparator(),
            TestProject.Said::err);
    assertThat(project.weir("quality", "shop.clean@8").err())
        .isEqualToIgnoringNewLines(
            "weir: No check has looked at version 8 of shop.clean. They have at shop.clean: versions 0, 1, 2, 3, 4, 5, 6, 7.");
    assertThat(project.weir("quality", "shop.raw@nine").err())
        .isEqualToIgnoringNewLines(
            "weir: 'nine' is not a version of a dataset: it is a number. Write it as credit.clean, or credit.clean@3 for a version.");
    assertThat(project.weir("quality", "shop.raw", "--against", "shop.raw@77").err())
        .isEqualToIgnoringNewLines(
            "weir: No profile of dataset:shop.raw@77 is kept. There are some of shop.raw: versions 0, 1, 2, 3, 4, 5, 6, 7, 8.");
    assertThat(project.weir("quality", "shop.raw", "--against", "model:shop.churn@2").err())
        .startsWith("weir: There is no version 2 of shop.churn.");
    assertThat(project.weir("quality", "shop.raw", "--json", "--html", "x").err())
        .startsWith("weir: --json and --html can't both be given.");
    assertThat(project.weir("quality", "shop.raw", "--html", "no/such/folder.html").err())
        .contains("can't be written", "Name a file in a folder that there is");
  }

  @Test
  void aSparklineShowsWhatIsMissing() {
    assertThat(
            Sparkline.of(
                List.of(
                    OptionalDouble.of(1),
                    OptionalDouble.empty(),
                    OptionalDouble.of(Double.NaN),
                    OptionalDouble.of(8),
                    OptionalDouble.of(4.5))))
        .containsExactly("▁", "·", "·", "█", "▅");
    assertThat(Sparkline.of(List.of(OptionalDouble.of(3), OptionalDouble.of(3))))
        .containsExactly("▁", "▁");
  }
}
