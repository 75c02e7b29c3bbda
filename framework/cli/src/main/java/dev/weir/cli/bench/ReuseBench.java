package dev.weir.cli.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What it costs to run a pipeline again of which nothing, or one stage, has changed: each command
 * as a process of its own, from its start to its exit, as a person waits for it.
 */
public final class ReuseBench {
  private static final int WARM_UP = 2;
  private static final int WIDTH = 7;
  private static final int ROWS = 200;
  private static final Pattern REUSED = Pattern.compile("(?m)^\\S+ (s\\d+|ingest) reused: ");

  private final List<String> weir;
  private final PrintStream out;
  private final int stages;
  private final int reruns;
  private final int pairs;
  private final Path work;

  /**
   * @param weir the words that start the command line
   * @param stages how many stages the pipeline has
   * @param reruns how often it is run and planned again
   * @param pairs how often one changed stage is measured against a full run
   * @param work a folder for the project, which is removed
   */
  public ReuseBench(
      List<String> weir, PrintStream out, int stages, int reruns, int pairs, Path work) {
    this.weir = List.copyOf(weir);
    this.out = out;
    this.stages = stages;
    this.reruns = reruns;
    this.pairs = pairs;
    this.work = work;
  }

  /** The words that start the command line: the launcher where it started this process. */
  public static List<String> launcher(Map<String, String> environment) {
    String root = environment.get("WEIR_ROOT");
    if (root != null && environment.containsKey("WEIR_JAR")) {
      return List.of(Path.of(root, "weir").toString());
    }
    List<String> java = new ArrayList<>(Machine.java());
    java.add("dev.weir.cli.Main");
    return java;
  }

  /** Measures and prints. */
  public void run() throws IOException, InterruptedException {
    Machine.print(out);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      project(folder);
      Said first = weir(folder, "run", "layers");
      require(first.reused() == 0 && first.spark(), "the first run to do all work", first);
      out.printf(
          Locale.ROOT,
          "%d stages, an ingest of %d rows and layers of %d sql stages; whole processes of %s%n",
          stages,
          ROWS,
          WIDTH,
          weir.get(0).endsWith("weir") ? "./weir" : "java");
      out.printf(Locale.ROOT, "  first run, everything to do: %.2f s%n", first.seconds());
      unchanged(folder);
      if (pairs > 0) {
        leaf(folder);
      }
    } finally {
      Folders.remove(folder);
    }
  }

  /** What a command came to. */
  private record Said(double seconds, int code, String text) {
    boolean spark() {
      return text.contains(" spark ready on ");
    }

    int reused() {
      Matcher matcher = REUSED.matcher(text);
      int count = 0;
      while (matcher.find()) {
        count++;
      }
      return count;
    }
  }

  private void unchanged(Path folder) throws IOException, InterruptedException {
    double[] runs = new double[reruns];
    double[] plans = new double[reruns];
    int started = 0;
    // A single one is no measurement, but a trial of the bench.
    int warmUp = reruns == 1 ? 0 : WARM_UP;
    for (int i = -warmUp; i < reruns; i++) {
      Said run = weir(folder, "run", "layers");
      started += run.spark() ? 1 : 0;
      require(run.reused() == stages, "all stages to be reused", run);
      Said plan = weir(folder, "plan", "layers");
      require(
          plan.text().startsWith("layers: nothing to do, %d stages reused".formatted(stages)),
          "a plan of nothing to do",
          plan);
      if (i >= 0) {
        runs[i] = run.seconds();
        plans[i] = plan.seconds();
      }
    }
    out.println("  unchanged, run again, seconds:  " + new Ratios(runs));
    out.printf(
        Locale.ROOT,
        "    all %d stages reused in each; Spark was started in %d of %d%n",
        stages,
        started,
        warmUp + reruns);
    out.println("  unchanged, plan, seconds:       " + new Ratios(plans));
  }

  private void leaf(Path folder) throws IOException, InterruptedException {
    double[] changed = new double[pairs];
    double[] full = new double[pairs];
    double[] ratios = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      // Who goes first alternates, so that a machine that slows down favours neither.
      if (i % 2 == 0) {
        changed[i] = changed(folder, i);
        full[i] = full(folder);
      } else {
        full[i] = full(folder);
        changed[i] = changed(folder, i);
      }
      ratios[i] = changed[i] / full[i];
    }
    out.println("  its last stage changed, seconds: " + new Ratios(changed));
    out.println("  everything (--fresh), seconds:   " + new Ratios(full));
    out.println("  ratio:                           " + new Ratios(ratios));
  }

  private double changed(Path folder, int change) throws IOException, InterruptedException {
    pipeline(folder, change + 1);
    Said said = weir(folder, "run", "layers");
    require(said.reused() == stages - 1 && said.spark(), "one stage to run", said);
    return said.seconds();
  }

  private double full(Path folder) throws IOException, InterruptedException {
    Said said = weir(folder, "run", "layers", "--fresh");
    require(said.reused() == 0, "everything to run", said);
    return said.seconds();
  }

  private Said weir(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(weir);
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(Machine.nowhere())
            .redirectError(errors.toFile());
    builder.environment().remove("WEIR_HOME");
    // As the launcher has it.
    builder.environment().putIfAbsent("SPARK_LOCAL_IP", "127.0.0.1");
    long began = System.nanoTime();
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    Said said = new Said((System.nanoTime() - began) / 1e9, code, text);
    require(code == 0, "exit code 0, not " + code + ": " + Files.readString(errors), said);
    return said;
  }

  private static void require(boolean met, String expected, Said said) {
    if (!met) {
      throw new IllegalStateException("Expected " + expected + ", but:\n" + said.text());
    }
  }

  // --- The project

  private void project(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("conf/pipelines"));
    Files.writeString(folder.resolve("conf/weir.yaml"), "");
    StringBuilder rows = new StringBuilder("id,part,value\n");
    for (int i = 1; i <= ROWS; i++) {
      rows.append(i).append(',').append(i % 7).append(',').append(i * 37 % 101).append('\n');
    }
    Files.writeString(folder.resolve("rows.csv"), rows);
    pipeline(folder, 0);
  }

  /**
   * Each stage reads two of the layer before; those of the first layer read what was ingested.
   *
   * @param change a number in the last stage's query
   */
  private void pipeline(Path folder, int change) throws IOException {
    StringBuilder yaml =
        new StringBuilder(
            """
            pipeline: layers
            stages:
              - uses: ingest
                with: { source: { format: csv, path: rows.csv }, into: layers.rows }
            """);
    for (int i = 0; i < stages - 1; i++) {
      int layer = i / WIDTH;
      int place = i % WIDTH;
      int add = place + (i == stages - 2 ? change : 0);
      String from = "layers.rows";
      String statement = "select id, value + " + add + " as value from layers.rows";
      if (layer > 0) {
        String one = name((layer - 1) * WIDTH + place);
        String other = name((layer - 1) * WIDTH + (place + 1) % WIDTH);
        from = "[ layers.%s, layers.%s ]".formatted(one, other);
        statement =
            "select a.id, a.value + b.value + %d as value from layers.%s a join layers.%s b on a.id = b.id"
                .formatted(add, one, other);
      }
      yaml.append(
          """
            - name: %s
              uses: sql
              with: { from: %s, into: layers.%s, statement: "%s" }
          """
              .formatted(name(i), from, name(i), statement));
    }
    Files.writeString(folder.resolve("conf/pipelines/layers.yaml"), yaml);
  }

  private static String name(int stage) {
    return String.format(Locale.ROOT, "s%02d", stage + 1);
  }
}
