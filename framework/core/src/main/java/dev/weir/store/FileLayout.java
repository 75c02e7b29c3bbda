package dev.weir.store;

import org.jspecify.annotations.Nullable;

/**
 * How the rows of a table that is appended to in small portions are put into larger files.
 *
 * @param rows how many rows a file is to have
 * @param bytes how large a file may become before that
 * @param files how many small files have to be there before anything is done; a file is small with
 *     less than half of what it is to have
 * @param sortedBy a column of 64-bit numbers by which rows are sorted, so that few files have to be
 *     read for one value; null to keep the order in which they were committed
 */
public record FileLayout(int rows, long bytes, int files, @Nullable String sortedBy) {
  /**
   * How many sorted files may hold the same value before all are merged: each of them is read for
   * it, and each merge writes all rows again.
   */
  static final int DEPTH = 8;

  public FileLayout {
    if (rows < 1 || bytes < 1 || files < 2) {
      throw new IllegalArgumentException(
          "Nothing can be put together by %d rows, %d bytes, %d files"
              .formatted(rows, bytes, files));
    }
  }

  /** Rows in the order in which they were committed. */
  public static FileLayout inOrder(int rows, long bytes, int files) {
    return new FileLayout(rows, bytes, files, null);
  }

  boolean small(DataFile file) {
    return file.rows() >= 0 && file.rows() < rows / 2 && file.bytes() < bytes / 2;
  }
}
