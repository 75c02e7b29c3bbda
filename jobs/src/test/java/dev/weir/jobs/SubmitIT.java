package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.artifact.DatasetName;
import dev.weir.cli.bench.ChildProcess;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.pipeline.StageLibrary;
import dev.weir.store.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar for spark-submit. */
class SubmitIT {
  private static final String TINY =
      """
      pipeline: tiny
      stages:
        - uses: ingest
          with: { source: { sample: credit, months: 1, rows: 30 }, into: tiny.raw }
        - uses: sql
          with: { from: tiny.raw, into: tiny.young, statement: select * from tiny.raw where age < 40 }
      """;

  @TempDir Path folder;

  @Test
  void sparkSubmitRunsAPipeline() throws Exception {
    Files.createDirectories(folder.resolve("conf/pipelines"));
    Files.createFile(folder.resolve("conf/weir.yaml"));
    Files.writeString(folder.resolve("conf/pipelines/tiny.yaml"), TINY);
    Path location = folder.resolve("a home");

    ChildProcess.Ended ended =
        Submission.submit(folder, "run", "tiny", "--json", "--home", location.toString());

    assertThat(ended.code()).as("see %s", ended.errors()).isZero();
    assertThat(ended.out().get(ended.out().size() - 1))
        .startsWith("{\"event\":\"run.finished\"")
        .contains("\"state\":\"SUCCEEDED\"");
    try (Home home = Home.existing(location.toUri(), Map.of()).orElseThrow()) {
      LineageReader lineage = LineageReader.open(Events.existing(home).orElseThrow());
      assertThat(lineage.rows(LineageTable.RUNS, List.of()))
          .singleElement()
          .satisfies(
              run -> {
                assertThat(run.string("state")).isEqualTo("SUCCEEDED");
                assertThat(run.string("master")).isEqualTo("local[2]");
                assertThat(run.string("spark_version")).isEqualTo("4.1.0");
              });
      assertThat(lineage.rows(LineageTable.EDGES, List.of()))
          .filteredOn(edge -> edge.string("stage").equals("sql"))
          .singleElement()
          .extracting(edge -> edge.string("from_reference"))
          .isEqualTo("dataset:tiny.raw@0");
      Fact.DatasetWritten young =
          Published.of(home).dataset(DatasetName.parse("tiny.young"), null).orElseThrow();
      assertThat(young.rows()).isBetween(1L, 29L);
    }

    // A wrong command ends with its own code, through spark-submit too.
    assertThat(Submission.submit(folder, "run", "teny").code()).isEqualTo(2);
  }

  @Test
  void theJarHasWeirAndDeltaAndNothingThatSparkBrings() throws IOException {
    Set<String> inside = Submission.classes();
    assertThat(inside)
        .contains(
            "dev/weir/jobs/Weir.class",
            "dev/weir/ml/Models.class",
            "io/delta/sql/DeltaSparkSessionExtension.class",
            "org/apache/spark/sql/delta/catalog/DeltaCatalog.class",
            "io/delta/kernel/defaults/engine/DefaultEngine.class",
            "picocli/CommandLine.class",
            "dev/failsafe/Failsafe.class",
            "org/snakeyaml/engine/v2/api/Load.class",
            "org/objectweb/asm/ClassReader.class")
        .noneMatch(name -> name.startsWith("scala/"))
        .noneMatch(name -> name.startsWith("org/apache/hadoop/"))
        .noneMatch(name -> name.startsWith("com/fasterxml/jackson/"))
        .noneMatch(name -> name.startsWith("org/slf4j/"))
        .noneMatch(name -> name.startsWith("org/apache/logging/"))
        .noneMatch(name -> name.startsWith("org/junit/"));
    // Delta puts classes into Spark's packages: what stays outside is whole.
    assertThat(Submission.spark())
        .extracting(jar -> String.valueOf(jar.getFileName()).replaceFirst("-\\d.*", ""))
        .contains(
            "spark-core_2.13",
            "spark-sql_2.13",
            "spark-sql-api_2.13",
            "spark-catalyst_2.13",
            "spark-mllib_2.13",
            "scala-library",
            "hadoop-client-api",
            "hadoop-client-runtime",
            "jackson-databind",
            "jackson-core")
        .noneMatch(name -> name.startsWith("weir-") || name.startsWith("delta-"));
  }

  @Test
  void theServicesOfAllArtifactsAreThere() throws IOException {
    assertThat(service(StageLibrary.class))
        .containsExactlyInAnyOrder(
            "dev.weir.feature.FeatureStages",
            "dev.weir.ingest.IngestStages",
            "dev.weir.ml.MlLibrary",
            "dev.weir.quality.QualityStages");
    assertThat(service(DataSourceRegister.class))
        .containsExactly("org.apache.spark.sql.delta.sources.DeltaDataSource");
  }

  private static List<String> service(Class<?> service) throws IOException {
    try (JarFile jar = new JarFile(Submission.JAR.toFile())) {
      JarEntry entry = jar.getJarEntry("META-INF/services/" + service.getName());
      assertThat(entry).as(service.getName()).isNotNull();
      return new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .toList();
    }
  }
}
