package dev.weir.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import dev.weir.config.Help;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.StageContext;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Await;
import scala.concurrent.duration.Duration;

/**
 * Reads a source into a dataset: the one stage that reads files.
 *
 * <p>What could not be read as a record is kept, in a column {@code _corrupt_record}, and counted.
 * Every file read is recorded with its sha-256, and none may change while it is read. Metrics:
 * {@code rows}, {@code corrupt-records}, {@code files} and {@code bytes}.
 *
 * @param source what to read
 * @param into the dataset
 */
@Help("Reads files, an external Delta table or a sample into a dataset.")
public record Ingest(
    @Help("What to read.") Source source, @Help("The dataset that it becomes.") Output into)
    implements OutsideReader {
  /** How long to wait for what the write observed, once the write is done. */
  private static final long PATIENCE_SECONDS = 10;

  public Ingest {
    Objects.requireNonNull(source);
    Objects.requireNonNull(into);
  }

  @Override
  public List<Fact.OutsideFile> pin(Outside outside) {
    if (!(source instanceof Files files)) {
      // A sample is what its parameters make it, whether its files are there yet or not.
      return List.of();
    }
    FileSearch search = new FileSearch(outside);
    Manifest manifest =
        files.format() == Files.Format.DELTA
            ? DeltaSource.find(outside.hadoop(), files, search).manifest(outside.hadoop())
            : Manifest.of(outside, search.find(files.path()));
    return manifest.outside();
  }

  @Override
  public void run(StageContext context) {
    SparkSession spark = context.spark();
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Files files;
    Manifest manifest;
    if (source instanceof Sample sample) {
      SampleFiles made = new SampleFiles(sample, context.settings().home());
      made.write(spark, hadoop);
      files = made.source();
      FileSearch search = new FileSearch(new Outside(context.settings().project(), hadoop));
      manifest = Manifest.of(hadoop, search.find(files.path()));
    } else {
      files = (Files) source;
      manifest = Manifest.pinned(context.settings().sources());
      manifest.requireUnchanged(hadoop);
    }
    manifest.reads("source").forEach(context::readOutside);
    try {
      write(context, rows(spark, files, manifest), files.corruptColumn());
    } catch (Exception e) {
      // Scala's exceptions are unchecked. Of a file that is gone Spark says many things.
      if (!(e instanceof WeirException)) {
        requireUnchanged(manifest, hadoop, e);
      }
      throw e;
    }
    // Before the stage ends, and so before anything counts as published.
    manifest.requireUnchanged(hadoop);
    context.metric("files", manifest.files().size());
    context.metric("bytes", (double) manifest.bytes());
  }

  private static Dataset<Row> rows(SparkSession spark, Files files, Manifest manifest) {
    if (files.format() != Files.Format.DELTA) {
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      return new FileReading(spark, hadoop, files, manifest).rows();
    }
    Dataset<Row> rows = DeltaSource.pinned(manifest).rows(spark);
    return rows.toDF(ColumnNames.of(files, List.of(rows.columns()), null).toArray(String[]::new));
  }

  private static void requireUnchanged(Manifest manifest, Configuration hadoop, Exception failure) {
    try {
      manifest.requireUnchanged(hadoop);
    } catch (WeirException changed) {
      changed.addSuppressed(failure);
      throw changed;
    }
  }

  private void write(StageContext context, Dataset<Row> rows, @Nullable String corrupt) {
    if (corrupt == null) {
      Fact.DatasetWritten written = context.write(into, rows);
      context.metric("rows", (double) written.rows());
      context.metric("corrupt-records", 0);
      return;
    }
    Observation observation = new Observation();
    Dataset<Row> observed =
        rows.observe(
            observation, count(lit(1)).as("rows"), count(col("`" + corrupt + "`")).as("corrupt"));
    Fact.DatasetWritten written = context.write(into, observed);
    Long seen = observed(observation, written.rows());
    long malformed = seen == null ? recount(context, written, corrupt) : seen;
    context.metric("rows", (double) written.rows());
    context.metric("corrupt-records", (double) malformed);
  }

  /** What the write saw, or null if it saw nothing or not what was committed. */
  private static @Nullable Long observed(Observation observation, long rows) {
    try {
      // A write that Delta skipped is never observed: nothing is waited for without an end.
      Row seen =
          Await.result(observation.future(), Duration.apply(PATIENCE_SECONDS, TimeUnit.SECONDS));
      return seen.size() == 2 && seen.getLong(0) == rows ? seen.getLong(1) : null;
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static long recount(StageContext context, Fact.DatasetWritten written, String corrupt) {
    String version = written.reference().substring(written.reference().lastIndexOf('@') + 1);
    return context
        .spark()
        .read()
        .format("delta")
        .option("versionAsOf", version)
        .load(written.path())
        .where(col("`" + corrupt + "`").isNotNull())
        .count();
  }
}
