package dev.weir.audit;

import static dev.weir.store.Column.optional;
import static dev.weir.store.Column.required;
import static dev.weir.store.ColumnType.LONG;
import static dev.weir.store.ColumnType.STRING;
import static dev.weir.store.ColumnType.TIMESTAMP;

import dev.weir.lineage.Housekeeping;
import dev.weir.store.TableDefinition;
import java.util.List;
import java.util.Map;

/** The table that holds the chain: append-only, and not to be made again from anything. */
public final class AuditTable {
  /** Where it is in the home. */
  public static final String PATH = Housekeeping.AUDIT_PATH;

  /** Its name in SQL, in the schema {@code lineage}. */
  public static final String NAME = "audit";

  /** The transaction id under which a commit carries the number of its last row. */
  static final String KEY = "weir/audit";

  /** Its columns, with their comments. */
  public static final TableDefinition DEFINITION =
      new TableDefinition(
          List.of(
              required("number", LONG, "The row's number, from 1 without a gap."),
              required("at", TIMESTAMP, "When it was done, or when the seal was made, UTC."),
              required(
                  "kind",
                  STRING,
                  "registered, approved, rejected, retired, alias-moved, pin-released, files-deleted, or seal for a range of events."),
              required(
                  "body",
                  STRING,
                  "Everything about it as canonical JSON (RFC 8785); of a seal the sha-256 of every event that it covers."),
              required(
                  "previous_hash", STRING, "The hash of the row before; 64 zeros for the first."),
              required(
                  "hash",
                  STRING,
                  "sha2(concat_ws('\\n', number, previous_hash, unix_micros(at), kind, events_version, sealed_by, host, body), 256)."),
              required(
                  "events_version",
                  LONG,
                  "Up to which version of lineage.events the chain went with this row's commit."),
              required("sealed_by", STRING, "Who put the row into the chain."),
              required("host", STRING, "The machine that it was put into the chain on."),
              optional(
                  "signature",
                  STRING,
                  "Ed25519 of the 64 characters of the hash, in base64, on the last row of each commit where a key is set; else null.")),
          Map.of(
              "delta.appendOnly", "true",
              "delta.checkpointInterval", "50",
              "delta.logRetentionDuration", "interval 1 day",
              "delta.deletedFileRetentionDuration", "interval 1 day",
              // By the number a row is found; the rest is not searched.
              "delta.dataSkippingNumIndexedCols", "1"));

  static final List<String> COLUMNS =
      DEFINITION.columns().stream().map(column -> column.name()).toList();

  private AuditTable() {}
}
