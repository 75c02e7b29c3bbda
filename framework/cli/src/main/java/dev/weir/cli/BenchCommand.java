package dev.weir.cli;

import dev.weir.cli.bench.ChaosBench;
import dev.weir.cli.bench.ClusterBench;
import dev.weir.cli.bench.LineageBench;
import dev.weir.cli.bench.OverheadBench;
import dev.weir.cli.bench.ParallelBench;
import dev.weir.cli.bench.QualityBench;
import dev.weir.cli.bench.ReuseBench;
import dev.weir.cli.bench.ScaleBench;
import dev.weir.cli.bench.ShippedJar;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures Weir on this machine. */
@Command(
    name = "bench",
    description = "Measure Weir on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchCommand.Overhead.class,
      BenchCommand.Reuse.class,
      BenchCommand.Scale.class,
      BenchCommand.Parallel.class,
      BenchCommand.Lineage.class,
      BenchCommand.Quality.class,
      BenchCommand.Chaos.class,
      BenchCommand.Cluster.class
    })
final class BenchCommand implements Runnable {
  private static final Pattern MEMORY = Pattern.compile("(\\d{1,6})([mMgG])");

  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }

  /** The credit pipeline against the same work written by hand. */
  @Command(
      name = "overhead",
      description = {
        "What Weir costs: the credit pipeline against the same work written by hand on bare Spark",
        "and Delta, in turn in one process, and a chain of stages that do nothing."
      },
      mixinStandardHelpOptions = true)
  static final class Overhead implements Callable<Integer> {
    @Option(
        names = "--pairs",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many pairs are measured, after two that are not. Default: 15.")
    int pairs = 15;

    @Option(
        names = "--rows",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "Rows a month of the sample; the pipeline's own unless set.")
    @Nullable Integer rows;

    @Option(
        names = "--stages",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How long the chain of stages that do nothing is. Default: 200.")
    int stages = 200;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      Project project = workspace.project();
      UserCode code = UserCode.of(project, workspace, spark.jars);
      Path folder = work.path(workspace);
      SparkLog.ofCommand(project, folder.resolve("weir-bench").toUri(), "bench");
      new OverheadBench(
              project,
              RunAction.settings(project, spark, code),
              System.out,
              pairs,
              rows == null ? 2000 : rows,
              stages,
              folder)
          .run();
      return ExitCode.DONE;
    }
  }

  /** A pipeline that is run again unchanged, or with one stage changed. */
  @Command(
      name = "reuse",
      description = {
        "What running a pipeline again costs when nothing has changed, and when its last stage has:",
        "whole processes, from their start to their exit, in a project made for it."
      },
      mixinStandardHelpOptions = true)
  static final class Reuse implements Callable<Integer> {
    @Option(
        names = "--stages",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many stages the pipeline has. Default: 50.")
    int stages = 50;

    @Option(
        names = "--runs",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description =
            "How often it is run and planned again, after two that are not measured. Default: 15.")
    int runs = 15;

    @Option(
        names = "--pairs",
        paramLabel = "N",
        converter = AtLeastZero.class,
        description =
            "How often a run with one changed stage is measured against a full one; 0 leaves it out. Default: 15.")
    int pairs = 15;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      new ReuseBench(
              ReuseBench.launcher(System.getenv()),
              System.out,
              stages,
              runs,
              pairs,
              work.path(workspace))
          .run();
      return ExitCode.DONE;
    }
  }

  /** How planning and running grow with the number of stages. */
  @Command(
      name = "scale",
      description = {
        "How planning, running and running again grow with the number of stages, which do nothing:",
        "wide graphs and deep ones, each in a JVM of its own with a bounded heap."
      },
      mixinStandardHelpOptions = true)
  static final class Scale implements Callable<Integer> {
    @Option(
        names = "--stages",
        paramLabel = "N",
        split = ",",
        converter = AtLeastOne.class,
        description = "Numbers of stages. Default: 100,300,1000,3000,10000.")
    List<Integer> stages = List.of(100, 300, 1000, 3000, 10000);

    @Option(
        names = "--times",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How often each is measured, after one that is not. Default: 5.")
    int times = 5;

    @Option(
        names = "--plot",
        paramLabel = "FILE",
        description = "Draw the figures into this SVG file.")
    @Nullable String plot;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      new ScaleBench(
              System.out,
              stages,
              times,
              work.path(workspace),
              plot == null ? null : workspace.path(plot))
          .run();
      return ExitCode.DONE;
    }
  }

  /** Two stages side by side. */
  @Command(
      name = "parallel",
      description = {
        "What is won by running two independent stages side by side, whose work on Spark is one task",
        "each, against one after the other."
      },
      mixinStandardHelpOptions = true)
  static final class Parallel implements Callable<Integer> {
    @Option(
        names = "--pairs",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many pairs are measured, after two that are not. Default: 15.")
    int pairs = 15;

    @Option(
        names = "--rows",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many rows each stage digests. Default: 15,000,000.")
    int rows = 15_000_000;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      Project project = workspace.project();
      UserCode code = UserCode.of(project, workspace, spark.jars);
      Path folder = work.path(workspace);
      SparkLog.ofCommand(project, folder.resolve("weir-bench").toUri(), "bench");
      new ParallelBench(
              project, RunAction.settings(project, spark, code), System.out, pairs, rows, folder)
          .run();
      return ExitCode.DONE;
    }
  }

  /** Questions to lineage, and its writers. */
  @Command(
      name = "lineage",
      description = {
        "What lineage costs: to ask where a model comes from in homes of many runs, to make what a",
        "stage says durable, alone and from several processes at once, and to verify long audit chains."
      },
      mixinStandardHelpOptions = true)
  static final class Lineage implements Callable<Integer> {
    @Option(
        names = "--edges",
        paramLabel = "N",
        split = ",",
        converter = AtLeastOne.class,
        description = "Sizes of homes. Default: 10000,100000,1000000.")
    List<Integer> edges = List.of(10_000, 100_000, 1_000_000);

    @Option(
        names = "--times",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How often each command is measured. Default: 15.")
    int times = 15;

    @Option(
        names = "--commits",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many stages one writer makes durable in each home. Default: 1000.")
    int commits = 1000;

    @Option(
        names = "--audit-rows",
        paramLabel = "N",
        split = ",",
        converter = AtLeastOne.class,
        description = "Lengths of audit chains. Default: 1000,10000,100000.")
    List<Integer> auditRows = List.of(1_000, 10_000, 100_000);

    @Option(
        names = "--writers",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many processes write at once. Default: 8.")
    int writers = 8;

    @Option(
        names = "--stages",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many stages each of them has. Default: 100.")
    int stages = 100;

    @Option(
        names = "--plot",
        paramLabel = "FILE",
        description = "Draw the figures into this SVG file.")
    @Nullable String plot;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      new LineageBench(
              ReuseBench.launcher(System.getenv()),
              System.out,
              new LineageBench.Sizes(edges, times, commits, auditRows, writers, stages),
              work.path(workspace),
              plot == null ? null : workspace.path(plot))
          .run();
      return ExitCode.DONE;
    }
  }

  /** Checks and profiles of many rows. */
  @Command(
      name = "quality",
      description = {
        "What checks and profiles cost: 40 checks and the whole profile of a table of 20 columns,",
        "against one aggregation by hand over the same columns, and against one query a check."
      },
      mixinStandardHelpOptions = true)
  static final class Quality implements Callable<Integer> {
    @Option(
        names = "--rows",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many rows are generated. Default: 10,000,000.")
    int rows = 10_000_000;

    @Option(
        names = "--pairs",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many pairs are measured, after two that are not. Default: 15.")
    int pairs = 15;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      Project project = workspace.project();
      UserCode code = UserCode.of(project, workspace, spark.jars);
      Path folder = work.path(workspace);
      SparkLog.ofCommand(project, folder.resolve("weir-bench").toUri(), "bench");
      new QualityBench(RunAction.settings(project, spark, code), System.out, rows, pairs, folder)
          .run();
      return ExitCode.DONE;
    }
  }

  /** Runs that are killed at random times. */
  @Command(
      name = "chaos",
      description = {
        "Kill the processes of runs at random times, go on with them, and compare what they come to",
        "with a run that was never killed. Exits with 1 if anything differs."
      },
      mixinStandardHelpOptions = true)
  static final class Chaos implements Callable<Integer> {
    @Option(
        names = "--kills",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many processes are killed. Default: 100.")
    int kills = 100;

    @Option(
        names = "--seed",
        paramLabel = "N",
        description = "Of the times at which they are killed; another one each time unless set.")
    @Nullable Long seed;

    @Option(
        names = "--rows",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "Rows a month of the sample. Default: 200.")
    int rows = 200;

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      int different =
          new ChaosBench(
                  ChaosBench.process(),
                  List.of("credit", "--param", "rows=" + rows),
                  System.out,
                  kills,
                  seed == null ? System.nanoTime() & 0xffffffL : seed,
                  work.path(workspace))
              .run();
      return different == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  /** Retraining on a cluster that loses a worker. */
  @Command(
      name = "cluster",
      description = {
        "Retraining on more rows than a cluster's executors have memory for: a master and two",
        "workers on this machine, started and ended by the bench; once undisturbed, and once with",
        "a worker killed amid training. Both make the same, or the bench fails. Needs 15 GB of disk",
        "for the default rows."
      },
      mixinStandardHelpOptions = true)
  static final class Cluster implements Callable<Integer> {
    @Option(
        names = "--rows",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many rows are generated. Default: 20000000.")
    int rows = 20_000_000;

    @Option(
        names = "--executor-memory",
        paramLabel = "SIZE",
        description = "The heap of each of the two executors, from 450m up. Default: 600m.")
    String executorMemory = "600m";

    @Mixin WorkFolder work = new WorkFolder();

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      requireMemory(executorMemory);
      Path folder = work.path(workspace);
      Path jar = ExecutorJars.weir("the bench's cluster", System.getenv());
      new ClusterBench(System.out, new ShippedJar(jar), rows, executorMemory, folder).run();
      return ExitCode.DONE;
    }

    /** Spark starts no executor with less. */
    private static void requireMemory(String size) {
      Matcher parts = MEMORY.matcher(size);
      long megabytes =
          !parts.matches()
              ? 0
              : Long.parseLong(parts.group(1)) * (parts.group(2).equalsIgnoreCase("g") ? 1024 : 1);
      if (megabytes < 450) {
        throw WeirException.user(
            "executor-memory",
            "--executor-memory is '%s'; executors start with 450m or more.".formatted(size),
            "Write it like 600m or 2g.");
      }
    }
  }
}
