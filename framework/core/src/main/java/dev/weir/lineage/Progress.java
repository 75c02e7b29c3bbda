package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import dev.weir.store.Sha256;
import dev.weir.store.TableSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How far the lineage tables have been made, as the newest row of {@code lineage/progress} says. A
 * table without news gets no commit, so that its own transaction id alone does not tell whether it
 * is up to date.
 *
 * @param eventsVersion up to which version of the event table they hold everything
 * @param tables each table's state at that point, by name
 * @param openRuns the runs that had not ended by then
 */
record Progress(long eventsVersion, Map<String, State> tables, List<OpenRun> openRuns) {
  static final String PATH = "lineage/progress";

  /**
   * A table at that point.
   *
   * @param id which changes if it is dropped and made again
   * @param tidied how often it had been put in order, by its own log
   * @param tidiedAt the version at which that was noticed
   * @param columns the digest of its columns' names; null where an older Weir made it
   */
  record State(String id, long version, long tidied, long tidiedAt, @Nullable String columns) {
    static State of(TableSnapshot snapshot, long version) {
      return new State(snapshot.tableId(), version, 0, 0, digest(snapshot.columns()));
    }

    static String digest(List<String> columns) {
      return Sha256.of(String.join("\n", columns)).substring(0, 16);
    }

    /** A table whose rows were all written anew, and so into one file. */
    static State anew(TableSnapshot snapshot, long version) {
      long count = snapshot.transactionVersion(DeltaTable.COMPACTION).orElse(0);
      return new State(snapshot.tableId(), version, count, version, digest(snapshot.columns()));
    }

    /** The same later, of which a look at the table's log is needed only if it is due. */
    State then(@Nullable State before, Housekeeping.Care care, TableSnapshot snapshot) {
      if (before == null || !before.id().equals(id)) {
        return this;
      }
      State next = new State(id, version, before.tidied(), before.tidiedAt(), columns);
      if (!next.due(care)) {
        return next;
      }
      long count = snapshot.transactionVersion(DeltaTable.COMPACTION).orElse(0);
      return count > before.tidied() ? new State(id, version, count, version, columns) : next;
    }

    boolean due(Housekeeping.Care care) {
      return version - tidiedAt >= care.layout().files();
    }
  }

  Progress {
    tables = Map.copyOf(tables);
    openRuns = List.copyOf(openRuns);
  }

  LineageSnapshot snapshot() {
    Map<String, Long> versions = new TreeMap<>();
    tables.forEach((name, state) -> versions.put(name, state.version()));
    versions.remove(Housekeeping.EVENTS);
    return new LineageSnapshot(eventsVersion, versions);
  }

  /** Whether it knows every table that there is now. */
  boolean complete() {
    return Arrays.stream(LineageTable.values())
        .allMatch(table -> tables.containsKey(table.tableName()));
  }

  /**
   * The open runs after more facts.
   *
   * @param begun gives the start of a run that is resumed, from the events
   */
  static List<OpenRun> openRuns(
      List<OpenRun> before,
      List<CommittedFact> facts,
      Function<String, Optional<Fact.RunStarted>> begun) {
    Map<String, OpenRun> open = new LinkedHashMap<>();
    Map<String, Holder> holders = new HashMap<>();
    before.forEach(run -> open.put(run.run(), run));
    for (CommittedFact committed : facts) {
      if (committed.fact() instanceof Fact.LeaseTaken taken) {
        holders.put(taken.run(), Holder.of(taken));
      } else if (committed.fact() instanceof Fact.RunStarted started) {
        open.put(started.run(), OpenRun.of(started, holders.get(started.run())));
      } else if (committed.fact() instanceof Fact.RunResumed resumed) {
        Holder holder = holders.get(resumed.run());
        OpenRun interrupted = open.get(resumed.run());
        if (interrupted == null) {
          begun
              .apply(resumed.run())
              .map(started -> OpenRun.of(started, holder).resumed(resumed, holder))
              .ifPresent(run -> open.put(run.run(), run));
        } else {
          open.put(resumed.run(), interrupted.resumed(resumed, holder));
        }
      } else if (committed.fact() instanceof Fact.RunFinished finished) {
        open.remove(finished.run());
      }
    }
    return new ArrayList<>(open.values());
  }

  List<Object> row(Instant now) {
    try {
      return List.of(
          eventsVersion,
          now,
          Facts.json().writeValueAsString(new TreeMap<>(tables)),
          Facts.json().writeValueAsString(openRuns));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not to be written as JSON: " + this, e);
    }
  }

  /** The newest row, if the table is there and has one. */
  static Optional<Progress> read(DeltaTable table) {
    Optional<TableSnapshot> snapshot = table.find();
    if (snapshot.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong newest = snapshot.get().transactionVersion(LineageTables.KEY);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    List<Row> rows =
        snapshot
            .get()
            .rows(
                snapshot.get().columns(),
                List.of(Filter.equal("events_version", newest.getAsLong())));
    return rows.stream().findFirst().map(Progress::of);
  }

  private static Progress of(Row row) {
    try {
      return new Progress(
          row.number("events_version"),
          Objects.requireNonNull(
              Facts.json()
                  .readValue(row.string("tables"), new TypeReference<Map<String, State>>() {})),
          Objects.requireNonNull(
              Facts.json()
                  .readValue(row.string("open_runs"), new TypeReference<List<OpenRun>>() {})));
    } catch (JsonProcessingException e) {
      throw new WeirException(
          "lineage-damaged",
          ErrorKind.DATA,
          "The table lineage/progress holds a row that can't be read: " + e.getMessage(),
          "Make the lineage tables anew: weir lineage rebuild.",
          e);
    }
  }
}
