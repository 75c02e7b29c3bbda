package dev.weir.ingest;

import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.pipeline.Outside;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Finds the files that a source's paths mean. */
final class FileSearch {
  private static final int NAMES_SHOWN = 6;

  private final Outside outside;

  FileSearch(Outside outside) {
    this.outside = outside;
  }

  /**
   * The files, each once, in the order of their paths.
   *
   * @throws WeirException that says what was looked for, where, and what is there instead
   */
  List<FileStatus> find(Collection<String> patterns) {
    TreeMap<String, FileStatus> found = new TreeMap<>();
    for (String pattern : patterns) {
      for (FileStatus status : find(pattern)) {
        requireReadable(status.getPath());
        found.put(status.getPath().toString(), status);
      }
    }
    return new ArrayList<>(found.values());
  }

  /**
   * Spark looks for the checksums of local files, and takes a colon in their names for a scheme.
   */
  private static void requireReadable(Path path) {
    if (path.getName().contains(":") && "file".equals(path.toUri().getScheme())) {
      throw WeirException.user(
          "unreadable-source",
          "The file %s has a colon in its name, which Spark can't read.".formatted(name(path)),
          "Give it another name.");
    }
  }

  /** Checks that a path leads to something; throws an error that says what is there instead. */
  void requireThere(String path) throws IOException {
    Path resolved = resolve(path);
    if (outside.status(resolved).isEmpty()) {
      throw missing(path, resolved);
    }
  }

  /** Where a path points to, with its scheme. */
  Path resolve(String path) {
    Path given = path(path);
    if (!given.isAbsolute()) {
      String base = outside.project().toString();
      given = new Path(new Path(URI.create(base.endsWith("/") ? base : base + "/")), given);
    }
    try {
      return outside.qualified(given);
    } catch (IOException e) {
      throw WeirExceptions.unreadable(given, e);
    } catch (IllegalArgumentException e) {
      throw new WeirException(
          "unreadable-source",
          ErrorKind.USER,
          "The path '%s' leads nowhere: %s.".formatted(path, e.getMessage()),
          "A local path has no host: write file:///data/in.csv, or leave the scheme out.",
          e);
    }
  }

  private static Path path(String given) {
    try {
      return new Path(given);
    } catch (IllegalArgumentException e) {
      // What stands before its colon is no scheme.
      return new Path(null, null, given);
    }
  }

  /** A path as a person writes it: without a scheme for local files. */
  static String name(Path path) {
    URI uri = path.toUri();
    return uri.getScheme() == null || uri.getScheme().equals("file")
        ? uri.getPath()
        : path.toString();
  }

  private List<FileStatus> find(String pattern) {
    Path path = resolve(pattern);
    try {
      Optional<FileStatus> exact = exact(path, isGlob(pattern));
      if (exact.isPresent()) {
        return below(exact.get(), pattern);
      }
      if (!isGlob(pattern)) {
        throw missing(pattern, path);
      }
      FileStatus[] matches = matches(pattern, path);
      List<FileStatus> found = new ArrayList<>();
      for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
        if (!hidden(match.getPath())) {
          found.addAll(match.isDirectory() ? list(match.getPath()) : List.of(match));
        }
      }
      if (found.isEmpty()) {
        throw nothingMatches(pattern, path);
      }
      return found;
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    }
  }

  private Optional<FileStatus> exact(Path path, boolean glob) throws IOException {
    try {
      return outside.status(path);
    } catch (FileSystemException e) {
      if (glob) {
        // A pattern need not be a name that a file could have.
        return Optional.empty();
      }
      throw e;
    }
  }

  private FileStatus @Nullable [] matches(String pattern, Path path) throws IOException {
    try {
      return outside.fileSystem(path).globStatus(path);
    } catch (IllegalArgumentException e) {
      throw new WeirException(
          "unreadable-source",
          ErrorKind.USER,
          "The pattern '%s' can't be looked for in %s, where a name has a colon (%s)."
              .formatted(pattern, name(folder(path)), e.getMessage()),
          "Give that file another name, or name those that are to be read.",
          e);
    }
  }

  private static boolean isGlob(String pattern) {
    return pattern.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
  }

  private List<FileStatus> below(FileStatus exact, String pattern) throws IOException {
    if (exact.isDirectory()) {
      List<FileStatus> found = list(exact.getPath());
      if (found.isEmpty()) {
        throw WeirException.user(
            "no-source-files",
            "The folder '%s' (%s) has no files to read.".formatted(pattern, name(exact.getPath())),
            "Files whose names begin with _ or . are passed over.");
      }
      return found;
    }
    if (hidden(exact.getPath())) {
      throw WeirException.user(
          "hidden-source-file",
          "The file '%s' (%s) would not be read: Spark passes over names that begin with _ or ."
              .formatted(pattern, name(exact.getPath())),
          "Give it another name.");
    }
    return List.of(exact);
  }

  private List<FileStatus> list(Path folder) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    for (FileStatus status : outside.list(folder)) {
      if (!hidden(status.getPath())) {
        found.addAll(status.isDirectory() ? list(status.getPath()) : List.of(status));
      }
    }
    return found;
  }

  private static boolean hidden(Path path) {
    // As Spark has it: names of partition folders may begin with an underscore.
    String name = path.getName();
    return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
  }

  /** Walks up to what exists and names what is nearest there. */
  private WeirException missing(String pattern, Path path) throws IOException {
    Path gone = path;
    Path parent = path.getParent();
    while (parent != null && outside.status(parent).isEmpty()) {
      gone = parent;
      parent = parent.getParent();
    }
    List<String> names = parent == null ? List.of() : names(parent);
    String where =
        parent == null
            ? ""
            : gone.equals(path)
                ? "%s has %s".formatted(name(parent), shown(names))
                : "there is no %s; %s has %s".formatted(name(gone), name(parent), shown(names));
    return WeirException.user(
        "missing-source",
        "There is no '%s': looked for %s%s%s"
            .formatted(
                pattern,
                name(path),
                where.isEmpty() ? "" : "; " + where,
                Nearest.ending(gone.getName(), names)),
        pattern.startsWith("/") || pattern.contains(":")
            ? "Correct the path."
            : "Correct the path; relative ones stand against %s.".formatted(name(resolve("."))));
  }

  /** The last folder on the way to a pattern that is none itself. */
  private static Path folder(Path pattern) {
    Path folder = pattern;
    while (folder.getParent() != null && isGlob(folder.toString())) {
      folder = folder.getParent();
    }
    return folder;
  }

  private WeirException nothingMatches(String pattern, Path path) throws IOException {
    Path folder = folder(path);
    if (outside.status(folder).isEmpty()) {
      return missing(pattern, folder);
    }
    return WeirException.user(
        "no-source-files",
        "No file matches '%s': looked for %s; %s has %s."
            .formatted(pattern, name(path), name(folder), shown(names(folder))),
        "Correct the pattern. Files whose names begin with _ or . are passed over.");
  }

  private List<String> names(Path folder) throws IOException {
    if (!outside.status(folder).map(FileStatus::isDirectory).orElse(false)) {
      return List.of();
    }
    return outside.list(folder).stream()
        .map(status -> status.getPath().getName())
        .filter(name -> !name.startsWith("."))
        .sorted()
        .toList();
  }

  private static String shown(List<String> names) {
    if (names.isEmpty()) {
      return "nothing to read";
    }
    String first = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
    int more = names.size() - NAMES_SHOWN;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
