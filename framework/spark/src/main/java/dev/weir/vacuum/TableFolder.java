package dev.weir.vacuum;

import dev.weir.store.TableFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The folder of a table, and what lies in it. */
final class TableFolder {
  private static final String CHANGES = "_change_data";

  private final FileSystem files;
  private final Path folder;
  private final String prefix;

  TableFolder(String path, Configuration hadoop) {
    Path given = new Path(path);
    try {
      this.files = given.getFileSystem(hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException("Can't open the file system of " + path, e);
    }
    this.folder = files.makeQualified(given);
    this.prefix = folder.toUri().getPath() + "/";
  }

  /** The folder as Delta takes it, with its scheme. */
  String path() {
    return folder.toString();
  }

  /**
   * The files in it by their names relative to the folder; without those of Delta's log and what
   * else Delta does not look at.
   */
  Map<String, VacuumPlan.OldFile> list() {
    Map<String, VacuumPlan.OldFile> found = new HashMap<>();
    try {
      RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
      while (all.hasNext()) {
        LocatedFileStatus status = all.next();
        String name = name(status.getPath()).orElseThrow();
        if (!hidden(name)) {
          found.put(
              name,
              new VacuumPlan.OldFile(
                  status.getPath().toString(),
                  name,
                  status.getLen(),
                  status.getModificationTime()));
        }
      }
    } catch (FileNotFoundException e) {
      return Map.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't list " + folder, e);
    }
    return found;
  }

  /** The name of a file relative to the folder; empty for one that lies elsewhere. */
  Optional<String> name(TableFile file) {
    return name(new Path(file.path()));
  }

  /** The folders between this one and a file in it. */
  Set<String> above(VacuumPlan.OldFile file) {
    Set<String> above = new HashSet<>();
    Path at = new Path(file.path()).getParent();
    while (at != null && !at.equals(folder)) {
      above.add(at.toString());
      at = at.getParent();
    }
    return above;
  }

  private Optional<String> name(Path file) {
    String path = file.toUri().getPath();
    return path.startsWith(prefix)
        ? Optional.of(path.substring(prefix.length()))
        : Optional.empty();
  }

  private static boolean hidden(String name) {
    for (String part : List.of(name.split("/", -1))) {
      boolean partition = part.contains("=");
      if (!part.equals(CHANGES) && (part.startsWith(".") || (part.startsWith("_") && !partition))) {
        return true;
      }
    }
    return false;
  }
}
