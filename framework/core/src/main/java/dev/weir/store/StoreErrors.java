package dev.weir.store;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import io.delta.kernel.exceptions.InvalidTableException;
import io.delta.kernel.exceptions.KernelEngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What went wrong with a table, as an error that a person can act on. */
final class StoreErrors {
  private StoreErrors() {}

  /** A commit file that holds less than was written to it. */
  static WeirException torn(String file, String found, @Nullable Throwable cause) {
    return new WeirException(
        "torn-commit",
        ErrorKind.DATA,
        "The commit file %s %s: the machine may have lost power, or the file was copied in part."
            .formatted(file, found),
        "Restore it from a backup. If there is none and it is the newest of its folder, make sure that no run is under way and move it elsewhere: the table is then as it was one commit before.",
        cause);
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
   * An error of an operation on a table.
   *
   * @param tried what was tried, such as {@code append to file:/…}
   */
  static WeirException failed(String tried, Throwable cause) {
    if (cause instanceof WeirException known) {
      return known;
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      String message = String.valueOf(t.getMessage());
      String lower = message.toLowerCase(Locale.ROOT);
      if (lower.contains("no space left") || lower.contains("quota exceeded")) {
        return new WeirException(
            "disk-full",
            ErrorKind.TRANSIENT,
            "Could not %s: the disk is full (%s).".formatted(tried, message),
            "Free space there and run again: what was committed before stands.",
            cause);
      }
      if (t instanceof AccessDeniedException) {
        return new WeirException(
            "store-denied",
            ErrorKind.USER,
            "Could not %s: access to %s was denied.".formatted(tried, message),
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
    Throwable last = error;
    while (last.getCause() != null && last.getCause() != last) {
      last = last.getCause();
    }
    return last.getClass().getSimpleName() + ": " + last.getMessage();
  }
}
