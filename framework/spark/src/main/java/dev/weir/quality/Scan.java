package dev.weir.quality;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts what breaks each probe, for all of them in one scan. */
final class Scan {
  private Scan() {}

  static List<Verdict> of(Dataset<Row> rows, List<Probe> probes) {
    List<Column> counts = new ArrayList<>();
    for (Probe probe : probes) {
      Column failed = probe.failed();
      if (failed != null) {
        counts.add(failed.as("failed_" + counts.size()));
      }
    }
    Row found =
        rows.agg(count(lit(1)).as("rows"), counts.toArray(Column[]::new)).collectAsList().get(0);
    List<Verdict> verdicts = new ArrayList<>();
    int next = 1;
    for (Probe probe : probes) {
      verdicts.add(
          new Verdict(probe, found.getLong(0), probe.failed() == null ? 0 : found.getLong(next++)));
    }
    return verdicts;
  }
}
