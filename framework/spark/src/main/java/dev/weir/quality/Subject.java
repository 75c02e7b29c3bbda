package dev.weir.quality;

import dev.weir.artifact.DatasetVersion;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A dataset that is examined, or that values are looked for in.
 *
 * @param reference its reference, such as {@code dataset:credit.raw@3}
 * @param table the same as SQL reads it
 */
public record Subject(Dataset<Row> rows, String reference, String table) {
  /**
   * A dataset version in a home.
   *
   * @param home the home's path as Spark takes it: not percent-encoded
   */
  public static Subject of(Dataset<Row> rows, DatasetVersion version, String home) {
    return new Subject(
        rows,
        version.reference(),
        "delta.`%s/datasets/%s/%s@v%d`"
            .formatted(home, version.name().namespace(), version.name().name(), version.version()));
  }
}
