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
      names = {"-C", "--directory"},
      paramLabel = "FOLDER",
      description = "Act as if started in this folder instead of the current one.")
  Path directory = Path.of("");

  @Option(names = "--verbose", description = "Print stack traces too.")
  boolean verbose;

  /** The project of the folder that the command was given in. */
  Project project() {
    return Project.find(directory);
  }

  /** A path of the command line, absolute. */
  Path path(String text) {
    return directory.resolve(text).toAbsolutePath().normalize();
  }

  /** The home: {@code --home}, {@code WEIR_HOME}, the project's. */
  URI home(Project project) {
    return project.home(home, System.getenv());
  }
}
