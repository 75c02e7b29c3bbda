package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The benches in a short form: what they check of their own work, and what they print. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BenchTest {
  @TempDir Path folder;

  @Test
  void rerunsAreMeasuredAsWholeProcesses() throws Exception {
    TestProject.Said said =
        TestProject.execute(
            "bench", "reuse", "--stages=3", "--runs=1", "--pairs=0", "--work=" + folder);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .contains("3 stages, an ingest of 200 rows and layers of 7 sql stages; whole processes of ")
        .contains("all 3 stages reused in each; Spark was started in 0 of 1")
        .containsPattern("(?m)^  unchanged, run again, seconds: +median \\d")
        .containsPattern("(?m)^  unchanged, plan, seconds: +median \\d")
        .doesNotContain("ratio");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theNumberOfStagesIsMeasuredAndDrawn() throws Exception {
    Path work = Files.createDirectories(folder.resolve("work"));
    Path plot = folder.resolve("scale.svg");

    TestProject.Said said =
        TestProject.execute(
            "bench", "scale", "--stages=3,20", "--times=1", "--work=" + work, "--plot=" + plot);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .containsPattern("(?s)wide +stages .* cold, a plan of 20 stages: .*\n +3 +\\d.*\n +20 +\\d")
        .containsPattern("(?s)\ndeep +stages .* cold, a plan of 20 stages: .*\n +3 +\\d.*\n +20 ")
        .containsPattern("heap bounded at \\d+ MB.*; Spark not started");
    assertThat(work).isEmptyDirectory();
    var svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(plot.toFile());
    assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(6);
  }

  @Test
  void lineageIsAskedAndWritten() throws Exception {
    Path work = Files.createDirectories(folder.resolve("work"));
    Path plot = folder.resolve("lineage.svg");

    TestProject.Said said =
        TestProject.execute(
            "bench",
            "lineage",
            "--edges=400,800",
            "--times=1",
            "--commits=20",
            "--audit-rows=30,2000",
            "--writers=2",
            "--stages=5",
            "--work=" + work,
            "--plot=" + plot);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .containsPattern("(?m)^\\d{3} edges, \\d+ runs: made in .* files of edges and ")
        .containsPattern("(?m)^  weir lineage of a model, whole process, seconds: median \\d")
        .containsPattern("one writer, 20 stages, .*: median \\d+\\.\\d ms, 99th percentile ")
        .containsPattern("2 processes at once, 5 stages each: \\d")
        .containsPattern("(?m)^audit chain of 3\\d rows: weir audit verify, .*: median \\d")
        .containsPattern("(?m)^audit chain of 2,0\\d\\d rows: weir audit verify, .*: median \\d")
        .contains("all 10 stages there, each once; the audit chain is intact and seals all ");
    assertThat(work).isEmptyDirectory();
    assertThat(Files.readString(plot)).contains("<polyline");
  }

  @Test
  void stagesSideBySideAreMeasured() {
    TestSession.start();

    TestProject.Said said =
        new TestProject(folder)
            .weir("bench", "parallel", "--pairs=1", "--rows=1000", "--work=" + folder);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .contains("two independent stages of one task each, master local[2]: side by side")
        .containsPattern("(?m)^  side by side, seconds: +median \\d")
        .containsPattern("(?m)^  one after the other, seconds: +median \\d")
        .containsPattern("(?m)^  ratio: +median \\d")
        .contains("  equal digests of both datasets in every run");
  }

  @Test
  @EnabledIfSystemProperty(named = "weir.sweep", matches = "true")
  void checksAndProfilesAreMeasured() {
    TestSession.start();

    TestProject.Said said =
        new TestProject(folder)
            .weir("bench", "quality", "--pairs=1", "--rows=2000", "--work=" + folder);

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .contains("2,000 rows by 20 columns, ")
        .contains("; 40 checks, all of which hold; ")
        .containsPattern("(?m)^the checks alone against it\n.*\n  ratio: +median \\d")
        .containsPattern("(?m)^checks and profile against it\n.*\n  ratio: +median \\d")
        .containsPattern("(?m)^one query for each check against it\n")
        .containsPattern("peak of its memory: \\d+ MB of 200 rows, \\d+ MB of 2,000");
  }
}
