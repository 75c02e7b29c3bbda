package dev.weir.jobs;

import dev.weir.lineage.Fact;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Pipelines;
import dev.weir.pipeline.StageTypes;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Runs of this repository's pipelines in one Spark session, started as {@code ./weir} does. */
final class Runs {
  /** The folder of conf/. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final SparkSettings SETTINGS =
      SparkSettings.of("local[2]", ROOT.resolve("conf/spark-defaults.conf"));

  private static final class Holder {
    static final SparkSession SESSION = SparkSessions.start("weir-jobs-tests", SETTINGS);
  }

  private Runs() {}

  static SparkSession spark() {
    return Holder.SESSION;
  }

  /** A pipeline of the project in a folder, from YAML. */
  static Pipeline load(Path project, String name, Map<String, String> params) {
    return new Pipelines(project)
        .load(name, params, StageTypes.of(Runs.class.getClassLoader()))
        .pipeline();
  }

  /** Runs a pipeline in a home; what was done before is used again. */
  static RunResult run(Pipeline pipeline, Path project, Path home) throws InterruptedException {
    return run(pipeline, project, home, Selection.ALL);
  }

  static RunResult run(Pipeline pipeline, Path project, Path home, Selection selection)
      throws InterruptedException {
    spark();
    try (Runner runner =
        Runner.open(
            RunRequest.of(pipeline, home.toUri(), project.toUri(), SETTINGS).with(selection),
            event -> {})) {
      return runner.start().await();
    }
  }

  static Fact.StageFinished stage(RunResult result, String name) {
    return result.stages().stream().filter(s -> s.stage().equals(name)).findFirst().orElseThrow();
  }

  static double metric(RunResult result, String stage, String name) {
    return stage(result, stage).metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(stage + " has no metric " + name))
        .value();
  }

  /** The latest version of a dataset, as any reader of Delta sees it. */
  static Dataset<Row> dataset(Path home, String name) {
    return spark()
        .read()
        .format("delta")
        .load(home.resolve("datasets").resolve(name.replace('.', '/')).toString());
  }

  /** Makes a home's lineage tables views of their own names. */
  static SparkSession lineage(Path home) {
    SparkSession session = spark().newSession();
    for (String table : new String[] {"edges", "metrics", "models", "runs", "stages"}) {
      session
          .read()
          .format("delta")
          .load(home.resolve("lineage").resolve(table).toString())
          .createOrReplaceTempView(table);
    }
    return session;
  }
}
