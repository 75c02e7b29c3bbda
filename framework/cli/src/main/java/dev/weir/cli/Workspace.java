package dev.weir.cli;

import dev.weir.config.Project;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where things are. */
final class Workspace {
  @Option(
      names = "--home",
      paramLabel = "URI",
      description =
          "Where datasets, models and lineage live; also WEIR_HOME. By default .weir beside conf/.")
  @Nullable String home;

  @Option(
      names = "--project",
      paramLabel = "FOLDER",
      description =
          "A folder of the project, whose conf/weir.yaml is in it or above; the current one unless"
              + " set.")
  @Nullable Path folder;

  @Option(names = "--verbose", description = "Print stack traces too.")
  boolean verbose;

  /** The project of {@code --project}, or of the folder that the command was given in. */
  Project project() {
    return Project.find(folder == null ? Path.of("") : folder);
  }

  /** The home: {@code --home}, {@code WEIR_HOME}, the project's. */
  URI home(Project project) {
    return project.home(home, System.getenv());
  }
}
