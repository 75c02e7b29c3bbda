package dev.weir.lineage;

import static dev.weir.store.Column.optional;
import static dev.weir.store.Column.required;
import static dev.weir.store.ColumnType.BOOLEAN;
import static dev.weir.store.ColumnType.DOUBLE;
import static dev.weir.store.ColumnType.INT;
import static dev.weir.store.ColumnType.LONG;
import static dev.weir.store.ColumnType.STRING;
import static dev.weir.store.ColumnType.TIMESTAMP;

import dev.weir.store.Column;
import dev.weir.store.TableDefinition;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The columns of the lineage tables, in one place. */
final class LineageColumns {
  /** Nobody travels in these tables in time, and old checkpoints add up. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "delta.checkpointInterval", "50",
          "delta.logRetentionDuration", "interval 1 day",
          "delta.deletedFileRetentionDuration", "interval 1 day");

  /** Nobody asks for its rows but by its first column, so that others need no statistics. */
  private static final Map<String, String> INDEX =
      Map.of(
          "delta.checkpointInterval", "50",
          "delta.logRetentionDuration", "interval 1 day",
          "delta.deletedFileRetentionDuration", "interval 1 day",
          "delta.dataSkippingNumIndexedCols", "1");

  /** How far the tables were made, one row for each time. */
  static final TableDefinition PROGRESS =
      new TableDefinition(
          List.of(
              required(
                  "events_version",
                  LONG,
                  "The version of lineage.events up to which the lineage tables hold everything."),
              required("made_at", TIMESTAMP, "When they were brought up to it, UTC."),
              required(
                  "tables",
                  STRING,
                  "The id and the Delta version of each lineage table at that point, as JSON."),
              required("open_runs", STRING, "The runs that had not ended by then, as JSON.")),
          PROPERTIES);

  private static final Map<LineageTable, TableDefinition> DEFINITIONS = definitions();

  private LineageColumns() {}

  static TableDefinition of(LineageTable table) {
    TableDefinition definition = DEFINITIONS.get(table);
    if (definition == null) {
      throw new IllegalArgumentException("No columns are known for " + table);
    }
    return definition;
  }

  private static Map<LineageTable, TableDefinition> definitions() {
    Map<LineageTable, TableDefinition> all = new EnumMap<>(LineageTable.class);
    for (LineageTable table : LineageTable.values()) {
      all.put(
          table,
          new TableDefinition(
              columns(table), table == LineageTable.REFERENCE_RUNS ? INDEX : PROPERTIES));
    }
    return all;
  }

  private static List<Column> columns(LineageTable table) {
    return switch (table) {
      case RUNS -> runs();
      case STAGES -> stages();
      case EDGES -> edges();
      case REFERENCE_RUNS -> referenceRuns();
      case DATASETS -> datasets();
      case MODELS -> models();
      case METRICS ->
          inStage(
              required("name", STRING, "What was measured, such as auc-roc."),
              required("value", DOUBLE, "The number found."),
              optional(
                  "subject",
                  STRING,
                  "The reference of what was measured, or null for the stage itself."),
              required("at", TIMESTAMP, "When the stage ended, UTC."));
      case PARAMS ->
          List.of(
              required("run", STRING, "The id of the run."),
              optional("stage", STRING, "The stage, or null for a parameter of the run."),
              optional("attempt", INT, "The attempt at the stage, from 1; null with the stage."),
              required("pipeline", STRING, "The pipeline."),
              required("name", STRING, "The parameter's name."),
              required("value", STRING, "Its value, as text."),
              required("at", TIMESTAMP, "When the run or the stage ended, UTC."));
      case CHECKS ->
          inStage(
              required("name", STRING, "What was checked, such as not-null."),
              required("subject", STRING, "The reference of what was checked."),
              optional("column_name", STRING, "The column checked, or null for the whole."),
              required("passed", BOOLEAN, "Whether it held."),
              required("row_count", LONG, "How many rows were looked at."),
              optional(
                  "failed_row_count",
                  LONG,
                  "How many of them broke it, or null for a check of the whole."),
              required("observed", STRING, "What was found, as text."),
              required("expected", STRING, "What was asked for, as text."),
              required("severity", STRING, "error, or warn for a check that halts nothing."),
              optional("owner", STRING, "Who looks after it, or null if nobody is named."),
              optional(
                  "value",
                  DOUBLE,
                  "What was found as a number: the fraction of rows that broke it, or the figure that it bounds; null where there is none."),
              optional(
                  "expectation",
                  STRING,
                  "The digest of the check's configuration: where it is the same, the same was expected."),
              optional(
                  "expected_low", DOUBLE, "The least value that passed, where it was learned."),
              optional(
                  "expected_high", DOUBLE, "The greatest value that passed, where it was learned."),
              optional(
                  "learned_from",
                  STRING,
                  "The versions that this was learned from or compared with, as JSON, or null."),
              optional(
                  "overridden",
                  STRING,
                  "The id in lineage.interventions by which its failure was accepted, or null."),
              required("at", TIMESTAMP, "When the stage ended, UTC."));
      case PROFILES -> profiles();
      case REVIEWS -> reviews();
      case ALIASES -> aliases();
      case DELETIONS -> deletions();
      case BASELINES -> baselines();
      case ALERTS -> alerts();
      case INTERVENTIONS -> interventions();
    };
  }

  private static List<Column> profiles() {
    return inStage(
        required("reference", STRING, "The version, such as dataset:credit.raw@12."),
        required("name", STRING, "The dataset, such as credit.raw."),
        required("version", LONG, "Its Delta version."),
        required("table_id", STRING, "The Delta table's id: a table made again has another."),
        required(
            "accepted",
            BOOLEAN,
            "Whether the attempt succeeded; the profile of one that did not says what was wrong."),
        optional(
            "part",
            STRING,
            "Which of its rows these are, such as region=north, or null for all of them."),
        optional("byte_count", LONG, "How large the version's files are, or null."),
        optional("committed_at", TIMESTAMP, "When the version was committed, UTC, or null."),
        required("column_number", INT, "The column's place in the dataset, from 1."),
        required("column_name", STRING, "The column."),
        required("type", STRING, "Its type, as SQL writes it."),
        required("row_count", LONG, "How many rows there are."),
        required(
            "value_count", LONG, "How many values there are that are not null, NaN among them."),
        required("null_count", LONG, "How many nulls there are."),
        required("nan_count", LONG, "How many of the values are NaN."),
        optional(
            "distinct_count",
            DOUBLE,
            "How many different values there are: exactly if few, else within some 2 %; or null."),
        optional("min", DOUBLE, "The least number, or null for what are no numbers."),
        optional("max", DOUBLE, "The greatest number, or null."),
        optional("mean", DOUBLE, "The mean of the numbers, or null."),
        optional("stddev", DOUBLE, "The standard deviation of the numbers as all, or null."),
        optional("p05", DOUBLE, "The number that 5 % are not above, nearly, or null."),
        optional("p25", DOUBLE, "The number that 25 % are not above, nearly, or null."),
        optional("median", DOUBLE, "The number that half are not above, nearly, or null."),
        optional("p75", DOUBLE, "The number that 75 % are not above, nearly, or null."),
        optional("p95", DOUBLE, "The number that 95 % are not above, nearly, or null."),
        optional("min_text", STRING, "The first of texts, dates or times, or null."),
        optional("max_text", STRING, "The last of them, or null."),
        optional("min_length", LONG, "The length of the shortest text in characters, or null."),
        optional("max_length", LONG, "The length of the longest text in characters, or null."),
        optional("mean_length", DOUBLE, "The mean length of the texts in characters, or null."),
        optional(
            "most_frequent",
            STRING,
            "The ten most frequent values and how often each is there at least, as JSON, or null."),
        optional(
            "patterns",
            STRING,
            "The ten most frequent shapes of texts, such as AA-999, in the same way, or null."),
        required(
            "profile",
            STRING,
            "The whole of the column's profile with its sketches, which can be merged, as JSON."),
        required("at", TIMESTAMP, "When the stage ended, UTC."));
  }

  private static List<Column> reviews() {
    return deed(
        required("reference", STRING, "The model version, such as model:credit.default@3."),
        required("name", STRING, "The model, such as credit.default."),
        required("number", INT, "The version's number."),
        required("decision", STRING, "APPROVED, REJECTED or RETIRED."),
        optional(
            "digest", STRING, "The digest of its files as they were looked at; null if retired."),
        optional(
            "evaluation",
            STRING,
            "The evaluation that was looked at, as a reference; null if it has none or is retired."),
        optional("overrode", STRING, "The rule that was set aside, in a sentence, or null."));
  }

  private static List<Column> aliases() {
    return deed(
        required("name", STRING, "The model, such as credit.default."),
        required("alias", STRING, "The alias, such as champion."),
        optional(
            "from_reference",
            STRING,
            "The version that it named before, or null if it named none."),
        optional(
            "to_reference",
            STRING,
            "The version that it names from then on, or null if it was removed."),
        optional("overrode", STRING, "The rule that was set aside, in a sentence, or null."));
  }

  private static List<Column> deletions() {
    return deed(
        required("kind", STRING, "PIN_RELEASED, or FILES_DELETED by a vacuum."),
        required("name", STRING, "The dataset, such as credit.clean."),
        optional("reference", STRING, "The version whose pin was released, or null."),
        optional("holder", STRING, "For whom it was pinned, or null."),
        optional("path", STRING, "Where the table is whose files were deleted, or null."),
        optional("table_id", STRING, "The Delta table's id, or null."),
        optional(
            "gone_versions",
            STRING,
            "The published versions that were given up, as JSON, or null: said before the files are deleted."),
        optional(
            "file_count",
            LONG,
            "How many files were deleted, or null; 0 in the row from before they were."),
        optional("bytes", LONG, "Their size together, in bytes, or null."));
  }

  private static List<Column> baselines() {
    return deed(
        required("reference", STRING, "The version whose level is normal from then on."),
        required("name", STRING, "The dataset, such as credit.raw."),
        required("version", LONG, "Its Delta version."),
        required("table_id", STRING, "The Delta table's id."),
        optional(
            "figures",
            STRING,
            "The figures whose history begins there, as JSON, such as income.mean; null for all."));
  }

  private static List<Column> interventions() {
    return deed(
        required("id", STRING, "Its id, the same for the same deed."),
        required(
            "kind",
            STRING,
            "OVERRIDDEN, what a gate had refused; or CORRECTED, rows that it had put aside."),
        required("gate", STRING, "The pipeline and its stage, such as credit/validate."),
        required("reference", STRING, "What was checked, such as dataset:credit.raw@3."),
        required("digest", STRING, "The digest of its content, for which alone this holds."),
        optional("quarantine", STRING, "Where the rows had been put, as a reference, or null."),
        optional("assignments", STRING, "What becomes of the rows, as JSON, or null."),
        optional("condition", STRING, "Which of the rows this is about, in SQL, or null for all."),
        optional("halted_run", STRING, "The id of the run that was halted, or null."),
        optional("checks", STRING, "The checks that had failed, as JSON, or null."));
  }

  private static List<Column> alerts() {
    return List.of(
        required(
            "event", STRING, "RAISED, DELIVERED, FAILED (to deliver), ACKNOWLEDGED or SNOOZED."),
        optional(
            "alert",
            STRING,
            "The id of the trouble, the same each time that it comes back before it is over; null for a pipeline that was snoozed."),
        optional("times", INT, "The how-manieth time of it this is, from 1; or null for a deed."),
        optional("pipeline", STRING, "The pipeline, or null where only the alert was named."),
        optional("run", STRING, "The id of the run, or null for a deed."),
        optional("stage", STRING, "The stage, or null for the run."),
        optional("attempt", INT, "The attempt at the stage, or null."),
        optional(
            "kind",
            STRING,
            "What it tells of: GATE_HALTED, STAGE_FAILED, RUN_FAILED, RUN_DIED or RECOVERED."),
        optional("severity", STRING, "INFO, WARN or ERROR."),
        optional("trouble", STRING, "What makes it the same trouble when it comes back."),
        optional("subject", STRING, "The reference or the name of what it is about."),
        optional("message", STRING, "What happened, in sentences."),
        optional(
            "checks",
            STRING,
            "The checks that failed, with the values observed and expected, as JSON."),
        optional("owner", STRING, "Who answers for it, or null where nobody is named."),
        optional("since", TIMESTAMP, "When the trouble began, UTC."),
        optional(
            "routes",
            STRING,
            "The ways by which it is to be told, as JSON; none where it is only counted."),
        optional("resolved", STRING, "The ids of the alerts that it ends, as JSON."),
        optional("route", STRING, "The way by which it was delivered, or not."),
        optional("attempts", INT, "How often its delivery by that way had been tried, or null."),
        optional("error", STRING, "Why it could not be delivered, or null."),
        optional("gave_up", BOOLEAN, "Whether its delivery is not tried again, or null."),
        optional("snoozed_until", TIMESTAMP, "When it is told again, UTC, or null."),
        optional("done_by", STRING, "Who acknowledged or snoozed it, or null."),
        optional("host", STRING, "The machine that this was done on, or null."),
        optional("claimed_by", STRING, "In whose name, as was said; nobody checked it; or null."),
        optional("reason", STRING, "Why, in the words of who did it, or null."),
        required("at", TIMESTAMP, "When it happened, UTC."));
  }

  /** Columns of what was done outside of any run: who, where, why and when come last. */
  private static List<Column> deed(Column... what) {
    List<Column> columns = new ArrayList<>(List.of(what));
    columns.add(
        required(
            "done_by",
            STRING,
            "Who did it: what WEIR_ACTOR said, or the operating system's user."));
    columns.add(required("host", STRING, "The machine that it was done on."));
    columns.add(
        optional("claimed_by", STRING, "In whose name, as was said; nobody checked it; or null."));
    columns.add(required("reason", STRING, "Why, in the words of who did it."));
    columns.add(required("at", TIMESTAMP, "When it was done, UTC."));
    return columns;
  }

  private static List<Column> inStage(Column... more) {
    List<Column> columns = new ArrayList<>();
    columns.add(required("run", STRING, "The id of the run."));
    columns.add(required("stage", STRING, "The stage."));
    columns.add(
        required(
            "attempt", INT, "The attempt at the stage, from 1; 0 for a stage that never began."));
    columns.add(required("pipeline", STRING, "The pipeline."));
    columns.addAll(List.of(more));
    return columns;
  }

  private static List<Column> runs() {
    return List.of(
        required("run", STRING, "The id of the run."),
        required("pipeline", STRING, "The pipeline."),
        required(
            "state",
            STRING,
            "How it ended: SUCCEEDED, FAILED, HALTED, CANCELLED, or INTERRUPTED if its process died and it was not resumed. Weir's own view adds runs that have not: RUNNING or INTERRUPTED."),
        required("started_at", TIMESTAMP, "When it began, UTC."),
        required("finished_at", TIMESTAMP, "When it ended, UTC."),
        required("duration_seconds", DOUBLE, "How long it took, in seconds."),
        optional("started_by", STRING, "The operating system's user who started it."),
        optional("host", STRING, "The machine that its driver ran on."),
        optional("command", STRING, "What was typed to start it."),
        optional("lease_token", LONG, "The number of the lease that it ran under."),
        optional("stage_count", INT, "How many stages its plan had."),
        optional("definition", STRING, "The pipeline that was run, as JSON."),
        optional("git_commit", STRING, "The commit of the code, where the project is in git."),
        optional("git_dirty", STRING, "Whether files differed from that commit: true or false."),
        optional("weir_version", STRING, "The version of Weir."),
        optional("spark_version", STRING, "The version of Spark."),
        optional("delta_version", STRING, "The version of Delta."),
        optional("java_version", STRING, "The version of Java."),
        optional("master", STRING, "Where Spark ran, such as local[*]."),
        optional("environment", STRING, "Everything that was noted of its surroundings, as JSON."),
        optional("error_code", STRING, "A stable name of what went wrong, or null."),
        optional("error_message", STRING, "What went wrong, in a sentence, or null."),
        optional("error_exception", STRING, "The class of the exception, or null."),
        required(
            "resumes",
            INT,
            "How often it had been resumed: a run has a row for each time that it ended, and the highest tells how it stands."));
  }

  private static List<Column> stages() {
    return inStage(
        required(
            "state",
            STRING,
            "How it ended: SUCCEEDED, REUSED, FAILED, HALTED, CANCELLED, SKIPPED, INTERRUPTED. Weir's own view adds attempts that have not: RUNNING or UNKNOWN."),
        required("started_at", TIMESTAMP, "When the attempt began, UTC."),
        required("finished_at", TIMESTAMP, "When it ended, UTC."),
        required("duration_seconds", DOUBLE, "How long it took, in seconds."),
        required("type", STRING, "The stage's class."),
        optional("config", STRING, "The stage's configuration, as JSON."),
        optional("error_code", STRING, "A stable name of what went wrong, or null."),
        optional("error_message", STRING, "What went wrong, in a sentence, or null."),
        optional("error_exception", STRING, "The class of the exception, or null."),
        optional(
            "fingerprint",
            STRING,
            "The digest of what its result follows from: where it is the same, the same work was done."),
        optional(
            "made_from",
            STRING,
            "What the fingerprint is of, as JSON: code, inputs, sources, platform, params."),
        optional(
            "reused_run",
            STRING,
            "The run whose result stands for this one's, or null if the stage ran."),
        optional(
            "changed",
            STRING,
            "What had changed of the stage since the run's attempt before, or null."));
  }

  private static List<Column> edges() {
    return List.of(
        optional(
            "from_reference", STRING, "What was read, or null for what was made from nothing."),
        optional("to_reference", STRING, "What was written, or null if nothing was."),
        required("run", STRING, "The id of the run."),
        required("stage", STRING, "The stage that read and wrote."),
        required("attempt", INT, "The attempt at the stage, from 1."),
        required("pipeline", STRING, "The pipeline."),
        optional("from_port", STRING, "The stage's port that was read."),
        optional("to_port", STRING, "The stage's port that was written."),
        optional(
            "from_detail",
            STRING,
            "The Delta table's id for a dataset read, the length in bytes for a file."),
        optional(
            "to_detail",
            STRING,
            "The Delta table's id for a dataset written, the digest of its files for a model."),
        required("at", TIMESTAMP, "When it was published, UTC."));
  }

  private static List<Column> referenceRuns() {
    return List.of(
        required(
            "reference_hash",
            LONG,
            "The first 64 bits of the reference's SHA-256, by which the rows are sorted."),
        required("reference", STRING, "What was read or written."),
        required("role", STRING, "READ or WRITTEN."),
        required("run", STRING, "The id of the run."),
        required("stage", STRING, "The stage that read or wrote it."),
        required("attempt", INT, "The attempt at the stage, from 1."),
        required("pipeline", STRING, "The pipeline."),
        required("at", TIMESTAMP, "When the stage ended, UTC."));
  }

  private static List<Column> datasets() {
    return List.of(
        required("reference", STRING, "The version, such as dataset:credit.clean@12."),
        required("name", STRING, "The dataset, such as credit.clean."),
        required("version", LONG, "Its Delta version."),
        required("table_id", STRING, "The Delta table's id: a table made again has another."),
        required("path", STRING, "Where the table is."),
        required("row_count", LONG, "How many rows the version holds."),
        required(
            "digest", STRING, "The content's digest: the same for the same rows in any order."),
        required("schema", STRING, "Spark's JSON of the schema."),
        required("run", STRING, "The id of the run that wrote it."),
        required("stage", STRING, "The stage that wrote it."),
        required("attempt", INT, "The attempt at the stage, from 1."),
        required("pipeline", STRING, "The pipeline."),
        required("port", STRING, "The stage's port that it was written through."),
        required("at", TIMESTAMP, "When it was published, UTC."),
        optional(
            "reused_run",
            STRING,
            "The run that wrote it, where the run of this row used it again; else null."));
  }

  private static List<Column> models() {
    return List.of(
        required("reference", STRING, "candidate:name@run, or model:name@number once registered."),
        required("kind", STRING, "candidate or registered."),
        required("name", STRING, "The model, such as credit.default."),
        optional("number", INT, "The number of a registered version, or null."),
        required("candidate", STRING, "The candidate that it is, as a reference."),
        optional(
            "evaluation", STRING, "The evaluation that it was registered on, or null, reference."),
        required(
            "digest", STRING, "The digest over the digests of its files, another in every fit."),
        optional(
            "content_digest",
            STRING,
            "The digest of what it learned: the same for two fits that learned the same, or null where it was not taken."),
        optional("type", STRING, "The predictor's class."),
        optional("file_count", INT, "How many files it has."),
        optional("bytes", LONG, "Their size together, in bytes."),
        optional(
            "artifacts_version", LONG, "The version of models/artifacts that holds its files."),
        optional("signature", STRING, "Its input and output schema, as JSON."),
        required("run", STRING, "The id of the run that made or registered it."),
        required("stage", STRING, "The stage that made or registered it."),
        required("attempt", INT, "The attempt at the stage, from 1."),
        required("pipeline", STRING, "The pipeline."),
        required("at", TIMESTAMP, "When it was published or registered, UTC."));
  }
}
