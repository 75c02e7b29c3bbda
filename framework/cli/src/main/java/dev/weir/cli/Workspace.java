package dev.weir.cli;

import dev.weir.config.Project;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where things are. */
final class Workspace {
  private static final String HOME = "--home";
  private static final String DIRECTORY = "-C";

  @Option(
      names = HOME,
      paramLabel = "URI",
      description =
          "Where datasets, models and lineage live; also WEIR_HOME. By default .weir beside conf/.")
  @Nullable String home;

  @Option(
      names = {DIRECTORY, "--directory"},
      paramLabel = "FOLDER",
      description = "Act as if started in this folder instead of the current one.")
  Path directory = Path.of("");

  @Option(names = "--verbose", description = "Print stack traces too.")
  boolean verbose;

  private @Nullable Project project;

  /** The project of the folder that the command was given in. */
  Project project() {
    Project found = project;
    if (found == null) {
      found = Project.find(directory);
      project = found;
    }
    return found;
  }

  /** The options that were given, for another command to be given them too. */
  List<String> given() {
    List<String> given = new ArrayList<>();
    if (home != null) {
      given.addAll(List.of(HOME, home));
    }
    if (!directory.toString().isEmpty()) {
      given.addAll(List.of(DIRECTORY, directory.toString()));
    }
    return given;
  }

  /** The same as words at the end of a command line. */
  String place() {
    return place(given());
  }

  static String place(List<String> given) {
    return String.join("", given.stream().map(word -> " " + Text.shell(word)).toList());
  }

  /** A path of the command line, absolute: it starts at the folder that one is in. */
  Path path(String text) {
    return directory.resolve(text).toAbsolutePath().normalize();
  }

  /**
   * The home: {@code --home}, {@code WEIR_HOME}, the project's. A relative one starts at the
   * project's folder, wherever in the project the command is given: it is one home.
   */
  URI home(Project project) {
    return project.home(home, System.getenv());
  }
}
