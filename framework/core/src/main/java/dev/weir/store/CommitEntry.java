package dev.weir.store;

import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of one commit.
 *
 * @param version the version that it made
 * @param transactions the transaction ids that it carries
 * @param operation what the writer calls it, such as {@code WRITE} or {@code OPTIMIZE}, or null
 * @param userMetadata what the writer noted, or null
 * @param engineInfo the writer, or null
 * @param dataChange whether it added or removed rows, as opposed to moving them between files or
 *     changing no file at all
 * @param outputRows how many rows the writer says it wrote, or null
 * @param files the data files that it added
 */
public record CommitEntry(
    long version,
    List<TransactionId> transactions,
    @Nullable String operation,
    @Nullable String userMetadata,
    @Nullable String engineInfo,
    boolean dataChange,
    @Nullable Long outputRows,
    List<AddedFile> files) {
  public CommitEntry {
    transactions = List.copyOf(transactions);
    files = List.copyOf(files);
  }

  /**
   * A data file that a commit added.
   *
   * @param path as the log holds it: a URI, most often relative to the table
   * @param bytes its size
   * @param dataChange false if its rows stood in other files before
   */
  public record AddedFile(String path, long bytes, boolean dataChange) {}

  /** The number that the commit carries for a key, if any. */
  public OptionalLong transactionVersion(String appId) {
    return transactions.stream()
        .filter(id -> id.appId().equals(appId))
        .mapToLong(TransactionId::version)
        .findFirst();
  }
}
