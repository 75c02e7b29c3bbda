package dev.weir.config;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with {@code conf/weir.yaml} in it, from which all relative paths start.
 *
 * @param folder the folder that holds {@code conf/}, absolute
 * @param config what {@code conf/weir.yaml} says
 */
public record Project(Path folder, ProjectConfig config) {
  /** The file that makes a folder a project. */
  public static final String FILE = "conf/weir.yaml";

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  public Project {
    folder = folder.toAbsolutePath().normalize();
  }

  /** The project of the nearest folder above, or the folder itself, if there is one. */
  public static Optional<Project> above(Path start) {
    for (Path at = start.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve(FILE))) {
        return Optional.of(open(at));
      }
    }
    return Optional.empty();
  }

  /** The same, or an error that says where was looked and what to do. */
  public static Project find(Path start) {
    return above(start)
        .orElseThrow(
            () ->
                WeirException.user(
                    "no-project",
                    "There is no %s in %s or any folder above it."
                        .formatted(FILE, start.toAbsolutePath().normalize()),
                    "Go to a Weir project, or make the file: it may be empty."));
  }

  private static Project open(Path folder) {
    Problems problems = new Problems();
    Yaml node = YamlReader.read(folder.resolve(FILE), FILE, problems);
    ProjectConfig config =
        node == null ? null : new Binder(Map.of()).read(node, ProjectConfig.class, FILE, problems);
    problems.throwIfAny(FILE + " of " + folder);
    return new Project(folder, config == null ? ProjectConfig.DEFAULT : config);
  }

  /** A path of the project's files or of the command line, relative to the project's folder. */
  public Path resolve(String path) {
    return folder.resolve(path).normalize();
  }

  /** Where the project's pipelines stand. */
  public Path pipelines() {
    return folder.resolve("conf/pipelines");
  }

  /** The project's folder as a URI. */
  public URI uri() {
    return uri(folder);
  }

  /**
   * Where everything is kept: what {@code --home} says, or else {@code WEIR_HOME}, or else {@code
   * home} in {@code conf/weir.yaml}, or else {@code .weir} in the project's folder.
   *
   * @param option the value of {@code --home}, or null
   * @param environment the process's environment
   * @return an absolute URI without a slash at its end
   */
  public URI home(@Nullable String option, Map<String, String> environment) {
    if (option != null) {
      return home(option, "--home");
    }
    String variable = environment.get("WEIR_HOME");
    if (variable != null && !variable.isBlank()) {
      return home(variable, "WEIR_HOME");
    }
    String configured = config.home();
    return configured == null ? uri(folder.resolve(".weir")) : home(configured, "home in " + FILE);
  }

  private URI home(String text, String origin) {
    if (text.isBlank()) {
      throw WeirException.user(
          "invalid-home",
          origin + " is empty.",
          "Name a folder or a URI such as s3a://bucket/weir.");
    }
    if (!SCHEME.matcher(text).matches()) {
      boolean own = text.equals("~") || text.startsWith("~/");
      return uri(resolve(own ? System.getProperty("user.home") + text.substring(1) : text));
    }
    try {
      URI uri = new URI(text).normalize();
      return uri.getScheme().equals("file") && uri.getPath() != null
          ? uri(Path.of(uri.getPath()))
          : new URI(withoutSlash(uri.toString()));
    } catch (URISyntaxException e) {
      throw WeirException.user(
          "invalid-home",
          "%s is '%s', which is no URI: %s.".formatted(origin, text, e.getReason()),
          "Name a folder or a URI such as s3a://bucket/weir.");
    }
  }

  /**
   * The jars and folders that {@code classpath} names, globs followed, each once. A name that leads
   * to nothing is an error.
   */
  public List<Path> classpath() {
    Set<Path> found = new LinkedHashSet<>();
    Problems problems = new Problems();
    for (String entry : config.classpath()) {
      List<Path> paths = entry.matches(".*[*?\\[{].*") ? glob(entry) : List.of(resolve(entry));
      if (paths.isEmpty()) {
        problems.add("'%s' under classpath matches nothing in %s".formatted(entry, folder));
      }
      for (Path path : paths) {
        if (!Files.exists(path)) {
          problems.add("'%s' under classpath is not there: %s".formatted(entry, path));
        }
        found.add(path);
      }
    }
    problems.throwIfAny(FILE + " of " + folder);
    return List.copyOf(found);
  }

  private List<Path> glob(String pattern) {
    List<String> fixed = new ArrayList<>();
    for (String part : pattern.split("/", -1)) {
      if (part.matches(".*[*?\\[{].*")) {
        break;
      }
      fixed.add(part);
    }
    Path base = resolve(String.join("/", fixed) + (fixed.equals(List.of("")) ? "/" : ""));
    if (!Files.isDirectory(base)) {
      return List.of();
    }
    String below = pattern.substring(fixed.isEmpty() ? 0 : String.join("/", fixed).length() + 1);
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + below);
    int depth = below.contains("**") ? Integer.MAX_VALUE : below.split("/", -1).length;
    try (Stream<Path> files = Files.walk(base, depth)) {
      return files.filter(p -> matcher.matches(base.relativize(p))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't list " + base, e);
    }
  }

  private static URI uri(Path path) {
    // A folder's URI ends in a slash once the folder is there; the home's name must not change.
    return URI.create(withoutSlash(path.toUri().toString()));
  }

  private static String withoutSlash(String text) {
    return text.endsWith("/") && !text.endsWith("//") && text.length() > 1
        ? text.substring(0, text.length() - 1)
        : text;
  }
}
