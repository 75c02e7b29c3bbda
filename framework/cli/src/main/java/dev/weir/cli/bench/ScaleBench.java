package dev.weir.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How planning, running and running again grow with the number of stages, which do nothing: what is
 * left is Weir's own work. Each shape is measured in a JVM of its own with a bounded heap, by
 * {@link ScaleProcess}.
 */
public final class ScaleBench {
  private static final int HEAP_MEGABYTES = 640;

  private final PrintStream out;
  private final List<Integer> sizes;
  private final int times;
  private final Path work;
  private final @Nullable Path plot;

  /**
   * @param sizes the numbers of stages
   * @param times how often each is measured; the median counts
   * @param work a folder for homes, which are removed
   * @param plot the SVG file to draw, or null
   */
  public ScaleBench(
      PrintStream out, List<Integer> sizes, int times, Path work, @Nullable Path plot) {
    this.out = out;
    this.sizes = List.copyOf(sizes);
    this.times = times;
    this.work = work;
    this.plot = plot;
  }

  /** How the stages hang together. */
  enum Shape {
    /** None waits for another. */
    WIDE,
    /** Each waits for the one before it. */
    DEEP;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was measured of one size, in seconds.
   *
   * @param plan a plan in a home that is empty
   * @param run a run of all stages, until its end is durable
   * @param tables from there until the lineage tables are up to date
   * @param planAgain a plan of the same when all has been done
   * @param runAgain a run that uses all again, until its end is durable
   * @param tablesAgain the tables after that one
   */
  record Measure(
      int stages,
      double plan,
      double run,
      double tables,
      double planAgain,
      double runAgain,
      double tablesAgain) {
    String line() {
      return "%d %s %s %s %s %s %s"
          .formatted(stages, plan, run, tables, planAgain, runAgain, tablesAgain);
    }

    static Measure parse(String line) {
      String[] words = line.split(" ", -1);
      double[] seconds = new double[6];
      for (int i = 0; i < seconds.length; i++) {
        seconds[i] = Double.parseDouble(words[i + 1]);
      }
      return new Measure(
          Integer.parseInt(words[0]),
          seconds[0],
          seconds[1],
          seconds[2],
          seconds[3],
          seconds[4],
          seconds[5]);
    }

    double perStage(double seconds) {
      return seconds * 1000 / stages;
    }
  }

  /** Measures and prints. */
  public void run() throws IOException, InterruptedException {
    Machine.print(out);
    out.printf(
        Locale.ROOT,
        "stages that do nothing; wide: none waits for another, deep: each waits for the one before;%n"
            + "seconds, median of %d, after a first plan of the greatest size in a new JVM (cold);%n"
            + "run: until its end is durable, tables: from there until they are up to date%n",
        times);
    Path folder = Files.createTempDirectory(work, "weir-bench-");
    try {
      List<Measure> wide = shape(Shape.WIDE, folder);
      List<Measure> deep = shape(Shape.DEEP, folder);
      if (plot != null) {
        draw(plot, wide, deep);
        out.println("drawn in " + plot);
      }
    } finally {
      Folders.remove(folder);
    }
  }

  private List<Measure> shape(Shape shape, Path folder) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Machine.java("-Xmx" + HEAP_MEGABYTES + "m", "-Xms64m"));
    command.add(ScaleProcess.class.getName());
    command.add(shape.name());
    command.add(String.valueOf(times));
    command.add(folder.resolve(shape.text()).toString());
    sizes.forEach(size -> command.add(String.valueOf(size)));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(Machine.nowhere())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    out.printf(
        Locale.ROOT,
        "%s    stages     plan      run  ms a stage   tables  plan again  run again  ms a stage   tables%n",
        shape.text());
    List<Measure> measures = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("says ")) {
          out.println("      " + line.substring(5));
          continue;
        }
        Measure measure = Measure.parse(line);
        measures.add(measure);
        out.printf(
            Locale.ROOT,
            "      %,8d  %7.3f  %7.3f  %10.3f  %7.3f  %10.3f  %9.3f  %10.3f  %7.3f%n",
            measure.stages(),
            measure.plan(),
            measure.run(),
            measure.perStage(measure.run()),
            measure.tables(),
            measure.planAgain(),
            measure.runAgain(),
            measure.perStage(measure.runAgain()),
            measure.tablesAgain());
      }
    } finally {
      process.destroy();
    }
    int code = process.waitFor();
    if (code != 0 || measures.size() != sizes.size()) {
      throw new IllegalStateException(
          "The process that measured %s graphs ended with code %d".formatted(shape.text(), code));
    }
    return measures;
  }

  private static void draw(Path file, List<Measure> wide, List<Measure> deep) throws IOException {
    Plot drawn = new Plot("Stages that do nothing", "stages", "seconds");
    add(drawn, "run, wide", wide, measure -> measure.run() + measure.tables());
    add(drawn, "run, deep", deep, measure -> measure.run() + measure.tables());
    add(drawn, "run again, wide", wide, measure -> measure.runAgain() + measure.tablesAgain());
    add(drawn, "run again, deep", deep, measure -> measure.runAgain() + measure.tablesAgain());
    add(drawn, "plan again, wide", wide, Measure::planAgain);
    add(drawn, "plan again, deep", deep, Measure::planAgain);
    drawn.write(file);
  }

  private static void add(
      Plot plot, String name, List<Measure> measures, ToDoubleFunction<Measure> seconds) {
    plot.line(
        name,
        measures.stream()
            .map(measure -> new Plot.Point(measure.stages(), seconds.applyAsDouble(measure)))
            .toList());
  }
}
