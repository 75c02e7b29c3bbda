package dev.weir.lineage;

import dev.weir.error.WeirException;
import dev.weir.store.DeltaTable;
import dev.weir.store.FileLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the event table and the lineage tables quick to read, however many runs have added to them:
 * files of a few rows become files of thousands, and what is left over is deleted a day later. No
 * row is changed, and nobody has to wait.
 */
public final class Housekeeping {
  /** The event table among the tables of {@link Progress}. */
  static final String EVENTS = "events";

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  private static final long BYTES = 1_000_000;

  /** Its facts are looked for by run, and those of one run stand together. */
  static final Care OF_EVENTS = new Care(FileLayout.inOrder(10_000, BYTES, 128), true);

  /** Where the audit chain is in a home: a table of a package that stands on this one. */
  public static final String AUDIT_PATH = "lineage/audit";

  /** Only the newest row counts, and a file is read whole for it. */
  private static final Care OF_PROGRESS = new Care(FileLayout.inOrder(200, BYTES, 48), false);

  private static final Care IN_ORDER = new Care(FileLayout.inOrder(5000, BYTES, 48), false);
  private static final Care INDEX =
      new Care(new FileLayout(8192, 4 * BYTES, 24, "reference_hash"), false);

  private final Events events;
  private final LineageTables tables;

  Housekeeping(Events events, LineageTables tables) {
    this.events = events;
    this.tables = tables;
  }

  /**
   * What keeps a table in order.
   *
   * @param rebased whether it can be done beside appends, since nobody else removes files
   */
  record Care(FileLayout layout, boolean rebased) {}

  static Care care(LineageTable table) {
    return table == LineageTable.REFERENCE_RUNS ? INDEX : IN_ORDER;
  }

  /** The tables to which enough has been added since they were last put in order. */
  static List<String> due(Progress progress) {
    List<String> due = new ArrayList<>();
    for (LineageTable table : LineageTable.values()) {
      Progress.State state = progress.tables().get(table.tableName());
      if (state != null && state.due(care(table))) {
        due.add(table.tableName());
      }
    }
    Progress.State state = progress.tables().get(EVENTS);
    if (state != null && state.due(OF_EVENTS)) {
      due.add(EVENTS);
    }
    return due;
  }

  /**
   * Puts every table of a home in order that needs it, now, and has readers see them so.
   *
   * @return how many commits were made
   */
  public static int tidy(Events events) {
    LineageTables tables = new LineageTables(events, table -> {}, false);
    tables.update();
    List<String> all = new ArrayList<>();
    for (LineageTable table : LineageTable.values()) {
      all.add(table.tableName());
    }
    all.add(EVENTS);
    int commits = new Housekeeping(events, tables).tidy(all, () -> false);
    if (commits > 0) {
      // Readers look at the versions that the last update noted; one without news notes none.
      events.table().append(List.of());
      tables.update();
    }
    return commits;
  }

  /**
   * Puts tables in order; what fails is logged, and left for another time.
   *
   * @param stopped whether to leave the rest for another time. One commit is made even so: a home
   *     of which every process is short would never be in order.
   */
  int tidy(List<String> names, BooleanSupplier stopped) {
    AtomicInteger commits = new AtomicInteger();
    BooleanSupplier enough = () -> commits.get() > 0 && stopped.getAsBoolean();
    for (LineageTable table : LineageTable.values()) {
      if (names.contains(table.tableName())) {
        Long pinned = tables.current().map(at -> at.version(table)).orElse(null);
        commits.addAndGet(
            tidy(
                tables.table(table),
                care(table),
                pinned == null ? List.of() : List.of(pinned),
                enough));
      }
    }
    if (names.contains(EVENTS)) {
      // Which grow more slowly, and would not have their turn after the events.
      commits.addAndGet(tidy(events.home().table(Progress.PATH), OF_PROGRESS, List.of(), enough));
      DeltaTable audit = events.home().table(AUDIT_PATH);
      if (audit.find().isPresent()) {
        commits.addAndGet(tidy(audit, IN_ORDER, List.of(), enough));
      }
      commits.addAndGet(tidy(events.table(), OF_EVENTS, List.of(), enough));
    }
    return commits.get();
  }

  private static int tidy(DeltaTable table, Care care, List<Long> kept, BooleanSupplier enough) {
    if (enough.getAsBoolean()) {
      return 0;
    }
    try {
      int commits = table.compact(care.layout(), care.rebased(), enough);
      table.sweep(kept, Instant.now());
      LOG.debug("{} was put in order by {} commits", table, commits);
      return commits;
    } catch (WeirException e) {
      LOG.warn("{} could not be put in order; it will be tried again", table, e);
      return 0;
    }
  }
}
