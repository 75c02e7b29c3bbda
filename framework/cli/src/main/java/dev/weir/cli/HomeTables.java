package dev.weir.cli;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.audit.AuditTable;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageSnapshot;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.session.HomeSchema;
import java.util.ArrayList;
import java.util.List;

/** What a home shows in SQL: its lineage and its datasets, all at one moment. */
final class HomeTables {
  /** A run that was resumed has a row for each time that it ended; one under way has none yet. */
  private static final HomeSchema.Latest LAST_END = new HomeSchema.Latest("run", "finished_at");

  private HomeTables() {}

  static List<HomeSchema.PinnedTable> of(HomeReader reader) {
    reader.update();
    Events events = reader.events();
    LineageReader lineage = reader.lineage();
    LineageSnapshot snapshot = lineage.point();
    List<HomeSchema.PinnedTable> tables = new ArrayList<>();
    for (LineageTable table : LineageTable.values()) {
      tables.add(
          new HomeSchema.PinnedTable(
              "lineage",
              table.tableName(),
              reader.path(table),
              snapshot.version(table),
              table.definition().columns(),
              lineage.overlay(table),
              table == LineageTable.RUNS ? LAST_END : null));
    }
    tables.add(
        new HomeSchema.PinnedTable(
            "lineage", "events", events.table().path(), lineage.eventsVersion()));
    events
        .home()
        .table(AuditTable.PATH)
        .find()
        .ifPresent(
            audit ->
                tables.add(
                    new HomeSchema.PinnedTable(
                        "lineage",
                        AuditTable.NAME,
                        events.home().table(AuditTable.PATH).path(),
                        audit.version())));
    Published.of(lineage)
        .datasets()
        .forEach(
            (name, dataset) ->
                tables.add(
                    new HomeSchema.PinnedTable(
                        name.namespace(),
                        name.name(),
                        dataset.path(),
                        ((DatasetVersion) ArtifactVersion.parse(dataset.reference())).version())));
    return tables;
  }
}
