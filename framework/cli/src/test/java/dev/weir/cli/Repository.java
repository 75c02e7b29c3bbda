package dev.weir.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where this repository is. */
final class Repository {
  private Repository() {}

  /** The folder that holds the launcher. */
  static Path root() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("weir")) && Files.isDirectory(at.resolve("framework"))) {
        return at;
      }
    }
    throw new IllegalStateException("No folder above the working directory holds ./weir");
  }
}
