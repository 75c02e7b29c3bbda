package dev.weir.cli;

import dev.weir.config.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Files of {@code conf/} that a project need not have, since Weir comes with its own. */
final class ConfFile {
  /** Where the launcher lies, by whose {@code conf/} a project without the file is served. */
  private static final String ROOT = "WEIR_ROOT";

  private ConfFile() {}

  /** The project's own file, or else the one beside the launcher. */
  static Optional<Path> find(Project project, String name, Map<String, String> environment) {
    Path own = project.folder().resolve("conf").resolve(name);
    if (Files.isRegularFile(own)) {
      return Optional.of(own);
    }
    return Optional.ofNullable(environment.get(ROOT))
        .map(root -> Path.of(root, "conf", name))
        .filter(Files::isRegularFile);
  }
}
