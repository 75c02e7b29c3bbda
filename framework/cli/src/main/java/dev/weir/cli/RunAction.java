package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.run.ActiveRun;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs a pipeline, or goes on with a run, and shows it. */
final class RunAction {
  private final RunRequest request;
  private final Workspace workspace;
  private final String pipeline;
  private final boolean json;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  /**
   * @param pipeline the pipeline, as a person names it
   */
  RunAction(RunRequest request, Workspace workspace, String pipeline, boolean json) {
    this.request = request;
    this.workspace = workspace;
    this.pipeline = pipeline;
    this.json = json;
  }

  int execute() throws InterruptedException {
    String log = request.log();
    if (log != null) {
      SparkLog.make(Path.of(log));
    }
    AtomicReference<@Nullable ActiveRun> active = new AtomicReference<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    RunListener view =
        interruptible(
            view(active),
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
      if (!json) {
        new RunSummary(out, ansi, pipeline, workspace.given()).print(result);
      }
      if (workspace.verbose) {
        printStackTraces(started);
      }
      return ExitCode.of(result.state());
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

  private RunListener view(AtomicReference<@Nullable ActiveRun> active) {
    if (json) {
      return new JsonView(out);
    }
    if (ansi.terminal()) {
      return new LiveView(
          out,
          ansi,
          stage -> {
            ActiveRun now = active.get();
            return now == null ? ActiveRun.NO_TASKS : now.tasks(stage);
          });
    }
    return new LineView(out);
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
}
