package dev.weir.cli.bench;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.quality.Check;
import dev.weir.quality.Examination;
import dev.weir.quality.Subject;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;

/**
 * What checks and profiles cost: against one aggregation by hand, the cheapest that says anything
 * of every column, and against one query for each check.
 */
public final class QualityBench {
  private static final int WARM_UP = 2;

  private static final String BY_HAND = "by hand";

  /** Pairs with one query a check, which take long. */
  private static final int FEW = 5;

  /**
   * The heap of the processes whose memory is looked at: whole from the start, since a heap grows
   * to its bound before it is cleared, however little is in it.
   */
  private static final List<String> HEAP = List.of("-Xms600m", "-Xmx600m", "-XX:+AlwaysPreTouch");

  /** The table beside which memory is looked at has this part of the rows. */
  private static final int PART = 10;

  private final SparkSettings settings;
  private final PrintStream out;
  private final long rows;
  private final int pairs;
  private final Path work;

  /**
   * @param work a folder for the table, which is removed
   */
  public QualityBench(SparkSettings settings, PrintStream out, long rows, int pairs, Path work) {
    this.settings = settings;
    this.out = out;
    this.rows = rows;
    this.pairs = pairs;
    this.work = work;
  }

  /** Measures and prints. */
  public void run() throws IOException, InterruptedException {
    Machine.print(out);
    SparkSession spark = SparkSessions.start("weir bench quality", settings);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      String table = folder.resolve("loans").toString();
      QualityChecks.rows(spark, rows).write().format("delta").save(table);
      Dataset<Row> loans = spark.read().format("delta").load(table);
      List<Check> checks = QualityChecks.all();
      List<Fact.Check> verdicts = verify(loans, checks);
      out.printf(
          Locale.ROOT,
          "%,d rows by %d columns, %,d MB of Delta; %d checks, all of which hold; master %s, %d pairs after %d%n",
          rows,
          loans.columns().length,
          Folders.size(Path.of(table)) >> 20,
          verdicts.size(),
          spark.sparkContext().master(),
          pairs,
          warmUp(pairs));
      Map<String, Runnable> looks = new LinkedHashMap<>();
      looks.put("the checks alone", () -> examined(loans, checks, false));
      looks.put("the profile alone", () -> examined(loans, List.of(), true));
      looks.put("checks and profile", () -> examined(loans, checks, true));
      compare(looks, pairs, loans);
      Runnable each = () -> checks.forEach(check -> examined(loans, List.of(check), false));
      compare(Map.of("one query for each check", each), Math.min(FEW, pairs), loans);
      String small = folder.resolve("small").toString();
      QualityChecks.rows(spark, rows / PART).write().format("delta").save(small);
      // A process that works for longer has more compiled, and more of what compilers need for it.
      out.printf(
          Locale.ROOT,
          "checks and profile in a process of its own with %s, peak of its memory: %s of %,d rows, %s of the same %d times, %s of %,d rows%n",
          String.join(" ", HEAP),
          memory(folder, small, 1),
          rows / PART,
          memory(folder, small, PART),
          PART,
          memory(folder, table, 1),
          rows);
    } finally {
      Folders.remove(folder);
    }
  }

  static Examination examined(Dataset<Row> rows, List<Check> checks, boolean profiled) {
    return Examination.of(
        new Subject(rows, "dataset:bench.loans@0", "loans"),
        checks,
        profiled,
        Instant.now(),
        other -> {
          throw new IllegalStateException("Nothing is looked for in " + other);
        });
  }

  /** Both find the same: what is measured does what it is measured for. */
  private List<Fact.Check> verify(Dataset<Row> loans, List<Check> checks) {
    Examination examination = examined(loans, checks, true);
    List<Fact.Check> broken = examination.checks().stream().filter(c -> !c.passed()).toList();
    DatasetProfile profile = Objects.requireNonNull(examination.profile());
    Row floor = floor(loans).head();
    List<String> different = new ArrayList<>();
    for (ColumnProfile column : profile.columns()) {
      long values = floor.<Long>getAs("count_" + column.name());
      if (column.values() != values || column.nulls() != rows - values) {
        different.add(column.name());
      }
    }
    if (!broken.isEmpty() || !different.isEmpty() || profile.rows() != rows) {
      throw new IllegalStateException(
          "Broken are %s, different are %s".formatted(broken, different));
    }
    return examination.checks();
  }

  /** The aggregation by hand. */
  private static Dataset<Row> floor(Dataset<Row> loans) {
    List<Column> figures = new ArrayList<>();
    for (StructField field : loans.schema().fields()) {
      Column column = col(field.name());
      figures.add(count(column).as("count_" + field.name()));
      figures.add(min(column));
      figures.add(max(column));
      if (field.dataType() instanceof NumericType) {
        figures.add(avg(column));
      }
    }
    return loans.agg(count(lit(1)), figures.toArray(Column[]::new));
  }

  /** Measures each against the same aggregation by hand, in turn. */
  private void compare(Map<String, Runnable> looks, int times, Dataset<Row> loans) {
    Map<String, Runnable> measured = new LinkedHashMap<>(looks);
    measured.put(BY_HAND, () -> floor(loans).collectAsList());
    Map<String, double[]> seconds = new LinkedHashMap<>();
    measured.keySet().forEach(name -> seconds.put(name, new double[times]));
    List<String> order = new ArrayList<>(measured.keySet());
    for (int round = -warmUp(times); round < times; round++) {
      for (String name : order) {
        double one = seconds(Objects.requireNonNull(measured.get(name)));
        if (round >= 0) {
          Objects.requireNonNull(seconds.get(name))[round] = one;
        }
      }
      // Who goes first alternates, so that a machine that slows down favours none.
      Collections.reverse(order);
    }
    double[] floors = Objects.requireNonNull(seconds.remove(BY_HAND));
    out.println("one aggregation by hand of count, min, max and mean");
    out.println("  seconds:  " + new Ratios(floors));
    seconds.forEach(
        (name, ours) -> {
          double[] ratios = new double[times];
          Arrays.setAll(ratios, round -> ours[round] / floors[round]);
          out.println(name + " against it");
          out.println("  seconds:  " + new Ratios(ours));
          out.println("  ratio:    " + new Ratios(ratios));
        });
  }

  /** A single pair is no measurement, but a trial of the bench. */
  private static int warmUp(int pairs) {
    return pairs == 1 ? 0 : WARM_UP;
  }

  private static double seconds(Runnable action) {
    System.gc();
    long began = System.nanoTime();
    action.run();
    return (System.nanoTime() - began) / 1e9;
  }

  /** The most memory that a process has, in which examinations are all that is done. */
  private static String memory(Path folder, String table, int times)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Machine.java(HEAP.toArray(String[]::new)));
    command.add(QualityProcess.class.getName());
    command.add(table);
    command.add(String.valueOf(times));
    try (ChildProcess process = ChildProcess.start(folder, command, Map.of())) {
      ChildProcess.Ended ended = process.await();
      if (ended.code() != 0) {
        throw new IllegalStateException(
            "The process ended with %d: %s"
                .formatted(ended.code(), Files.readString(ended.errors())));
      }
      return ended.out().stream()
          .filter(line -> line.startsWith("peak "))
          .map(line -> line.substring("peak ".length()) + " MB")
          .findFirst()
          .orElseThrow();
    }
  }
}
