package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.pipeline.LoadedPipeline;
import dev.weir.run.RunIds;
import dev.weir.run.RunRequest;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the command line asks of the runner. */
final class Requests {
  /** The fact of a run's environment that says which file its pipeline is in. */
  static final String PIPELINE_FILE = "pipeline_file";

  private Requests() {}

  /** A file, relative to the project where it is in that. */
  private static String file(Project project, Path file) {
    Path folder = project.folder().toAbsolutePath().normalize();
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.startsWith(folder)
        ? folder.relativize(absolute).toString()
        : absolute.toString();
  }

  /**
   * A request for a new run.
   *
   * @param command what was typed, for the run's facts
   * @param parallel how many stages run side by side, or null for the default
   * @param logs whether it is going to run, and so to log
   */
  static RunRequest of(
      Workspace workspace,
      SparkOptions options,
      String pipeline,
      Map<String, String> params,
      String command,
      @Nullable Integer parallel,
      boolean logs)
      throws Exception {
    Project project = workspace.project();
    URI home = workspace.home(project);
    String run = RunIds.next();
    // Before anything logs: everything of a run's process goes to its own file.
    Path log = null;
    if (logs) {
      log = SparkLog.ofRun(project, home, run);
    } else {
      SparkLog.none(project);
    }
    SparkLog.warmUp();
    UserCode code = UserCode.of(project, workspace, options.jars);
    SparkSettings spark = RunAction.settings(project, options, code);
    ClassLoader loader = code.install();
    LoadedPipeline loaded;
    try (HomeCatalog catalog = new HomeCatalog(home, SparkSessions.hadoop(spark))) {
      loaded = PipelineActions.load(project, workspace, pipeline, params, loader, catalog);
    }
    return new RunRequest(
        run,
        loaded.pipeline(),
        home,
        project.uri(),
        spark,
        project.config().modelClasses(),
        parallel == null ? RunRequest.DEFAULT_PARALLELISM : parallel,
        RunRequest.DEFAULT_LEASE,
        Map.of(
            "weir",
            Main.Version.number(),
            "command",
            command,
            PIPELINE_FILE,
            file(project, loaded.file())),
        log == null ? null : log.toString(),
        Selection.ALL,
        null);
  }
}
