package dev.weir.store;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.exceptions.InvalidTableException;
import io.delta.kernel.exceptions.KernelEngineException;
import io.delta.kernel.utils.FileStatus;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What went wrong with a table, as an error that a person can act on. */
public final class StoreErrors {
  private static final Pattern FULL =
      Pattern.compile("no space left on device|(?:disk )?quota exceeded", Pattern.CASE_INSENSITIVE);

  private StoreErrors() {}

  /** A commit file that holds less than was written to it. */
  static WeirException torn(String file, String found, @Nullable Throwable cause) {
    return new WeirException(
        "torn-commit",
        ErrorKind.DATA,
        "The commit file %s %s: the machine may have lost power, or the file was copied in part."
            .formatted(file, found),
        "Restore it from a backup. If there is none and it is the newest of its folder, make sure that no run is under way and move it elsewhere, with the .crc file of the same number: the table is then as it was one commit before.",
        cause);
  }

  /** A commit file that is not there though others say that it was. */
  static WeirException missing(String file, String why, String remedy) {
    return new WeirException(
        "missing-commit",
        ErrorKind.DATA,
        "The commit file %s is missing: %s. It was removed, or the folder was copied in part."
            .formatted(file, why),
        "Restore it from a backup." + remedy,
        null);
  }

  /**
   * A checkpoint that can't be read.
   *
   * @param dispensable whether the commits that it stands for are all there
   */
  static WeirException tornCheckpoint(
      String file, String found, boolean dispensable, @Nullable Throwable cause) {
    return new WeirException(
        "torn-checkpoint",
        ErrorKind.DATA,
        "The checkpoint %s %s: the machine may have lost power, or the file was copied in part."
            .formatted(file, found),
        dispensable
            ? "Move it elsewhere: the commits before it are all there, so the table is read from them, and a new checkpoint will be made."
            : "Restore it from a backup: the commits that it stands for are no longer there.",
        cause);
  }

  /** A data file that can't be read. */
  static WeirException dataFile(FileIO files, FileStatus file, Throwable cause) {
    String what = "read " + file.getPath();
    Optional<String> damage = damage(files, file, cause);
    if (damage.isEmpty()) {
      return failed(what, cause);
    }
    return new WeirException(
        "damaged-file",
        ErrorKind.DATA,
        "The data file %s %s.".formatted(file.getPath(), damage.get()),
        "Restore it from a backup: its table names it, and can't be read without it.",
        cause);
  }

  /** What is wrong with a Parquet file that could not be read, if it is the file that is wrong. */
  static Optional<String> damage(FileIO files, FileStatus file, Throwable cause) {
    try {
      long bytes = files.getFileStatus(file.getPath()).getSize();
      if (bytes != file.getSize()) {
        return Optional.of("has %d bytes instead of %d".formatted(bytes, file.getSize()));
      }
    } catch (FileNotFoundException e) {
      return Optional.of("is missing");
    } catch (IOException e) {
      cause.addSuppressed(e);
      return Optional.empty();
    }
    Throwable root = rootOf(cause);
    // The file has its length: what looks for more than that is led astray by what is in it.
    boolean store =
        root instanceof IOException
            && !(root instanceof EOFException)
            && !root.getClass().getName().contains(".parquet.");
    return store ? Optional.empty() : Optional.of("is not a whole Parquet file");
  }

  static WeirException noTable(String table, @Nullable Throwable cause) {
    return new WeirException(
        "no-table",
        ErrorKind.USER,
        "There is no Delta table at %s.".formatted(table),
        "Check weir.home; a table is made by the first run that writes it.",
        cause);
  }

  /** A commit that may or may not have been made. */
  static WeirException unknown(String table, Exception cause) {
    return new WeirException(
        "commit-unknown",
        ErrorKind.TRANSIENT,
        "Could not append to %s: %s. Whether the commit was made could not be looked up either."
            .formatted(table, root(cause)),
        "Look at the store. Once it can be read, the table's log says what was committed.",
        cause);
  }

  /**
   * The error {@code disk-full}, if that is what an operation failed of, however deep its cause.
   *
   * @param tried what was tried, such as {@code append to file:/…}
   */
  public static Optional<WeirException> diskFull(String tried, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      Matcher full = FULL.matcher(String.valueOf(t.getMessage()));
      if (full.find()) {
        return Optional.of(
            new WeirException(
                "disk-full",
                ErrorKind.TRANSIENT,
                "Could not %s: the disk is full (%s).".formatted(tried, full.group()),
                "Free space there and run again: what was committed before stands.",
                cause));
      }
    }
    return Optional.empty();
  }

  /**
   * An error of an operation on a table.
   *
   * @param tried what was tried, such as {@code append to file:/…}
   */
  static WeirException failed(String tried, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof WeirException known) {
        return known;
      }
    }
    Optional<WeirException> full = diskFull(tried, cause);
    if (full.isPresent()) {
      return full.get();
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof AccessDeniedException) {
        return new WeirException(
            "store-denied",
            ErrorKind.USER,
            "Could not %s: access to %s was denied.".formatted(tried, t.getMessage()),
            "Give the user that runs Weir the right to read and write there.",
            cause);
      }
    }
    ErrorKind kind =
        cause instanceof IOException
                || cause instanceof UncheckedIOException
                || cause instanceof KernelEngineException
            ? ErrorKind.TRANSIENT
            : cause instanceof InvalidTableException ? ErrorKind.DATA : ErrorKind.INTERNAL;
    return new WeirException(
        "store-failed",
        kind,
        "Could not %s: %s".formatted(tried, root(cause)),
        kind == ErrorKind.TRANSIENT ? "Try again; if it stays, look at the store." : "",
        cause);
  }

  private static String root(Throwable error) {
    Throwable last = rootOf(error);
    return last.getClass().getSimpleName() + ": " + last.getMessage();
  }

  private static Throwable rootOf(Throwable error) {
    Throwable last = error;
    while (last.getCause() != null && last.getCause() != last) {
      last = last.getCause();
    }
    return last;
  }
}
