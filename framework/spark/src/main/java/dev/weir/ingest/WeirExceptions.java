package dev.weir.ingest;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** Errors that several classes of this package raise. */
final class WeirExceptions {
  private WeirExceptions() {}

  static WeirException unreadable(Path path, IOException e) {
    String reason = reason(e);
    boolean denied =
        e instanceof AccessControlException
            || e instanceof AccessDeniedException
            || reason.toLowerCase(Locale.ROOT).contains("permission denied");
    if (denied) {
      return new WeirException(
          "unreadable-source",
          ErrorKind.USER,
          "The file %s may not be read by the user %s."
              .formatted(FileSearch.name(path), System.getProperty("user.name")),
          "Give that user the right to read it.",
          e);
    }
    if (e instanceof EOFException) {
      return damaged(path, e);
    }
    return new WeirException(
        "unreadable-source",
        e instanceof FileNotFoundException || e instanceof NoSuchFileException
            ? ErrorKind.USER
            : ErrorKind.TRANSIENT,
        "Reading the file %s failed: %s.".formatted(FileSearch.name(path), reason),
        "",
        e);
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "it is not there any more";
    }
    // Of the file system's errors the message begins with the path once more.
    String said = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
    return said == null ? e.getClass().getSimpleName() : said;
  }

  /** A file that is there and can be read, but is not whole. */
  static WeirException damaged(Path path, IOException e) {
    String reason = e.getMessage() == null ? "" : ": " + e.getMessage();
    return new WeirException(
        "damaged-file",
        ErrorKind.DATA,
        e instanceof EOFException
            ? "The file %s breaks off before its end (%s%s)."
                .formatted(FileSearch.name(path), e.getClass().getSimpleName(), reason)
            : "The file %s is damaged (%s%s)."
                .formatted(FileSearch.name(path), e.getClass().getSimpleName(), reason),
        "Nothing of its source was published. Have it delivered again, or take it out of the source; then run again.",
        e);
  }
}
