package dev.weir.store;

import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds files of rows that a table of Weir's own has no more use for, and deletes them. */
final class Leftovers {
  /** For so long somebody may still read a version that named the file. */
  private static final Duration READ = Duration.ofDays(1);

  /** For so long somebody may be about to commit a file that no commit names. */
  private static final Duration WRITTEN = Duration.ofDays(7);

  private final DeltaTable table;

  Leftovers(DeltaTable table) {
    this.table = table;
  }

  int sweep(Collection<Long> kept, Instant now) {
    List<FileStatus> old = new ArrayList<>();
    for (FileStatus file : list()) {
      if (file.getPath().endsWith(".parquet") && before(file.getModificationTime(), now, READ)) {
        old.add(file);
      }
    }
    // In this order: a file that is named by a later version only is not old.
    Set<String> named = new HashSet<>();
    named(table.latest(), named);
    for (long version : kept) {
      named(table.at(version), named);
    }
    old.removeIf(file -> named.contains(DataFile.name(file.getPath())));
    if (old.isEmpty()) {
      return 0;
    }
    Map<String, Long> removals = table.log().removals();
    int deleted = 0;
    for (FileStatus file : old) {
      Long removed = removals.get(DataFile.name(file.getPath()));
      // What was taken out so long ago that the log has forgotten it counts as never named.
      if (removed == null
          ? before(file.getModificationTime(), now, WRITTEN)
          : before(removed, now, READ)) {
        try {
          if (table.store().files().delete(file.getPath())) {
            deleted++;
          }
        } catch (IOException e) {
          throw StoreErrors.failed("delete " + file.getPath(), e);
        }
      }
    }
    return deleted;
  }

  private static boolean before(long millis, Instant now, Duration age) {
    return millis < now.minus(age).toEpochMilli();
  }

  private static void named(TableSnapshot snapshot, Set<String> into) {
    snapshot.files(List.of()).list().forEach(file -> into.add(file.name()));
  }

  private List<FileStatus> list() {
    List<FileStatus> found = new ArrayList<>();
    // Names of files of rows begin with a letter or a digit.
    try (CloseableIterator<FileStatus> files =
        table.store().files().listFrom(table.path() + "/!")) {
      files.forEachRemaining(found::add);
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw StoreErrors.failed("list " + table, e);
    }
    return found;
  }
}
