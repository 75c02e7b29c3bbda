package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuggestCommandTest {
  @TempDir static Path folder;

  private static TestProject project;

  @BeforeAll
  static void ingest() {
    TestSession.start();
    StringBuilder csv = new StringBuilder("id,visits,shop\n");
    for (int id = 1; id <= 300; id++) {
      csv.append("%d,%d,%s%n".formatted(id, id * 37 % 223, id % 3 == 0 ? "east" : "west"));
    }
    project =
        new TestProject(folder)
            .file("in.csv", csv.toString())
            .pipeline(
                "visits",
                """
                pipeline: visits
                stages:
                  - uses: ingest
                    with: { source: { format: csv, path: in.csv }, into: shop.raw }
                """);
    TestProject.Said ran = project.weir("run", "visits");
    assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
  }

  @Test
  void whatIsSuggestedIsRunAndThenKnownWithoutReading() throws Exception {
    TestProject.Said suggested = project.weir("suggest", "shop.raw");
    assertThat(suggested.code()).as(suggested.err()).isZero();
    assertThat(suggested.out())
        .startsWith(
            """
            # What shop.raw@0 suggests, 300 rows; for the `with` of a validate stage.
            # Checks that are less sure only warn: make errors of those that you know to hold.
            checks:
            """)
        .contains(
            """
              # 2 different values, the rarest 100 times in 300 rows
              - { allowed: shop, values: [ east, west ] }
            """,
            """
              # less sure: about 300 different values in 300; a sketch counted them, which may be off by 3 %
              - { unique: id, severity: warn }
            """);

    Path file = folder.resolve("checks.yaml");
    TestProject.Said written = project.weir("suggest", "shop.raw@0", "--output", file.toString());
    assertThat(written.out()).matches("Wrote \\d+ checks, \\d+ of them less sure, to .*\\R");
    assertThat(Files.readString(file)).isEqualTo(suggested.out());

    project.pipeline(
        "gate",
        """
        pipeline: gate
        stages:
          - uses: validate
            with:
              from: shop.raw
              into: shop.clean
        """
            + suggested
                .out()
                .lines()
                .map(line -> "      " + line + "\n")
                .reduce("", String::concat));
    TestProject.Said ran = project.weir("run", "gate");
    assertThat(ran.code()).as(ran.out() + ran.err()).isZero();

    // Now its profile is kept, and says the same.
    assertThat(project.weir("suggest", "shop.raw").out()).isEqualTo(suggested.out());
    assertThat(project.weir("quality", "shop.clean").out())
        .startsWith("shop.clean@0  accepted")
        .contains(
            "allowed shop",
            "figures  too few versions to judge them by",
            "id.mean",
            "drift  not looked for: nothing was accepted before");
  }

  @Test
  void saysWhatThereIs() {
    assertThat(project.weir("suggest", "shop.row").err())
        .startsWith(
            "weir: There is no dataset 'shop.row'; did you mean 'shop.raw'? There are shop.");
    assertThat(project.weir("suggest", "shop.raw@4").err())
        .isEqualToIgnoringNewLines(
            "weir: No stage has published version 4 of shop.raw. Its versions are 0.");
    assertThat(project.weir("suggest", "raw").err())
        .startsWith("weir: 'raw' is not a dataset name");
  }
}
