package dev.weir.audit;

import dev.weir.store.Row;
import dev.weir.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the chain.
 *
 * @param number from 1, without a gap
 * @param at when it was done; of a seal, when that was made
 * @param kind registered, approved, rejected, retired, alias-moved, pin-released, files-deleted,
 *     alert-acknowledged, alert-snoozed, baseline-accepted, gate-overridden, rows-corrected or seal
 * @param body everything about it as canonical JSON
 * @param previousHash the hash of the row before, or 64 zeros
 * @param hash over all of the row but the signature
 * @param eventsVersion up to which version of the events the chain went with this row's commit
 * @param sealedBy who put it into the chain
 * @param host on which machine
 * @param signature of the hash, on the last row of a commit; or null
 */
public record AuditRow(
    long number,
    Instant at,
    String kind,
    String body,
    String previousHash,
    String hash,
    long eventsVersion,
    String sealedBy,
    String host,
    @Nullable String signature) {
  /** The kind of the rows that seal events. */
  public static final String SEAL = "seal";

  public AuditRow {
    if (number < 1) {
      throw new IllegalArgumentException("Rows are numbered from 1, not " + number);
    }
    Objects.requireNonNull(at);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(body);
    Objects.requireNonNull(previousHash);
    Objects.requireNonNull(hash);
    Objects.requireNonNull(sealedBy);
    Objects.requireNonNull(host);
  }

  /** The row that follows another, with its hash. */
  static AuditRow after(
      Hash previous,
      long number,
      Instant at,
      String kind,
      String body,
      long eventsVersion,
      String sealedBy,
      String host) {
    Hash hash =
        new Hasher()
            .of(number, previous.hex(), micros(at), kind, eventsVersion, sealedBy, host, body);
    return new AuditRow(
        number, at, kind, body, previous.hex(), hash.hex(), eventsVersion, sealedBy, host, null);
  }

  AuditRow signed(@Nullable AuditKey key) {
    return key == null
        ? this
        : new AuditRow(
            number,
            at,
            kind,
            body,
            previousHash,
            hash,
            eventsVersion,
            sealedBy,
            host,
            key.sign(hash));
  }

  static AuditRow of(Row row) {
    return new AuditRow(
        row.number("number"),
        Objects.requireNonNull(row.instant("at")),
        row.string("kind"),
        row.string("body"),
        row.string("previous_hash"),
        row.string("hash"),
        row.number("events_version"),
        row.string("sealed_by"),
        row.string("host"),
        row.text("signature"));
  }

  /** Its values, in the order of the table's columns. */
  List<@Nullable Object> values() {
    return Arrays.asList(
        number, at, kind, body, previousHash, hash, eventsVersion, sealedBy, host, signature);
  }

  /** Microseconds since 1970, as the table keeps them. */
  static long micros(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000L), at.getNano() / 1000);
  }

  /**
   * Computes the hash of rows: the sha-256, in lower-case hexadecimal, of the UTF-8 text of number,
   * previous_hash, at (in microseconds since 1970), kind, events_version, sealed_by, host and body,
   * in this order, with a line feed between one and the next and none at the end. None but the body
   * can hold a line feed, and a canonical body doesn't.
   *
   * <p>In Spark SQL: {@code sha2(concat_ws('\n', number, previous_hash, unix_micros(at), kind,
   * events_version, sealed_by, host, body), 256)}. Not for several threads.
   */
  static final class Hasher {
    private final MessageDigest digest = Sha256.start();

    Hash of(
        long number,
        String previousHash,
        long micros,
        String kind,
        long eventsVersion,
        String sealedBy,
        String host,
        String body) {
      String head =
          number
              + "\n"
              + previousHash
              + "\n"
              + micros
              + "\n"
              + kind
              + "\n"
              + eventsVersion
              + "\n"
              + sealedBy
              + "\n"
              + host
              + "\n";
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      digest.update(body.getBytes(StandardCharsets.UTF_8));
      return Hash.of(digest);
    }
  }
}
