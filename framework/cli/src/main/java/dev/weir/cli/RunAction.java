package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.LoadedPipeline;
import dev.weir.run.ActiveRun;
import dev.weir.run.RunEvent;
import dev.weir.run.RunIds;
import dev.weir.run.RunListener;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Runs a pipeline and shows it. */
final class RunAction {
  private final RunCommand command;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  RunAction(RunCommand command) {
    this.command = command;
  }

  int execute() throws Exception {
    Project project = command.workspace.project();
    URI home = command.workspace.home(project);
    String run = RunIds.next();
    // Before anything logs: everything of this process goes to the run's own file.
    Path log = SparkLog.ofRun(project, home, run);
    UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
    SparkSettings spark = settings(project, command.spark, code);
    ClassLoader loader = code.install();
    LoadedPipeline loaded;
    try (HomeCatalog catalog = new HomeCatalog(home, SparkSessions.hadoop(spark))) {
      loaded =
          PipelineActions.load(
              project, command.workspace, command.pipeline, command.params, loader, catalog);
    }
    if (log != null) {
      SparkLog.make(log);
    }
    RunRequest request =
        new RunRequest(
            run,
            loaded.pipeline(),
            home,
            project.uri(),
            spark,
            project.config().modelClasses(),
            command.parallel == null ? RunRequest.DEFAULT_PARALLELISM : command.parallel,
            RunRequest.DEFAULT_LEASE,
            environment(),
            log == null ? null : log.toString());
    AtomicReference<@Nullable ActiveRun> active = new AtomicReference<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    RunListener view =
        interruptible(
            view(active, startsSpark(loaded.pipeline().graph())),
            () -> {
              interrupted.set(true);
              ActiveRun now = active.get();
              if (now != null) {
                now.cancel();
              }
            });
    try (Runner runner = Runner.open(request, view)) {
      ActiveRun started = runner.start();
      active.set(started);
      if (interrupted.get()) {
        started.cancel();
      }
      RunResult result = started.await();
      if (!command.json) {
        new RunSummary(out, ansi, command.pipeline, command.workspace.given()).print(result);
      }
      if (command.workspace.verbose) {
        printStackTraces(started);
      }
      return exitCode(result.state());
    }
  }

  /** From when a run has begun, and not only from when its first stages have, Ctrl-C cancels it. */
  private static RunListener interruptible(RunListener view, Runnable cancel) {
    return event -> {
      if (event instanceof RunEvent.Began) {
        Signals.onInterrupt(cancel);
      }
      view.on(event);
    };
  }

  private static void printStackTraces(ActiveRun run) {
    run.causes()
        .forEach(
            (stage, error) -> {
              System.err.println("Stage " + stage + ":");
              error.printStackTrace(System.err);
            });
  }

  /** Whether a run starts Spark at once: any stage that reads or writes has it do so. */
  private static boolean startsSpark(Graph graph) {
    return graph.readsOrWrites() && SparkSession.getDefaultSession().isEmpty();
  }

  private RunListener view(AtomicReference<@Nullable ActiveRun> active, boolean startsSpark) {
    if (command.json) {
      return new JsonView(out);
    }
    if (ansi.terminal()) {
      return new LiveView(
          out,
          ansi,
          startsSpark,
          stage -> {
            ActiveRun now = active.get();
            return now == null ? ActiveRun.NO_TASKS : now.tasks(stage);
          });
    }
    return new LineView(out);
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("weir", Main.Version.number());
    environment.put("command", "run " + command.pipeline);
    return environment;
  }

  static SparkSettings settings(Project project, SparkOptions options, UserCode code) {
    // A file that is not there stands for no settings.
    Path defaults =
        ConfFile.find(project, "spark-defaults.conf", System.getenv())
            .orElseGet(() -> project.folder().resolve("conf/spark-defaults.conf"));
    SparkSettings settings =
        SparkSettings.of(options.master, defaults, project.config().spark()).over(options.conf);
    return ExecutorJars.ship(settings, code, System.getenv(), SparkSessions.submitted());
  }

  private static int exitCode(RunState state) {
    return switch (state) {
      case SUCCEEDED -> ExitCode.DONE;
      case HALTED -> ExitCode.HALTED;
      case CANCELLED -> ExitCode.CANCELLED;
      default -> ExitCode.FAILED;
    };
  }
}
