package dev.weir.session;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Views of the schema {@code lineage} that are made of its tables, for whoever asks in SQL. */
public final class LineageViews {
  /** Every view, each after those that it reads. */
  public static final List<View> ALL = List.of(aliasPeriods(), modelVersions(), alertStates());

  private LineageViews() {}

  /**
   * A view.
   *
   * @param columns what it shows, in the order of its query
   * @param reads the tables and views of the same schema that the query names
   */
  public record View(String name, List<Column> columns, List<String> reads, String query) {
    public View {
      columns = List.copyOf(columns);
      reads = List.copyOf(reads);
    }
  }

  /** A column of a view, with a sentence that says what it holds. */
  public record Column(String name, String comment) {}

  private static View aliasPeriods() {
    return new View(
        "alias_periods",
        List.of(
            new Column("name", "The model, such as credit.default."),
            new Column("alias", "The alias, such as champion."),
            new Column("reference", "The version that it named, such as model:credit.default@3."),
            new Column("valid_from", "The first moment at which it did, UTC."),
            new Column(
                "valid_to",
                "The first moment at which it did no more, UTC; null if it still does."),
            new Column("moved_by", "Who moved it to this version."),
            new Column("host", "The machine that it was done on."),
            new Column("claimed_by", "In whose name, as was said; nobody checked it; or null."),
            new Column("reason", "Why, in the words of who did it."),
            new Column("overrode", "The rule that was set aside, in a sentence, or null.")),
        List.of("aliases"),
        """
        SELECT name, alias, to_reference, at, next_at, done_by, host, claimed_by, reason, overrode
        FROM (
          SELECT *, lead(at) OVER (PARTITION BY name, alias ORDER BY at) AS next_at
          FROM lineage.aliases
        )
        WHERE to_reference IS NOT NULL
        """);
  }

  private static View modelVersions() {
    return new View(
        "model_versions",
        List.of(
            new Column("reference", "The version, such as model:credit.default@3."),
            new Column("name", "The model, such as credit.default."),
            new Column("number", "The version's number."),
            new Column(
                "state",
                "REGISTERED, APPROVED, REJECTED or RETIRED: what was said of it last. An approval of other files, or on another evaluation, counts for nothing."),
            new Column("aliases", "The aliases that name it now, with commas, or null."),
            new Column("reviewed_by", "Who said so, or null."),
            new Column("claimed_by", "In whose name, as was said; nobody checked it; or null."),
            new Column("reviewed_at", "When it was said, UTC, or null."),
            new Column("reviewed_on", "The evaluation that was looked at, reference, or null."),
            new Column("reason", "Why, in the words of who said it, or null."),
            new Column("overrode", "The rule that was set aside, in a sentence, or null."),
            new Column("evaluation", "The evaluation that it was registered on, or null."),
            new Column("digest", "The digest over the digests of its files."),
            new Column("type", "The predictor's class."),
            new Column("run", "The id of the run that registered it."),
            new Column("registered_by", "Who started that run."),
            new Column("registered_at", "When it was registered, UTC."),
            new Column("trained_in", "The id of the run that trained it."),
            new Column("trained_by", "Who started that run.")),
        List.of("models", "reviews", "alias_periods", "runs"),
        """
        SELECT m.reference, m.name, m.number,
          CASE
            WHEN r.decision IS NULL THEN 'REGISTERED'
            WHEN r.decision = 'APPROVED'
              AND NOT (r.digest <=> m.digest AND r.evaluation <=> m.evaluation) THEN 'REGISTERED'
            ELSE r.decision
          END AS state,
          a.aliases, r.done_by, r.claimed_by, r.at, r.evaluation, r.reason, r.overrode,
          m.evaluation, m.digest, m.type, m.run, registering.started_by, m.at,
          training.run, training.started_by
        FROM lineage.models m
        LEFT JOIN (
          SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY reference ORDER BY at DESC) AS age
            FROM lineage.reviews
          )
          WHERE age = 1
        ) r ON r.reference = m.reference
        LEFT JOIN (
          SELECT reference, array_join(sort_array(collect_list(alias)), ', ') AS aliases
          FROM lineage.alias_periods
          WHERE valid_to IS NULL
          GROUP BY reference
        ) a ON a.reference = m.reference
        LEFT JOIN lineage.runs registering ON registering.run = m.run
        LEFT JOIN lineage.runs training ON training.run = substring_index(m.candidate, '@', -1)
        WHERE m.kind = 'registered'
        """);
  }

  private static View alertStates() {
    return new View(
        "alert_states",
        List.of(
            new Column("alert", "The id of the trouble."),
            new Column("state", "OPEN, ACKNOWLEDGED, SNOOZED or RESOLVED, as it is now."),
            new Column("pipeline", "The pipeline."),
            new Column("run", "The id of the run in which it came last."),
            new Column("stage", "The stage, or null for the run."),
            new Column(
                "kind",
                "What it tells of: GATE_HALTED, STAGE_FAILED, RUN_FAILED, RUN_DIED or RECOVERED."),
            new Column("severity", "INFO, WARN or ERROR."),
            new Column("subject", "The reference or the name of what it is about."),
            new Column("message", "What happened the last time, in sentences."),
            new Column("owner", "Who answers for it, or null where nobody is named."),
            new Column("since", "When it began, UTC."),
            new Column("last_at", "When it came last, UTC."),
            new Column("times", "How often it came."),
            new Column("delivered_by", "The routes that took it, with commas, or null."),
            new Column("delivery_errors", "What last went wrong in telling it, or null."),
            new Column("acknowledged_by", "Who said that they know of it, or null."),
            new Column("snoozed_until", "When it is told again, UTC, or null."),
            new Column("resolved_at", "When it was over, UTC, or null.")),
        List.of("alerts"),
        """
        SELECT r.alert,
          CASE
            WHEN r.kind = 'RECOVERED' OR o.at IS NOT NULL THEN 'RESOLVED'
            WHEN k.done_by IS NOT NULL THEN 'ACKNOWLEDGED'
            WHEN greatest(s.snoozed_until, p.snoozed_until) > current_timestamp() THEN 'SNOOZED'
            ELSE 'OPEN'
          END AS state,
          r.pipeline, r.run, r.stage, r.kind, r.severity, r.subject, r.message, r.owner, r.since,
          r.at, r.times, d.routes, d.error, k.done_by,
          greatest(s.snoozed_until, p.snoozed_until) AS snoozed_until, o.at
        FROM (
          SELECT *, row_number() OVER (PARTITION BY alert ORDER BY times DESC, at DESC) AS age
          FROM lineage.alerts
          WHERE event = 'RAISED'
        ) r
        LEFT JOIN (
          SELECT alert,
            array_join(
              sort_array(collect_set(CASE WHEN event = 'DELIVERED' THEN route END)), ', ') AS routes,
            max_by(concat(route, ': ', error), at) FILTER (WHERE event = 'FAILED') AS error
          FROM lineage.alerts
          WHERE event IN ('DELIVERED', 'FAILED')
          GROUP BY alert
        ) d ON d.alert = r.alert
        LEFT JOIN (
          SELECT alert, max_by(coalesce(claimed_by, done_by), at) AS done_by
          FROM lineage.alerts
          WHERE event = 'ACKNOWLEDGED'
          GROUP BY alert
        ) k ON k.alert = r.alert
        LEFT JOIN (
          SELECT alert, max_by(snoozed_until, at) AS snoozed_until
          FROM lineage.alerts
          WHERE event = 'SNOOZED' AND alert IS NOT NULL
          GROUP BY alert
        ) s ON s.alert = r.alert
        LEFT JOIN (
          SELECT pipeline, max_by(snoozed_until, at) AS snoozed_until
          FROM lineage.alerts
          WHERE event = 'SNOOZED' AND alert IS NULL
          GROUP BY pipeline
        ) p ON p.pipeline = r.pipeline
        LEFT JOIN (
          SELECT id, min(at) AS at
          FROM (
            SELECT explode(from_json(resolved, 'array<string>')) AS id, at
            FROM lineage.alerts
            WHERE event = 'RAISED'
          )
          GROUP BY id
        ) o ON o.id = r.alert
        WHERE r.age = 1
        """);
  }

  /** Whether one of some views reads a table, by itself or through another view. */
  public static boolean needed(List<View> views, HomeSchema.PinnedTable table) {
    return table.schema().equals("lineage")
        && withThoseRead(views).stream().anyMatch(view -> view.reads().contains(table.name()));
  }

  private static Set<View> withThoseRead(List<View> views) {
    Set<View> all = new LinkedHashSet<>(views);
    List<View> open = new ArrayList<>(views);
    while (!open.isEmpty()) {
      View view = open.remove(0);
      ALL.stream()
          .filter(other -> view.reads().contains(other.name()) && all.add(other))
          .forEach(open::add);
    }
    return all;
  }

  /** Makes views, and those that they read, over the tables that {@link HomeSchema} made. */
  public static void open(SparkSession spark, List<View> views) {
    Set<View> needed = withThoseRead(views);
    for (View view : ALL) {
      if (needed.contains(view)) {
        spark.sql(
            "CREATE OR REPLACE VIEW lineage.%s (%s) AS %s"
                .formatted(
                    Identifiers.quote(view.name()),
                    view.columns().stream()
                        .map(
                            column ->
                                "%s COMMENT '%s'"
                                    .formatted(
                                        Identifiers.quote(column.name()),
                                        column.comment().replace("'", "\\'")))
                        .collect(Collectors.joining(", ")),
                    view.query()));
      }
    }
  }
}
