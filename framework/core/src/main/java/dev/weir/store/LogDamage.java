package dev.weir.store;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Finds what is damaged in a table's log, and says what to do about it. */
final class LogDamage {
  private static final Pattern CHECKPOINT = Pattern.compile("\\d{20}\\.checkpoint.*\\.parquet");
  private static final Pattern CHECKSUM = Pattern.compile("\\d{20}\\.crc");
  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final CommitLog log;

  LogDamage(CommitLog log) {
    this.log = log;
  }

  /** Throws if the commit file is there and holds less than was written to it. */
  void requireWhole(long version) throws IOException {
    try {
      open(log.file(version));
    } catch (FileNotFoundException e) {
      // Cleaned up since it was listed.
    }
  }

  /** Throws if the commit file is not there or not whole. */
  void requireCommit(long version) {
    String file = log.file(version);
    try {
      open(file);
    } catch (FileNotFoundException e) {
      throw StoreErrors.missing(file, "a later version was made from it", "");
    } catch (IOException e) {
      throw StoreErrors.failed("read " + file, e);
    }
  }

  /** To open a commit is to check it. */
  private void open(String commit) throws IOException {
    log.store().files().newInputFile(commit, 0).newStream().close();
  }

  /** Throws if a checkpoint of one file does not end as a Parquet file does. */
  void requireEnd(long version) {
    String file = log.folder() + "/%020d.checkpoint.parquet".formatted(version);
    try {
      long bytes = log.store().files().getFileStatus(file).getSize();
      byte[] end = new byte[PARQUET.length];
      if (bytes >= end.length) {
        try (SeekableInputStream in = log.store().files().newInputFile(file, bytes).newStream()) {
          in.seek(bytes - end.length);
          in.readFully(end, 0, end.length);
        }
      }
      if (!Arrays.equals(end, PARQUET)) {
        throw StoreErrors.tornCheckpoint(
            file, "breaks off", Content.of(log).withoutCheckpoint(version), null);
      }
    } catch (FileNotFoundException e) {
      // In several files, or under a name of its own.
    } catch (IOException e) {
      throw StoreErrors.failed("read " + file, e);
    }
  }

  /** Throws if there is a checksum of the version after the newest one, but no commit. */
  void requireNewest(long newest) {
    String checksum = log.folder() + "/%020d.crc".formatted(newest + 1);
    try {
      log.store().files().getFileStatus(checksum);
    } catch (FileNotFoundException e) {
      return;
    } catch (IOException e) {
      throw StoreErrors.failed("look at " + checksum, e);
    }
    try {
      // In this order: another writer may make both meanwhile, the commit first.
      log.store().files().getFileStatus(log.file(newest + 1));
    } catch (FileNotFoundException e) {
      throw lost(newest);
    } catch (IOException e) {
      throw StoreErrors.failed("look at " + log.file(newest + 1), e);
    }
  }

  private WeirException lost(long newest) {
    return StoreErrors.missing(
        log.file(newest + 1),
        "the log ends with commit %d, but there is a checksum of version %d"
            .formatted(newest, newest + 1),
        " If there is none, make sure that no run is under way and move the .crc files after number %d elsewhere: the table is then as it was at version %d."
            .formatted(newest, newest));
  }

  /** What a log holds; Kernel and Spark leave an empty checkpoint aside, and so does this. */
  private record Content(
      NavigableSet<Long> commits, NavigableMap<Long, List<FileStatus>> checkpoints, long checksum) {

    static Content of(CommitLog log) {
      NavigableSet<Long> commits = new TreeSet<>();
      NavigableMap<Long, List<FileStatus>> checkpoints = new TreeMap<>();
      long checksum = -1;
      for (FileStatus file : log.list(0)) {
        String name = file.getPath().substring(file.getPath().lastIndexOf('/') + 1);
        if (WholeCommit.isCommit(name)) {
          commits.add(CommitLog.version(name));
        } else if (CHECKSUM.matcher(name).matches()) {
          checksum = Math.max(checksum, CommitLog.version(name));
        } else if (CHECKPOINT.matcher(name).matches() && file.getSize() > 0) {
          checkpoints
              .computeIfAbsent(CommitLog.version(name), version -> new ArrayList<>())
              .add(file);
        }
      }
      return new Content(commits, checkpoints, checksum);
    }

    long last() {
      return Math.max(
          commits.isEmpty() ? -1 : commits.last(),
          checkpoints.isEmpty() ? -1 : checkpoints.lastKey());
    }

    /** Whether the commits that a checkpoint stands for are there, from an earlier one on. */
    boolean withoutCheckpoint(long version) {
      Long begin = checkpoints.lowerKey(version);
      return LongStream.rangeClosed(begin == null ? 0 : begin + 1, version)
          .allMatch(commits::contains);
    }
  }

  /** Throws what is wrong with the files that lead to a version; returns if nothing is. */
  void diagnose(long upTo) {
    Content content = Content.of(log);
    long last = content.last();
    if (last < 0) {
      return;
    }
    if (upTo > last && content.checksum() > last) {
      throw lost(last);
    }
    if (upTo > last && upTo != Long.MAX_VALUE) {
      throw new WeirException(
          "version-unavailable",
          ErrorKind.DATA,
          "%s has no version %d: its latest is %d.".formatted(log.folder(), upTo, last),
          "Restore the folder from a backup: commits were removed from it, or it is an older copy.");
    }
    long version = Math.min(upTo, last);
    Long begin = content.checkpoints().floorKey(version);
    commits(content.commits(), begin == null ? -1 : begin, version);
    if (begin != null) {
      if (!content.commits().contains(begin)) {
        throw StoreErrors.missing(
            log.file(begin), "only its checkpoint is there, which is read beside it", "");
      }
      for (FileStatus file : content.checkpoints().getOrDefault(begin, List.of())) {
        checkpoint(file, content.withoutCheckpoint(begin));
      }
    }
  }

  private void commits(NavigableSet<Long> commits, long checkpoint, long version) {
    for (long next = checkpoint + 1; next <= version; next++) {
      if (!commits.contains(next)) {
        if (checkpoint < 0 && next == 0) {
          throw noBeginning(commits, version);
        }
        throw StoreErrors.missing(log.file(next), "later ones are there", "");
      }
      log.entry(next);
    }
  }

  private WeirException noBeginning(NavigableSet<Long> commits, long version) {
    long first = commits.isEmpty() ? version : commits.first();
    return new WeirException(
        version < first ? "log-expired" : "missing-checkpoint",
        ErrorKind.DATA,
        "%s does not lead to version %d: its first commit is %d, and there is no checkpoint before it that can be read."
            .formatted(log.folder(), version, first),
        version < first
            ? "Commits are kept for the table's delta.logRetentionDuration."
            : "Restore the folder from a backup.");
  }

  private void checkpoint(FileStatus file, boolean dispensable) {
    try (CloseableIterator<FileReadResult> batches =
        log.store()
            .engine()
            .getParquetHandler()
            .readParquetFiles(
                Utils.singletonCloseableIterator(file),
                SingleAction.FULL_SCHEMA,
                Optional.empty())) {
      while (batches.hasNext()) {
        batches.next();
      }
    } catch (IOException | RuntimeException e) {
      Optional<String> damage = StoreErrors.damage(log.store().files(), file, e);
      if (damage.isPresent()) {
        throw StoreErrors.tornCheckpoint(file.getPath(), damage.get(), dispensable, e);
      }
    }
  }
}
