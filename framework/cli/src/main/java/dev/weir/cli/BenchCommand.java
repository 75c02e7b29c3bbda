package dev.weir.cli;

import dev.weir.cli.bench.ClusterBench;
import dev.weir.cli.bench.OverheadBench;
import dev.weir.cli.bench.ShippedJar;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import java.nio.file.Path;
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
    subcommands = {BenchCommand.Overhead.class, BenchCommand.Cluster.class})
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

    @Option(
        names = "--work",
        paramLabel = "FOLDER",
        description = "Where homes are made and removed; a temporary folder unless set.")
    @Nullable String work;

    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      Project project = workspace.project();
      UserCode code = UserCode.of(project, workspace, spark.jars);
      Path folder =
          work == null ? Path.of(System.getProperty("java.io.tmpdir")) : workspace.path(work);
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

  /** Retraining on a cluster that loses a worker. */
  @Command(
      name = "cluster",
      description = {
        "Retraining on more rows than a cluster's executors have memory for: a master and two",
        "workers on this machine, started and ended by the bench; once undisturbed, and once with",
        "a worker killed amid training. Both make the same, or the bench fails."
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

    @Option(
        names = "--work",
        paramLabel = "FOLDER",
        description =
            "Where the cluster works and homes are made and removed, 15 GB for the default rows; a temporary folder unless set.")
    @Nullable String work;

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      requireMemory(executorMemory);
      Path folder =
          work == null ? Path.of(System.getProperty("java.io.tmpdir")) : workspace.path(work);
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
