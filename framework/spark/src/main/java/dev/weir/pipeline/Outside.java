package dev.weir.pipeline;

import dev.weir.lineage.Fact;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * How the world outside of Weir is reached. Local files are looked at through {@code java.nio}:
 * Hadoop, to look at one, searches every jar for its settings first.
 *
 * @param project the folder that relative paths resolve against
 * @param settings gives Hadoop's file systems and their settings, as often as it is asked
 * @param known files as they were when they were last looked at, by path; one whose length and time
 *     are still the same need not be read again
 */
public record Outside(
    URI project, Supplier<Configuration> settings, Map<String, Fact.OutsideFile> known) {
  private static final String LOCAL = "file";
  private static final URI ROOT = URI.create(LOCAL + ":///");

  public Outside {
    Objects.requireNonNull(project);
    Objects.requireNonNull(settings);
    known = Map.copyOf(known);
  }

  /** The same where nothing is known yet. */
  public Outside(URI project, Configuration hadoop) {
    this(project, () -> hadoop, Map.of());
  }

  /** Hadoop's file systems and their settings. */
  public Configuration hadoop() {
    return settings.get();
  }

  /** Hadoop's file system that holds a path. */
  public FileSystem fileSystem(Path path) throws IOException {
    return path.getFileSystem(hadoop());
  }

  /** A path with the scheme of its file system. */
  public Path qualified(Path path) throws IOException {
    return isLocal(path)
        ? path.makeQualified(ROOT, new Path(ROOT))
        : fileSystem(path).makeQualified(path);
  }

  /** What is at a path, if anything. */
  public Optional<FileStatus> status(Path path) throws IOException {
    try {
      return Optional.of(isLocal(path) ? local(path) : fileSystem(path).getFileStatus(path));
    } catch (FileNotFoundException | NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (isLocal(path) && isBelowAFile(nio(path))) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isBelowAFile(java.nio.file.Path path) {
    java.nio.file.Path above = path.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above != null && !Files.isDirectory(above);
  }

  /** What is in a folder, in no order. */
  public List<FileStatus> list(Path folder) throws IOException {
    if (!isLocal(folder)) {
      return List.of(fileSystem(folder).listStatus(folder));
    }
    List<FileStatus> found = new ArrayList<>();
    try (DirectoryStream<java.nio.file.Path> children = Files.newDirectoryStream(nio(folder))) {
      for (java.nio.file.Path child : children) {
        // Not from a text, in which a colon would end a scheme.
        Path name = new Path(null, null, String.valueOf(child.getFileName()));
        try {
          status(new Path(folder, name)).ifPresent(found::add);
        } catch (IOException e) {
          if (!leadsToItself(child)) {
            throw e;
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static boolean leadsToItself(java.nio.file.Path link) throws IOException {
    Set<java.nio.file.Path> passed = new HashSet<>();
    java.nio.file.Path at = link;
    while (Files.isSymbolicLink(at)) {
      if (!passed.add(at)) {
        return true;
      }
      at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
    }
    return false;
  }

  /** A file's content. */
  public InputStream open(Path file) throws IOException {
    return isLocal(file) ? Files.newInputStream(nio(file)) : fileSystem(file).open(file);
  }

  private static boolean isLocal(Path path) {
    URI uri = path.toUri();
    return LOCAL.equals(uri.getScheme())
        && (uri.getAuthority() == null || uri.getAuthority().isEmpty());
  }

  private static java.nio.file.Path nio(Path path) throws IOException {
    try {
      return java.nio.file.Path.of(path.toUri().getPath());
    } catch (InvalidPathException e) {
      throw new IOException(
          "its name has characters that this process can't write in a path (it runs with %s; LC_ALL=C.UTF-8 has them all)"
              .formatted(System.getProperty("sun.jnu.encoding")),
          e);
    }
  }

  private static FileStatus local(Path path) throws IOException {
    BasicFileAttributes found = Files.readAttributes(nio(path), BasicFileAttributes.class);
    return new FileStatus(
        found.size(), found.isDirectory(), 1, 0, found.lastModifiedTime().toMillis(), path);
  }
}
