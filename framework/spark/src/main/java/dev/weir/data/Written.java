package dev.weir.data;

import java.util.Objects;

/**
 * A version of a table that a write made or found made.
 *
 * @param version the Delta version
 * @param tableId the Delta table's id
 * @param rows how many rows the version holds
 * @param digest the content's digest
 * @param schema Spark's JSON of the schema
 * @param adopted true if an earlier write with the same key had made it
 */
public record Written(
    long version, String tableId, long rows, String digest, String schema, boolean adopted) {
  public Written {
    Objects.requireNonNull(tableId);
    Objects.requireNonNull(digest);
    Objects.requireNonNull(schema);
  }
}
