package dev.weir.data;

import com.sun.management.OperatingSystemMXBean;
import dev.weir.session.TestSpark;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Prints what a keyed write with its digest costs against a plain Delta write of the same rows, in
 * alternating pairs. Run by hand: {@code WriteCost [pairs] [rows…]}.
 */
final class WriteCost {
  private static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private WriteCost() {}

  public static void main(String[] arguments) throws Exception {
    int pairs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    SparkSession spark = TestSpark.session();
    spark.sparkContext().setLogLevel("ERROR");
    List<Long> sizes = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      sizes.add(Long.parseLong(arguments[i]));
    }
    if (sizes.isEmpty()) {
      sizes.addAll(List.of(10_000L, 100_000L, 1_000_000L));
    }
    Path folder = Files.createTempDirectory("write-cost");
    for (long size : sizes) {
      String source = folder.resolve("source" + size).toString();
      loans(spark, size).write().format("delta").save(source);
      for (boolean fresh : new boolean[] {true, false}) {
        measure(spark, source, folder.resolve(size + "-" + fresh), pairs, size, fresh);
      }
    }
  }

  private static void measure(
      SparkSession spark, String source, Path folder, int pairs, long size, boolean fresh) {
    List<Double> plain = new ArrayList<>();
    List<Double> keyed = new ArrayList<>();
    List<Double> ratio = new ArrayList<>();
    List<Double> work = new ArrayList<>();
    for (int i = -3; i < pairs; i++) {
      double[] millis = new double[2];
      double[] cpu = new double[2];
      for (int turn = 0; turn < 2; turn++) {
        int which = (i + turn) & 1;
        String path =
            folder.resolve((which == 0 ? "plain" : "keyed") + (fresh ? i + 3 : "")).toString();
        Dataset<Row> rows = spark.read().format("delta").load(source);
        long start = System.nanoTime();
        long busy = CPU.getProcessCpuTime();
        if (which == 0) {
          rows.write()
              .format("delta")
              .mode("overwrite")
              .option("overwriteSchema", "true")
              .save(path);
        } else {
          new DatasetWriter(spark)
              .write(
                  rows,
                  path,
                  WriteKey.of("cost", "write", "into", i + 3),
                  new WriteOrigin("run" + i, "write", 1));
        }
        millis[which] = (System.nanoTime() - start) / 1e6;
        cpu[which] = (CPU.getProcessCpuTime() - busy) / 1e6;
      }
      if (i >= 0) {
        plain.add(millis[0]);
        keyed.add(millis[1]);
        ratio.add(millis[1] / millis[0]);
        work.add(cpu[1] / cpu[0]);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d rows, %s: plain %.0f ms, keyed %.0f ms, ratio %.3f (%.3f to %.3f) over %d pairs; ratio of CPU time %.3f%n",
        size,
        fresh ? "new table" : "next version",
        median(plain),
        median(keyed),
        median(ratio),
        Collections.min(ratio),
        Collections.max(ratio),
        pairs,
        median(work));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int n = sorted.size();
    return n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
  }

  /** About twenty columns of mixed types, as loan applications have. */
  static Dataset<Row> loans(SparkSession spark, long rows) {
    return spark
        .range(rows)
        .selectExpr(
            "id",
            "concat('A', id) application",
            "date_add(date'2024-01-01', cast(id % 730 as int)) applied",
            "timestamp_micros(1700000000000000 + id * 1000003) received",
            "cast(pmod(xxhash64(id, 1), 60) + 18 as int) age",
            "if(id % 17 = 0, null, pmod(xxhash64(id, 2), 9000000) / 100D) income",
            "pmod(xxhash64(id, 3), 5000000) / 100D debt",
            "cast(pmod(xxhash64(id, 4), 4000000) / 100D as decimal(12, 2)) amount",
            "element_at(array('car', 'home', 'school', 'other'), cast(pmod(xxhash64(id, 5), 4) + 1 as int)) purpose",
            "element_at(array('branch', 'web', 'agent'), cast(pmod(xxhash64(id, 6), 3) + 1 as int)) channel",
            "element_at(array('own', 'rent', 'parents'), cast(pmod(xxhash64(id, 7), 3) + 1 as int)) housing",
            "cast(pmod(xxhash64(id, 8), 40) as int) employed_years",
            "cast(pmod(xxhash64(id, 9), 10) as int) dependents",
            "pmod(xxhash64(id, 10), 10) = 0 self_employed",
            "cast(pmod(xxhash64(id, 11), 550) + 300 as int) score",
            "if(id % 5 = 0, null, cast(pmod(xxhash64(id, 12), 20) as int)) late_payments",
            "concat('region-', pmod(xxhash64(id, 13), 50)) region",
            "pmod(xxhash64(id, 14), 1000) / 1000D utilization",
            "cast(pmod(xxhash64(id, 15), 60) + 6 as int) term",
            "cast(pmod(xxhash64(id, 16), 2) as int) defaulted");
  }
}
