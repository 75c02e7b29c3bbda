package dev.weir.lineage;

import dev.weir.store.Column;
import dev.weir.store.ColumnType;
import dev.weir.store.CommittedRows;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableDefinition;
import dev.weir.store.TableSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The event table of a home: every fact, append-only, the source of truth. */
public final class Events {
  /** Where it is in the home. */
  public static final String PATH = "lineage/events";

  /**
   * Transaction ids in this table never expire (no {@code delta.setTransactionRetentionDuration}):
   * they hold leases and the numbers of models, and there is one for each pipeline and model, and
   * for each run that goes on beside others.
   */
  private static final TableDefinition DEFINITION =
      new TableDefinition(
          List.of(
              Column.required(
                  "at",
                  ColumnType.TIMESTAMP,
                  "When it happened, by the clock of its machine, UTC."),
              Column.required(
                  "kind", ColumnType.STRING, "What kind of fact it is, such as stage-finished."),
              Column.required(
                  "pipeline",
                  ColumnType.STRING,
                  "The pipeline it happened in; empty for what was done outside of any run."),
              Column.required(
                  "run",
                  ColumnType.STRING,
                  "The id of the run it happened in; empty for what was done outside of any."),
              Column.optional(
                  "stage", ColumnType.STRING, "The stage it happened in, or null for the run."),
              Column.optional("attempt", ColumnType.INT, "The attempt at the stage, from 1."),
              Column.required("body", ColumnType.STRING, "Everything about the fact, as JSON.")),
          Map.of(
              "delta.appendOnly", "true",
              "delta.checkpointInterval", "100",
              "delta.logRetentionDuration", "interval 1 day",
              "delta.deletedFileRetentionDuration", "interval 1 day",
              "delta.dataSkippingNumIndexedCols", "6"));

  private static final List<String> FACT = List.of("kind", "body");

  private final Home home;
  private final DeltaTable table;

  private Events(Home home) {
    this.home = home;
    this.table = home.table(PATH);
  }

  /** The event table of a home, whether or not it is there. */
  static Events of(Home home) {
    return new Events(home);
  }

  /** The event table of a home, made if it is not there. */
  public static Events open(Home home) {
    Events events = new Events(home);
    events.table.create(DEFINITION);
    return events;
  }

  /** The event table of a home, if it is there. */
  public static Optional<Events> existing(Home home) {
    Events events = new Events(home);
    return events.table.find().isPresent() ? Optional.of(events) : Optional.empty();
  }

  /** The home that it is in. */
  public Home home() {
    return home;
  }

  /** The table itself. */
  public DeltaTable table() {
    return table;
  }

  /**
   * Makes what was done outside of any run durable.
   *
   * @return the version that holds it
   */
  public long append(List<Fact.Deed> deeds) {
    return table.append(rows(List.copyOf(deeds)));
  }

  /**
   * Makes durable what people are told of, and what came of that, whoever holds the lease.
   *
   * @return the version that holds it
   */
  public long tell(List<? extends Fact.Alert> alerts) {
    return table.append(rows(List.copyOf(alerts)));
  }

  static List<List<@Nullable Object>> rows(List<Fact> facts) {
    List<List<@Nullable Object>> rows = new ArrayList<>(facts.size());
    for (Fact fact : facts) {
      String stage = null;
      Integer attempt = null;
      if (fact instanceof Fact.StageStarted started) {
        stage = started.stage();
        attempt = started.attempt();
      } else if (fact instanceof Fact.StageFinished finished) {
        stage = finished.stage();
        attempt = finished.attempt();
      } else if (fact instanceof Fact.DatasetProfiled profiled) {
        stage = profiled.stage();
        attempt = profiled.attempt();
      } else if (fact instanceof Fact.ModelRegistered registered) {
        stage = registered.stage();
        attempt = registered.attempt();
      } else if (fact instanceof Fact.AlertRaised raised) {
        stage = raised.stage();
        attempt = raised.attempt();
      }
      rows.add(
          Arrays.asList(
              fact.at(),
              Facts.kind(fact),
              fact.pipeline(),
              fact.run(),
              stage,
              attempt,
              Facts.body(fact)));
    }
    return rows;
  }

  private static List<Fact> facts(List<Row> rows) {
    return rows.stream()
        .flatMap(row -> Facts.read(row.string("kind"), row.string("body")).stream())
        .toList();
  }

  /**
   * The facts committed after version {@code after}, up to and with {@code upTo}, in order.
   *
   * @throws dev.weir.error.WeirException {@code log-expired} if a commit is no longer in the log
   */
  List<CommittedFact> between(long after, long upTo) {
    List<CommittedFact> facts = new ArrayList<>();
    for (CommittedRows commit : table.rowsBetween(after, upTo, FACT)) {
      for (Fact fact : facts(commit.rows())) {
        facts.add(new CommittedFact(commit.version(), fact));
      }
    }
    return facts;
  }

  /** The deletions of files that were said after version {@code after}, up to {@code upTo}. */
  public List<Fact.FilesDeleted> deletions(long after, long upTo) {
    return between(after, upTo).stream()
        .map(CommittedFact::fact)
        .filter(Fact.FilesDeleted.class::isInstance)
        .map(Fact.FilesDeleted.class::cast)
        .toList();
  }

  /** The facts of one commit. */
  List<Fact> of(long version) {
    return between(version - 1, version).stream().map(CommittedFact::fact).toList();
  }

  /** Every fact at a version, by time. */
  static List<Fact> all(TableSnapshot snapshot) {
    return byTime(snapshot, List.of());
  }

  /** Every fact of a run at a version, by time. */
  static List<Fact> ofRun(TableSnapshot snapshot, String run) {
    return byTime(snapshot, List.of(Filter.equal("run", run)));
  }

  static List<Fact> byTime(TableSnapshot snapshot, List<Filter> filters) {
    return facts(snapshot.rows(FACT, filters)).stream()
        .sorted(Comparator.comparing(Fact::at))
        .toList();
  }
}
