package dev.weir.cli.bench;

import dev.weir.audit.AuditReport;
import dev.weir.audit.AuditVerification;
import dev.weir.config.Retention;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Housekeeping;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.LineageTables;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What lineage costs: to ask where a model comes from in homes of many runs, to make what a stage
 * says durable, and to do that from several processes at once.
 */
public final class LineageBench {
  /** Facts of so many runs are committed together: alone each would take some hundred commits. */
  private static final int TOGETHER = 50;

  /** So many runs at the end are each committed and brought into the tables alone. */
  private static final int ALONE = 60;

  private final List<String> weir;
  private final PrintStream out;
  private final Sizes sizes;
  private final Path work;
  private final @Nullable Path plot;
  private final Map<String, List<Plot.Point>> lines = new LinkedHashMap<>();

  /**
   * How much is measured.
   *
   * @param edges the sizes of homes
   * @param times how often each command is measured
   * @param commits how many stages one writer makes durable in each of them
   * @param auditRows the lengths of audit chains, the shortest first
   * @param writers how many processes write at once
   * @param stages how many stages each of them has
   */
  public record Sizes(
      List<Integer> edges,
      int times,
      int commits,
      List<Integer> auditRows,
      int writers,
      int stages) {
    public Sizes {
      edges = List.copyOf(edges);
      auditRows = List.copyOf(auditRows);
    }
  }

  /**
   * @param weir the words that start the command line
   * @param work a folder for homes, which are removed
   * @param plot the SVG file to draw, or null
   */
  public LineageBench(
      List<String> weir, PrintStream out, Sizes sizes, Path work, @Nullable Path plot) {
    this.weir = List.copyOf(weir);
    this.out = out;
    this.sizes = sizes;
    this.work = work;
    this.plot = plot;
  }

  /** Measures and prints. */
  public void run() throws Exception {
    Machine.print(out);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      // A project, in which commands are given.
      Files.createDirectories(folder.resolve("conf"));
      Files.writeString(folder.resolve("conf/weir.yaml"), "");
      homes(folder.resolve("home"));
      audit(folder.resolve("audited"));
      writersAtOnce(folder.resolve("many"));
      if (plot != null) {
        Plot drawn =
            new Plot(
                "What lineage costs as it grows", "edges, or rows of the audit chain", "seconds");
        lines.forEach(drawn::line);
        drawn.write(plot);
      }
    } finally {
      Folders.remove(folder);
    }
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static void require(boolean met, String expected) {
    if (!met) {
      throw new IllegalStateException("Expected " + expected);
    }
  }

  private void point(String line, long size, double seconds) {
    lines.computeIfAbsent(line, name -> new ArrayList<>()).add(new Plot.Point(size, seconds));
  }

  /** A command given on the command line, as a whole process. */
  private interface Command {
    double seconds(int time) throws IOException, InterruptedException;
  }

  private Ratios times(Command command) throws IOException, InterruptedException {
    double[] found = new double[sizes.times()];
    for (int time = sizes.times() == 1 ? 0 : -2; time < found.length; time++) {
      double each = command.seconds(time);
      if (time >= 0) {
        found[time] = each;
      }
    }
    return new Ratios(found);
  }

  private double seconds(Path home, Predicate<String> expected, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(weir);
    command.addAll(List.of(words));
    command.addAll(List.of("--home", home.toUri().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Objects.requireNonNull(home.getParent()).toFile())
            .redirectInput(Machine.nowhere())
            .redirectErrorStream(true);
    builder.environment().remove("WEIR_HOME");
    long began = System.nanoTime();
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    double seconds = seconds(began);
    require(
        code == 0 && expected.test(text),
        "weir %s to end well, not with exit code %d and:%n%s"
            .formatted(String.join(" ", words), code, text));
    return seconds;
  }

  // --- Homes of many runs

  private void homes(Path home) throws Exception {
    for (int size : sizes.edges()) {
      int runs = Math.max(2, size / LineageFacts.edges());
      long edges = (long) runs * LineageFacts.edges();
      long began = System.nanoTime();
      make(home, runs);
      out.printf(
          Locale.ROOT,
          "%,d edges, %,d runs: made in %.0f s; %s%n",
          edges,
          runs,
          seconds(began),
          files(home));
      Ratios asked = times(time -> ask(home, runs, time));
      out.println(
          "  weir lineage of a model, whole process, seconds: %s; to reach: 1.5".formatted(asked));
      point("weir lineage, by edges", edges, asked.median());
      point("a stage's facts durable, by edges", edges, oneWriter(home) / 1000);
      Folders.remove(home);
    }
  }

  /** Where a model comes from, each time another model: far from each other, the newest first. */
  private double ask(Path home, int runs, int time) throws IOException, InterruptedException {
    String model = LineageFacts.model(runs - 1 - Math.floorMod(time * 7919, runs));
    return seconds(
        home,
        text -> text.contains("file:file:///data/") && text.contains(".ingest"),
        "lineage",
        model);
  }

  /** Makes a home through the writers that runs have. */
  private static void make(Path folder, int runs) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      LineageTables tables = LineageTables.of(events);
      try (Lease lease = Lease.take(events, new LeaseRequest("bench", "bench"))) {
        int alone = Math.max(0, runs - ALONE);
        for (int from = 0; from < runs; ) {
          int upTo = from < alone ? Math.min(alone, from + TOGETHER) : from + 1;
          List<Fact> facts = new ArrayList<>();
          for (int number = from; number < upTo; number++) {
            facts.addAll(LineageFacts.of(number));
          }
          lease.log().commit(facts);
          tables.update();
          from = upTo;
          if (from == alone) {
            // As the background would have done in the hours that this stands for.
            Housekeeping.tidy(events);
          }
        }
      }
      tables.update();
    }
  }

  private static String files(Path home) throws IOException {
    Predicate<Path> commit = file -> file.toString().endsWith(".json");
    try (Stream<Path> events = Files.list(home.resolve("lineage/events/_delta_log"))) {
      return String.format(
          Locale.ROOT,
          "%,d commits of facts, %d files of edges and %d of their index",
          events.filter(commit).count(),
          count(home, LineageTable.EDGES),
          count(home, LineageTable.REFERENCE_RUNS));
    }
  }

  private static int count(Path folder, LineageTable table) {
    try (Home home = Home.open(folder)) {
      return home.table(table.path()).latest().files(List.of()).count();
    }
  }

  // --- The audit chain

  private void audit(Path folder) throws IOException, InterruptedException {
    for (int rows : sizes.auditRows()) {
      long length;
      try (Home home = Home.open(folder)) {
        length = AuditRows.lengthen(Events.open(home), rows);
      }
      String whole = String.format(Locale.ROOT, "%,d rows", length);
      Ratios verified =
          times(time -> seconds(folder, text -> text.contains(whole), "audit", "verify"));
      out.printf(
          Locale.ROOT,
          "audit chain of %,d rows: weir audit verify, whole process, seconds: %s; to reach: 5 at 100,000%n",
          length,
          verified);
      point("weir audit verify, by rows", length, verified.median());
    }
    Folders.remove(folder);
  }

  // --- Writers

  /** One after the other in a home, and returns the median in milliseconds. */
  private double oneWriter(Path folder) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      LineageWriter.write(events, "warmup", Math.min(50, sizes.commits()));
      double[] millis = LineageWriter.write(events, "one", sizes.commits());
      Arrays.sort(millis);
      double median = new Ratios(millis).median();
      out.printf(
          Locale.ROOT,
          "  one writer, %,d stages, each durable before the next: median %.1f ms, 99th percentile %.1f ms, slowest %.1f ms; to reach: 50 and 250%n",
          millis.length,
          median,
          millis[(int) Math.ceil(millis.length * 0.99) - 1],
          millis[millis.length - 1]);
      return median;
    }
  }

  private void writersAtOnce(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path log = folder.resolveSibling("writers.log");
    List<Process> processes = new ArrayList<>();
    long began = System.nanoTime();
    for (int writer = 0; writer < sizes.writers(); writer++) {
      List<String> command = new ArrayList<>(Machine.java("-Xmx256m", "-XX:TieredStopAtLevel=1"));
      command.addAll(
          List.of(
              LineageWriter.class.getName(),
              folder.toString(),
              "w" + writer,
              String.valueOf(sizes.stages())));
      processes.add(
          new ProcessBuilder(command)
              .redirectInput(Machine.nowhere())
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectErrorStream(true)
              .start());
    }
    for (Process process : processes) {
      int code = process.waitFor();
      require(code == 0, "a writer to end with 0, not " + code + ":\n" + Files.readString(log));
    }
    double seconds = seconds(began);
    Set<String> expected = new TreeSet<>();
    for (int writer = 0; writer < sizes.writers(); writer++) {
      for (int stage = 0; stage < sizes.stages(); stage++) {
        expected.add("run-w" + writer + "/" + LineageWriter.name(stage));
      }
    }
    try (Home home = Home.open(folder)) {
      Events events = Events.existing(home).orElseThrow();
      LineageTables.of(events).update();
      LineageReader lineage = LineageReader.open(events);
      List<String> found = new ArrayList<>();
      for (Row row : lineage.rows(LineageTable.STAGES, List.of())) {
        found.add(row.string("run") + "/" + row.string("stage"));
      }
      require(
          found.size() == expected.size() && new TreeSet<>(found).equals(expected),
          expected.size() + " rows of stages, each once, not " + found.size());
      AuditReport report = AuditVerification.of(events, null, null, Retention.DEFAULT);
      require(
          // Nothing stands behind the facts, so the datasets that they name are not there.
          report.unsealedEvents() == 0
              && report.findings().stream()
                  .allMatch(finding -> finding.code().equals("dataset-unreadable")),
          "an audit chain that is intact and covers every event, not " + report);
      out.printf(
          Locale.ROOT,
          "%d processes at once, %d stages each: %.1f s, %,d commits of facts; to reach: 60 s%n  all %,d stages there, each once; the audit chain is intact and seals all %,d events%n",
          sizes.writers(),
          sizes.stages(),
          seconds,
          events.table().latestVersion(),
          found.size(),
          report.sealedEvents());
    }
  }
}
