package dev.weir.cli.bench;

import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Examines a table in the JVM that it is started in, and says what memory that took. */
public final class QualityProcess {
  private QualityProcess() {}

  /**
   * Examines.
   *
   * @param arguments the table's folder, and how often
   */
  public static void main(String[] arguments) {
    SparkSession spark = SparkSessions.start("weir bench quality", SparkSettings.bare());
    spark.sparkContext().setLogLevel("ERROR");
    Dataset<Row> rows = spark.read().format("delta").load(arguments[0]);
    for (int times = Integer.parseInt(arguments[1]); times > 0; times--) {
      QualityBench.examined(rows, QualityChecks.all(), true);
    }
    System.out.printf(Locale.ROOT, "peak %.0f%n", Machine.peakMemory().orElse(0) / 1048576.0);
    spark.stop();
  }
}
