package dev.weir.lineage;

import java.util.Map;

/**
 * The lineage tables at one common point.
 *
 * @param eventsVersion the version of the event table up to which they hold everything
 * @param versions the Delta version of each table at that point, by its name
 */
public record LineageSnapshot(long eventsVersion, Map<String, Long> versions) {
  public LineageSnapshot {
    versions = Map.copyOf(versions);
  }

  /** The Delta version of a table. */
  public long version(LineageTable table) {
    Long version = versions.get(table.tableName());
    if (version == null) {
      throw new IllegalArgumentException("Nothing is known of " + table.tableName());
    }
    return version;
  }
}
