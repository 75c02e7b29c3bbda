package dev.weir.store;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;

/**
 * A commit was refused because its {@link TransactionId}, or a later one of the same key, had been
 * taken. Nothing was committed.
 */
public final class ConflictException extends WeirException {
  private static final long serialVersionUID = 1L;

  ConflictException(String table, TransactionId id, Throwable cause) {
    super(
        "transaction-taken",
        ErrorKind.TRANSIENT,
        "Another writer of %s already committed %s %d or later."
            .formatted(table, id.appId(), id.version()),
        "",
        cause);
  }
}
