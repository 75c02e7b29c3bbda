package dev.weir.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a bench works. */
final class WorkFolder {
  @Option(
      names = "--work",
      paramLabel = "FOLDER",
      description = "Where homes and projects are made and removed; a temporary folder unless set.")
  @Nullable String folder;

  Path path(Workspace workspace) {
    String given = folder;
    return given == null ? Path.of(System.getProperty("java.io.tmpdir")) : workspace.path(given);
  }
}
