package dev.weir.cli.bench;

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
  private final List<HomeMeasure> measures;

  /**
   * How much is measured.
   *
   * @param edges the sizes of homes
   * @param times how often each command is measured
   * @param commits how many stages one writer makes durable
   * @param writers how many processes write at once
   * @param stages how many stages each of them has
   */
  public record Sizes(List<Integer> edges, int times, int commits, int writers, int stages) {
    public Sizes {
      edges = List.copyOf(edges);
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
    // Whatever else is to be measured on homes of these sizes has its place here.
    this.measures = List.of(new Ask());
  }

  /** Measures and prints. */
  public void run() throws Exception {
    Machine.print(out);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      homes(folder);
      oneWriter(folder.resolve("one"));
      writersAtOnce(folder.resolve("many"));
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

  // --- Homes of many runs

  private void homes(Path folder) throws Exception {
    // A project, in which commands are given.
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(folder.resolve("conf/weir.yaml"), "");
    Map<String, List<Plot.Point>> points = new LinkedHashMap<>();
    for (int edges : sizes.edges()) {
      int runs = Math.max(2, edges / LineageFacts.edges());
      Path home = folder.resolve("home");
      long began = System.nanoTime();
      make(home, runs);
      out.printf(
          Locale.ROOT,
          "%,d edges, %,d runs: made in %.0f s; %s%n",
          (long) runs * LineageFacts.edges(),
          runs,
          seconds(began),
          files(home));
      for (HomeMeasure measure : measures) {
        double[] found = new double[sizes.times()];
        for (int i = sizes.times() == 1 ? 0 : -2; i < found.length; i++) {
          double each = measure.seconds(home, runs);
          if (i >= 0) {
            found[i] = each;
          }
        }
        Ratios ratios = new Ratios(found);
        out.println("  %s, seconds: %s".formatted(measure.name(), ratios));
        points
            .computeIfAbsent(measure.name(), name -> new ArrayList<>())
            .add(new Plot.Point((double) runs * LineageFacts.edges(), ratios.median()));
      }
      Folders.remove(home);
    }
    if (plot != null) {
      Plot drawn = new Plot("What a question costs as lineage grows", "edges", "seconds");
      points.forEach(drawn::line);
      drawn.write(plot);
    }
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

  /** Where a model comes from, asked on the command line, each time of another model. */
  private final class Ask implements HomeMeasure {
    private int asked;

    @Override
    public String name() {
      return "weir lineage of a model, whole process";
    }

    @Override
    public double seconds(Path home, int runs) throws IOException, InterruptedException {
      // Far from each other, the newest among them.
      int number = runs - 1 - asked++ * 7919 % runs;
      List<String> command = new ArrayList<>(weir);
      command.addAll(
          List.of("lineage", LineageFacts.model(number), "--home", home.toUri().toString()));
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
      double seconds = LineageBench.seconds(began);
      require(
          code == 0 && text.contains("file:file:///data/") && text.contains(".ingest"),
          "a walk from %s to files, not exit code %d and:%n%s"
              .formatted(LineageFacts.model(number), code, text));
      return seconds;
    }
  }

  // --- Writers

  private void oneWriter(Path folder) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      LineageWriter.write(events, "warmup", Math.min(50, sizes.commits()));
      double[] millis = LineageWriter.write(events, "one", sizes.commits());
      Arrays.sort(millis);
      out.printf(
          Locale.ROOT,
          "one writer, %,d stages, each durable before the next: median %.1f ms, 99th percentile %.1f ms, slowest %.1f ms; to reach: 50 and 250%n",
          millis.length,
          new Ratios(millis).median(),
          millis[(int) Math.ceil(millis.length * 0.99) - 1],
          millis[millis.length - 1]);
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
      out.printf(
          Locale.ROOT,
          "%d processes at once, %d stages each: %.1f s, %,d commits of facts; to reach: 60 s%n  all %,d stages there, each once%n",
          sizes.writers(),
          sizes.stages(),
          seconds,
          events.table().latestVersion(),
          found.size());
    }
  }
}
