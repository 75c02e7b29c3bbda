package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.RunState;
import dev.weir.run.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The notebook and PySpark, on a home made by a run. */
class NotebookIT {
  private static final Path NOTEBOOK = Runs.ROOT.resolve("notebooks/lineage.ipynb");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One line loads a model; the rest is what any use of it has. */
  static final String SCORE =
      """
      import json, os, sys
      from pyspark.ml import PipelineModel
      from pyspark.ml.functions import vector_to_array
      from pyspark.sql import SparkSession

      home, rows = sys.argv[1:]
      spark = (
          SparkSession.builder.master("local[2]")
          .config("spark.jars", os.environ["WEIR_JAR"])
          .config("spark.weir.home", home)
          .config("spark.ui.enabled", "false")
          .getOrCreate()
      )
      model = PipelineModel._from_java(spark._jvm.dev.weir.ml.Models.load(spark._jsparkSession, home, "model:credit.default@1"))
      latest = PipelineModel._from_java(spark._jvm.dev.weir.ml.Models.load(spark._jsparkSession, "model:credit.default"))
      test = spark.read.parquet(rows)
      for fitted in (model, latest):
          scores = fitted.transform(test).select("application_id", vector_to_array("probability")[1]).collect()
          print("scores", json.dumps({str(row[0]): row[1] for row in scores}))
      """;

  @TempDir static Path folder;

  private static String python = "";

  @BeforeEach
  void run() throws Exception {
    // Not before all, where a skipped test would not be counted as one.
    if (Files.exists(home())) {
      return;
    }
    python = python();
    RunResult result =
        Runs.run(
            Runs.load(Runs.ROOT, "credit", Map.of("months", "18", "rows", "300")),
            Runs.ROOT,
            home());
    assertThat(result.state()).as("%s", result.error()).isEqualTo(RunState.SUCCEEDED);
  }

  private static Path home() {
    return folder.resolve("home");
  }

  private static String python() throws IOException, InterruptedException {
    String named = Python.path();
    Ended found =
        run(
            folder,
            List.of(
                named,
                "-c",
                "import delta, ipykernel, nbconvert, pandas, pyspark; print(pyspark.__version__)"));
    if (found.code() != 0) {
      abort(
          "skipped: WEIR_PYTHON lacks packages of notebooks/requirements.txt: "
              + found.text().strip());
    }
    return named;
  }

  @Test
  void everyCellOfTheNotebookRuns() throws Exception {
    Ended ended =
        run(
            folder,
            List.of(
                python,
                "-m",
                "jupyter",
                "nbconvert",
                "--to",
                "notebook",
                "--execute",
                "--output-dir",
                folder.toString(),
                "--output",
                "executed.ipynb",
                NOTEBOOK.toString()));
    assertThat(ended.code()).as(ended.text()).isZero();

    List<JsonNode> code = new ArrayList<>();
    JSON.readTree(folder.resolve("executed.ipynb").toFile())
        .path("cells")
        .forEach(
            cell -> {
              if (cell.path("cell_type").asText().equals("code")) {
                code.add(cell);
              }
            });
    assertThat(code).hasSizeGreaterThan(6);
    StringBuilder shown = new StringBuilder();
    for (JsonNode cell : code) {
      String source = text(cell.path("source"));
      assertThat(cell.path("execution_count").asInt()).as(source).isPositive();
      assertThat(source.startsWith("spark.stop") || !cell.path("outputs").isEmpty())
          .as(source)
          .isTrue();
      for (JsonNode output : cell.path("outputs")) {
        assertThat(output.path("output_type").asText()).as(source).isNotEqualTo("error");
        shown.append(text(output.path("text")));
        shown.append(text(output.path("data").path("text/plain"))).append('\n');
      }
    }
    assertThat(shown)
        .contains("model:credit.default@1")
        .contains("37 source files")
        .contains("probability")
        .doesNotContain("Empty DataFrame")
        // What Spark prints when it downloads a package.
        .doesNotContain(":: resolving dependencies ::");
    assertThat(ended.text()).doesNotContain(":: resolving dependencies ::");
  }

  @Test
  void aRegisteredModelLoadsInOneLineOfPySpark() throws Exception {
    Path script = Files.writeString(folder.resolve("score.py"), SCORE);
    Path rows = folder.resolve("rows.parquet");
    Runs.dataset(home(), "credit.test").write().parquet(rows.toString());

    Ended ended =
        run(folder, List.of(python, script.toString(), home().toString(), rows.toString()));

    assertThat(ended.code()).as(ended.text()).isZero();
    List<String> printed = ended.text().lines().filter(line -> line.startsWith("scores ")).toList();
    assertThat(printed).hasSize(2);
    List<Row> published =
        Runs.dataset(home(), "credit.predictions")
            .select("application_id", "score")
            .collectAsList();
    for (String line : printed) {
      JsonNode scores = JSON.readTree(line.substring("scores ".length()));
      assertThat(scores).hasSameSizeAs(published).isNotEmpty();
      for (Row row : published) {
        assertThat(scores.path(String.valueOf(row.getLong(0))).asDouble(-1))
            .isCloseTo(row.getDouble(1), within(1e-12));
      }
    }
  }

  private static String text(JsonNode lines) {
    if (lines.isTextual()) {
      return lines.asText();
    }
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.asText()));
    return text.toString();
  }

  /** What a process came to; its outputs are one. */
  private record Ended(int code, String text) {}

  private static Ended run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "python-", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("WEIR_HOME", home().toString());
    environment.put("WEIR_JAR", Submission.JAR.toString());
    // A Spark of the machine's is not that of the packages.
    environment.remove("SPARK_HOME");
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(out));
  }
}
