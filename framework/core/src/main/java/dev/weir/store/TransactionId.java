package dev.weir.store;

import java.util.Objects;

/**
 * A number that a commit carries under a key of its own. Within a table the numbers of one key only
 * grow: of two commits with the same number, or with a lower one after a higher, the later is
 * refused. That makes the commit a compare-and-set.
 *
 * @param appId the key, such as {@code weir/credit}
 * @param version the number, 0 or more
 */
public record TransactionId(String appId, long version) {
  public TransactionId {
    Objects.requireNonNull(appId);
    if (version < 0) {
      throw new IllegalArgumentException("A transaction's version is 0 or more, not " + version);
    }
  }
}
