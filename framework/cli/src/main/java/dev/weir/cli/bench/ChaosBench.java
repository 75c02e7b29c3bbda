package dev.weir.cli.bench;

import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunContent;
import dev.weir.lineage.RunView;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Kills the process of a run with SIGKILL at random times, goes on with the run, kills that, until
 * the run comes to its end; and compares it with a run that was never killed. Again and again,
 * until there were as many kills as asked for.
 */
public final class ChaosBench {
  private final List<String> weir;
  private final List<String> pipeline;
  private final PrintStream out;
  private final int kills;
  private final long seed;
  private final Path work;

  /**
   * @param weir the words that start the command line as one process
   * @param pipeline the pipeline and its options
   * @param kills how many processes are killed, at least
   * @param seed of the times at which they are killed
   * @param work a folder for homes, which are removed where nothing differs
   */
  public ChaosBench(
      List<String> weir, List<String> pipeline, PrintStream out, int kills, long seed, Path work) {
    this.weir = List.copyOf(weir);
    this.pipeline = List.copyOf(pipeline);
    this.out = out;
    this.kills = kills;
    this.seed = seed;
    this.work = work;
  }

  /** The words that start the command line in a process of its own, which a kill ends. */
  public static List<String> process() {
    List<String> words = new ArrayList<>(Machine.java());
    words.add("dev.weir.cli.Main");
    return words;
  }

  /**
   * Kills and compares.
   *
   * @return how many runs differ from the one that was never killed
   */
  public int run() throws IOException, InterruptedException {
    Machine.print(out);
    out.printf(Locale.ROOT, "%d kills of %s, seed %d%n", kills, String.join(" ", pipeline), seed);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    Path whole = folder.resolve("whole");
    long began = System.nanoTime();
    Process reference = start(whole, "run");
    if (reference.waitFor() != 0) {
      throw new IllegalStateException(
          "The run that was not killed failed: " + Files.readString(log(whole)));
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    SortedMap<String, String> expected = content(whole);
    out.printf(
        Locale.ROOT,
        "  a run that is not killed: %.1f s, %d facts to compare%n",
        seconds,
        expected.size());

    Random random = new Random(seed);
    int killed = 0;
    int runs = 0;
    int different = 0;
    while (killed < kills) {
      Path home = folder.resolve("home" + ++runs);
      int here = untilItEnds(home, random, seconds);
      killed += here;
      List<String> differences = differences(expected, content(home));
      out.printf(
          Locale.ROOT,
          "  run %d: killed %d times (%d in all), %s%n",
          runs,
          here,
          killed,
          differences.isEmpty()
              ? "no differences"
              : differences.size() + " differences, see " + home);
      differences.stream().limit(10).forEach(line -> out.println("    " + line));
      if (differences.isEmpty()) {
        Folders.remove(home);
      } else {
        different++;
      }
    }
    out.printf(
        Locale.ROOT, "%d kills in %d runs: %d runs with differences%n", killed, runs, different);
    if (different == 0) {
      Folders.remove(folder);
    }
    return different;
  }

  /** Runs, kills, goes on; returns how often it was killed. */
  private int untilItEnds(Path home, Random random, double seconds)
      throws IOException, InterruptedException {
    int killed = 0;
    while (true) {
      Optional<RunView> open = open(home);
      Process process =
          open.isPresent() ? start(home, "resume", open.get().run()) : start(home, "run");
      // Each is given less than a whole run takes, but sooner or later one comes to the end.
      long millis = (long) (random.nextDouble() * seconds * 1000 * (1 + killed / 10.0));
      if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
        if (process.exitValue() != 0) {
          throw new IllegalStateException(
              "A run in %s failed: %s".formatted(home, Files.readString(log(home))));
        }
        return killed;
      }
      process.destroyForcibly().waitFor();
      killed++;
    }
  }

  private Process start(Path home, String command, String... arguments) throws IOException {
    List<String> words = new ArrayList<>(weir);
    words.add(command);
    if (arguments.length > 0) {
      words.addAll(List.of(arguments));
    } else {
      words.addAll(pipeline);
    }
    words.addAll(List.of("--home", home.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(Machine.nowhere())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(home).toFile()));
    return builder.start();
  }

  private static Path log(Path home) {
    return home.resolveSibling(home.getFileName() + ".log");
  }

  /** The run that has begun and has not come to its end. */
  private static Optional<RunView> open(Path folder) {
    Optional<Home> home = Home.existing(folder.toUri(), Map.of());
    try {
      return home.flatMap(Events::existing)
          .map(LineageReader::open)
          .flatMap(lineage -> lineage.runs(1).stream().findFirst())
          .filter(run -> run.finishedAt() == null);
    } finally {
      home.ifPresent(Home::close);
    }
  }

  /** What the home's first run came to, and how often data was committed. */
  private static SortedMap<String, String> content(Path folder) {
    try (Home home = Home.open(folder)) {
      LineageReader lineage = LineageReader.open(Events.open(home));
      List<RunView> runs = lineage.runs(Integer.MAX_VALUE);
      SortedMap<String, String> content = new TreeMap<>();
      // The sample's files lie in the home, and each home has a place of its own.
      RunContent.of(lineage, runs.get(runs.size() - 1).run())
          .forEach((name, value) -> content.put(name.replace(folder.toString(), "<home>"), value));
      SortedMap<String, String> tables = new TreeMap<>();
      lineage
          .rows(LineageTable.DATASETS, List.of())
          .forEach(
              row ->
                  tables.put(
                      row.string("name"), "datasets/" + row.string("name").replace('.', '/')));
      tables.put("models", "models/artifacts");
      tables.forEach(
          (name, path) -> content.put("commits of data to " + name, commits(home.table(path))));
      content.put(
          "registered versions",
          String.valueOf(
              lineage.rows(LineageTable.MODELS, List.of()).stream()
                  .map(row -> row.get("number"))
                  .filter(number -> number != null)
                  .toList()));
      return content;
    }
  }

  private static String commits(DeltaTable table) {
    return String.valueOf(
        table.log().commits(-1, table.latestVersion()).stream()
            .filter(commit -> commit.dataChange())
            .count());
  }

  private static List<String> differences(
      SortedMap<String, String> expected, SortedMap<String, String> found) {
    List<String> differences = new ArrayList<>();
    SortedMap<String, String> all = new TreeMap<>(expected);
    all.putAll(found);
    for (String name : all.keySet()) {
      String was = expected.get(name);
      String is = found.get(name);
      if (was == null || !was.equals(is)) {
        differences.add("%s: %s, and not %s".formatted(name, is, was));
      }
    }
    return differences;
  }
}
