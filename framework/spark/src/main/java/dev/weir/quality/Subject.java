package dev.weir.quality;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A dataset that is examined, or that values are looked for in.
 *
 * @param reference its reference, such as {@code dataset:credit.raw@3}
 * @param table the same as SQL reads it
 */
public record Subject(Dataset<Row> rows, String reference, String table) {}
