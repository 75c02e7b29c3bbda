package dev.weir.cli;

import dev.weir.alert.Alerting;
import dev.weir.alert.Outbox;
import dev.weir.audit.AuditKey;
import dev.weir.config.Project;
import dev.weir.lineage.Events;
import dev.weir.run.ActiveRun;
import dev.weir.run.LineageAhead;
import dev.weir.run.RunListener;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
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
    return execute(LineageAhead.none());
  }

  /**
   * @param ahead of the request's home
   */
  int execute(LineageAhead ahead) throws InterruptedException {
    // One that can't be read is said before anything runs.
    Project project = workspace.project();
    Optional<AuditKey> auditKey = AuditKey.of(project);
    makeLog();
    AtomicReference<@Nullable ActiveRun> active = new AtomicReference<>();
    try (Runner runner =
        Runner.open(request, view(active), auditKey, events -> alerting(events, project), ahead)) {
      // Before it starts, which may have to wait for another run.
      Signals.onInterrupt(runner::cancel);
      Optional<ActiveRun> begun =
          QuickRun.is() ? runner.startIfIdle() : Optional.of(runner.start());
      if (begun.isEmpty()) {
        return QuickRun.HANDED_OVER;
      }
      ActiveRun started = begun.get();
      active.set(started);
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

  /** The log's folder; one that nothing is written to is not made. */
  private void makeLog() {
    String log = request.log();
    if (log != null && !QuickRun.is()) {
      SparkLog.make(Path.of(log));
    }
  }

  private static Alerting alerting(Events events, Project project) {
    return Outbox.of(
        events,
        project.config().alerts(),
        System.getenv(),
        line -> System.err.println("weir: " + line));
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
    return ExecutorJars.ship(
        asked(project, options), code, System.getenv(), SparkSessions.submitted());
  }

  /** What is asked of Spark, without what executors need besides. */
  static SparkSettings asked(Project project, SparkOptions options) {
    // A file that is not there stands for no settings.
    Path defaults =
        ConfFile.find(project, "spark-defaults.conf", System.getenv())
            .orElseGet(() -> project.folder().resolve("conf/spark-defaults.conf"));
    return SparkSettings.of(options.master, defaults, project.config().spark()).over(options.conf);
  }
}
