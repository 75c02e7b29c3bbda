package dev.weir.lineage;

import dev.weir.config.AlertKind;
import dev.weir.config.AlertSeverity;
import dev.weir.profile.DatasetProfile;
import dev.weir.store.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a run or was done by somebody outside of one, as it is appended to the
 * event table. Facts are never changed; the lineage tables are made from them.
 */
public sealed interface Fact {
  /** When it happened, by the clock of the machine that says so. */
  Instant at();

  /** The pipeline it happened in; empty for a {@link Deed}. */
  String pipeline();

  /** The id of the run it happened in; empty for a {@link Deed}. */
  String run();

  /**
   * A driver took the pipeline's lease for a run.
   *
   * @param token the lease's number: it grows by one with each taking and fences every write
   * @param host where the driver runs
   * @param pid the driver's process id there
   * @param processStart when that process started, which with the pid tells it from a later one
   * @param user the operating system's user
   * @param lengthMillis how long the lease is good without a sign of life
   */
  record LeaseTaken(
      Instant at,
      String pipeline,
      String run,
      long token,
      String host,
      long pid,
      @Nullable Instant processStart,
      String user,
      long lengthMillis)
      implements Fact {}

  /** A sign of life from a driver that had nothing else to say. */
  record Heartbeat(Instant at, String pipeline, String run) implements Fact {}

  /**
   * A run began.
   *
   * @param definition the pipeline as JSON
   * @param params the run's parameters by name, as text
   * @param environment where and with what it runs: user, host, java, spark, delta, weir, master,
   *     git_commit, git_dirty, home, command, log, last_words
   * @param stages the names of the stages, in the order of the plan
   * @param outputs what each stage publishes: {@code dataset:credit.raw}, {@code
   *     model:credit.default}
   * @param snapshot what it reads from outside of the pipeline, as that was when it began
   * @param code the classes and jars of the stages' code by name, each with the beginning of its
   *     digest
   * @param choice which stages were asked for
   */
  record RunStarted(
      Instant at,
      String pipeline,
      String run,
      long token,
      String definition,
      Map<String, String> params,
      Map<String, String> environment,
      List<String> stages,
      Map<String, List<String>> outputs,
      Snapshot snapshot,
      Map<String, String> code,
      Choice choice)
      implements Fact {
    public RunStarted {
      params = Map.copyOf(params);
      environment = Map.copyOf(environment);
      stages = List.copyOf(stages);
      // Facts of older runs lack them.
      outputs = outputs == null ? Map.of() : Map.copyOf(outputs);
      snapshot = snapshot == null ? Snapshot.NONE : snapshot;
      code = code == null ? Map.of() : Map.copyOf(code);
      choice = choice == null ? Choice.ALL : choice;
    }
  }

  /**
   * What a run reads that its stages don't make, settled once for all attempts and resumes.
   *
   * @param datasets dataset versions, by what the pipeline says: {@code credit.raw} or {@code
   *     credit.raw@3}
   * @param models model versions, in the same way
   * @param sources the files outside of Weir, by the stage that reads them
   */
  record Snapshot(
      Map<String, DatasetWritten> datasets,
      Map<String, ModelRead> models,
      Map<String, List<OutsideFile>> sources) {
    /** Nothing. */
    public static final Snapshot NONE = new Snapshot(Map.of(), Map.of(), Map.of());

    public Snapshot {
      datasets = Map.copyOf(datasets);
      models = Map.copyOf(models);
      sources = Map.copyOf(sources);
    }
  }

  /**
   * A model at one immutable version.
   *
   * @param reference {@code model:…} or {@code candidate:…}
   * @param written the candidate's files
   */
  record ModelRead(String reference, ModelWritten written) {}

  /**
   * Which stages of the pipeline a run was asked for.
   *
   * @param forced stages that run though the same work was done before
   * @param taken stages that don't run, and whose last result is taken as it is
   */
  record Choice(List<String> forced, List<String> taken) {
    /** Every stage, and none by force. */
    public static final Choice ALL = new Choice(List.of(), List.of());

    public Choice {
      forced = List.copyOf(forced);
      taken = List.copyOf(taken);
    }
  }

  /**
   * A run that had stopped goes on: its driver had died, or it had ended without success.
   *
   * @param token the number of the lease that it goes on under
   * @param environment where and with what it runs from now on
   * @param reason why, in a sentence
   */
  record RunResumed(
      Instant at,
      String pipeline,
      String run,
      long token,
      Map<String, String> environment,
      String reason)
      implements Fact {
    public RunResumed {
      environment = Map.copyOf(environment);
    }
  }

  /**
   * Somebody asked for a run to be cancelled. Its driver notices, or whoever takes over from it.
   *
   * @param by who asked, in words: user, host and process
   * @param reason why, or null
   */
  record CancelRequested(
      Instant at, String pipeline, String run, String by, @Nullable String reason) implements Fact {
    /** Who cancelled the run, and why, in a sentence. */
    public String text() {
      return reason == null
          ? "It was cancelled by %s.".formatted(by)
          : "It was cancelled by %s: %s".formatted(by, reason);
    }
  }

  /**
   * An attempt at a stage began. Durable before the attempt's first commit.
   *
   * @param type the stage's class
   * @param config the stage's configuration as JSON
   * @param attempt from 1
   * @param work the {@link Fingerprint#work} of what it is about to do, or null if unknown
   * @param changed what has changed of the stage since the run's attempt before, in words, or null
   */
  record StageStarted(
      Instant at,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String type,
      String config,
      @Nullable String work,
      @Nullable String changed)
      implements Fact {}

  /**
   * An attempt at a stage ended, with everything it has to say. What it wrote counts as published
   * by this fact and by nothing else.
   *
   * @param startedAt when the attempt began
   * @param reads what it read
   * @param datasets the dataset versions that it published
   * @param models the model candidates that it published
   * @param error what went wrong, or null
   * @param fingerprint what its result follows from, or null if unknown
   * @param reused the attempt whose result stands for this one's, or null if the stage ran
   */
  record StageFinished(
      Instant at,
      Instant startedAt,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String type,
      StageState state,
      List<Read> reads,
      List<DatasetWritten> datasets,
      List<ModelWritten> models,
      List<Metric> metrics,
      List<Param> params,
      List<Check> checks,
      @Nullable Failure error,
      @Nullable Fingerprint fingerprint,
      @Nullable Reused reused)
      implements Fact {
    public StageFinished {
      reads = List.copyOf(reads);
      datasets = List.copyOf(datasets);
      models = List.copyOf(models);
      metrics = List.copyOf(metrics);
      params = List.copyOf(params);
      checks = List.copyOf(checks);
    }
  }

  /**
   * What the result of an attempt follows from: where two are equal, the same work was done.
   *
   * @param work the digest of everything here but {@code params}, and of the stage's type and
   *     configuration: known before the stage runs
   * @param code the digest of the stage's code
   * @param inputs what it reads by port, with the digest of the content
   * @param sources the digest of the files that it reads from outside of Weir, or empty for none
   * @param platform the versions of what runs it, by name: spark, delta
   * @param params the run's parameters that it asked for while it ran, by name, as text
   */
  record Fingerprint(
      String work,
      String code,
      Map<String, Content> inputs,
      String sources,
      Map<String, String> platform,
      Map<String, String> params) {
    public Fingerprint {
      inputs = Map.copyOf(inputs);
      platform = Map.copyOf(platform);
      params = Map.copyOf(params);
    }

    /** The digest of the whole. */
    public String digest() {
      return Sha256.of(work + new TreeMap<>(params));
    }

    /** The same for a stage that asked for these parameters. */
    public Fingerprint withParams(Map<String, String> asked) {
      return new Fingerprint(work, code, inputs, sources, platform, asked);
    }
  }

  /**
   * A version of something, and what is in it.
   *
   * @param reference the version
   * @param digest of its content, the same in all versions that hold the same
   */
  record Content(String reference, String digest) {}

  /** An attempt whose result is used again. */
  record Reused(String run, int attempt) {}

  /**
   * An attempt at a stage looked at everything in a dataset version. In the commit of the attempt's
   * end, in a row of its own, since it is large.
   *
   * @param reference the version, {@code dataset:…@…}
   * @param tableId the Delta table's id
   * @param accepted whether the attempt succeeded; the profile of one that did not says what was
   *     wrong
   * @param profile the {@link DatasetProfile} as JSON
   * @param part which of its rows it is of, such as {@code region=north}, or null for all
   * @param committedAt when the version was committed, or null where that is not known
   */
  record DatasetProfiled(
      Instant at,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String reference,
      String tableId,
      boolean accepted,
      String profile,
      @Nullable String part,
      @Nullable Instant committedAt)
      implements Fact {}

  /**
   * A candidate was given its number as a version of its model. The commit that holds this fact is
   * the registration.
   *
   * @param reference the new version, {@code model:credit.default@3}
   * @param candidate the candidate it was, {@code candidate:credit.default@<run>}
   * @param evaluation the evaluation it was registered on, {@code dataset:…@…}, or null
   * @param digest the digest of the candidate's files
   */
  record ModelRegistered(
      Instant at,
      String pipeline,
      String run,
      String stage,
      int attempt,
      String reference,
      String candidate,
      @Nullable String evaluation,
      String digest)
      implements Fact {}

  /** A run ended, and gave up its lease in the same commit. */
  record RunFinished(
      Instant at,
      Instant startedAt,
      String pipeline,
      String run,
      RunState state,
      @Nullable Failure error)
      implements Fact {}

  /** What people are told of, and what came of telling them. */
  sealed interface Alert extends Fact {
    /** The id of the trouble: the same each time that it comes back before it is over. */
    String alert();

    /** The how-manieth time of it this is, from 1. */
    int times();
  }

  /**
   * Somebody is to be told of something.
   *
   * @param stage where it happened, or null for the run
   * @param attempt the attempt at the stage, or null
   * @param trouble what makes it the same trouble when it comes back
   * @param subject the reference or the name of what it is about
   * @param message what happened, in sentences
   * @param checks the checks that failed, each with the value found and the one asked for
   * @param owner who answers for it, or null where nobody is named
   * @param since when the trouble began
   * @param routes the ways by which it is to be told; none where it is only counted
   * @param resolved the ids of the alerts that it ends
   */
  record AlertRaised(
      Instant at,
      String pipeline,
      String run,
      @Nullable String stage,
      @Nullable Integer attempt,
      String alert,
      int times,
      AlertKind kind,
      AlertSeverity severity,
      String trouble,
      String subject,
      String message,
      List<Check> checks,
      @Nullable String owner,
      Instant since,
      List<String> routes,
      List<String> resolved)
      implements Alert {
    public AlertRaised {
      checks = List.copyOf(checks);
      routes = List.copyOf(routes);
      resolved = List.copyOf(resolved);
    }
  }

  /** An alert was delivered by a route. */
  record AlertDelivered(
      Instant at, String pipeline, String run, String alert, int times, String route)
      implements Alert {}

  /**
   * An alert could not be delivered by a route.
   *
   * @param attempts how often that was tried by now
   * @param error why not, in words
   * @param gaveUp whether it is not tried again
   */
  record AlertFailed(
      Instant at,
      String pipeline,
      String run,
      String alert,
      int times,
      String route,
      int attempts,
      String error,
      boolean gaveUp)
      implements Alert {}

  /** What somebody did to models, data, pins, files, alerts or baselines outside of any run. */
  sealed interface Deed extends Fact {
    /** Who did it. */
    Actor by();

    /** Why, in the words of who did it. */
    String reason();

    @Override
    default String pipeline() {
      return "";
    }

    @Override
    default String run() {
      return "";
    }
  }

  /**
   * A model version was approved or rejected. It holds for exactly these files and this evaluation.
   *
   * @param reference {@code model:credit.default@3}
   * @param digest the digest of its files as they were looked at
   * @param evaluation the evaluation that was looked at, {@code dataset:…@…}, or null if it has
   *     none
   * @param overrode the rule that was set aside, in a sentence, or null
   */
  record ModelReviewed(
      Instant at,
      Actor by,
      String reference,
      Review review,
      String digest,
      @Nullable String evaluation,
      String reason,
      @Nullable String overrode)
      implements Deed {}

  /** What a review came to. */
  enum Review {
    /** The version may be used. */
    APPROVED,
    /** It may not. */
    REJECTED
  }

  /**
   * A model version was taken out of use for good.
   *
   * @param overrode the rule that was set aside, in a sentence, or null
   */
  record ModelRetired(
      Instant at, Actor by, String reference, String reason, @Nullable String overrode)
      implements Deed {}

  /**
   * An alias of a model was moved.
   *
   * @param model the model's name
   * @param alias such as champion
   * @param from the version that it named before, or null if it named none
   * @param to the version that it names from now on, or null if it was removed
   * @param overrode the rule that was set aside, in a sentence, or null
   */
  record AliasMoved(
      Instant at,
      Actor by,
      String model,
      String alias,
      @Nullable String from,
      @Nullable String to,
      String reason,
      @Nullable String overrode)
      implements Deed {}

  /**
   * Something is no longer kept for the sake of what was made from it.
   *
   * @param reference what was pinned, {@code dataset:…@…}
   * @param holder for whom: a {@code model:…} or a run
   */
  record PinReleased(Instant at, Actor by, String reference, String holder, String reason)
      implements Deed {}

  /**
   * Files of a dataset were deleted. Said twice of each deletion: before it, which versions are
   * given up, so that no run relies on them whether or not it comes to its end; and after it, what
   * is gone.
   *
   * @param dataset its name
   * @param gone the published versions that may not be read from now on
   * @param files how many files were deleted; 0 before it
   * @param bytes their size together
   */
  record FilesDeleted(
      Instant at,
      Actor by,
      String dataset,
      String path,
      String tableId,
      List<Long> gone,
      long files,
      long bytes,
      String reason)
      implements Deed {
    public FilesDeleted {
      gone = List.copyOf(gone);
    }
  }

  /** Somebody knows of an alert: it is not told again until it is over. */
  record AlertAcknowledged(Instant at, Actor by, String alert, String reason) implements Deed {}

  /**
   * An alert, or every one of a pipeline, is not told for some time.
   *
   * @param alert its id, or null for all of the pipeline
   * @param snoozed the pipeline
   * @param until when it is told again
   */
  record AlertSnoozed(
      Instant at, Actor by, @Nullable String alert, String snoozed, Instant until, String reason)
      implements Deed {}

  /**
   * A new level is the normal one from a version on: what came before it no longer counts for these
   * figures, and the version itself does, whether or not it was accepted.
   *
   * @param reference the version, {@code dataset:…@…}
   * @param tableId the Delta table's id
   * @param figures such as {@code income.mean}; empty for all
   */
  record BaselineAccepted(
      Instant at, Actor by, String reference, String tableId, List<String> figures, String reason)
      implements Deed {
    public BaselineAccepted {
      figures = List.copyOf(figures);
    }
  }

  /**
   * What a gate refused was accepted all the same. It holds for exactly this content, and for the
   * checks that had failed.
   *
   * @param id the same for the same deed
   * @param gate the pipeline and its stage, {@code credit/validate}
   * @param reference what was refused, {@code dataset:…@…}
   * @param digest of its content
   * @param halted the run that was halted
   * @param checks those that had failed, as they were found
   */
  record GateOverridden(
      Instant at,
      Actor by,
      String id,
      String gate,
      String reference,
      String digest,
      String halted,
      List<Check> checks,
      String reason)
      implements Deed {
    public GateOverridden {
      checks = List.copyOf(checks);
    }
  }

  /**
   * Rows that a gate had put aside are to be corrected and checked again: those of the content that
   * was checked then, and of no other.
   *
   * @param id the same for the same deed
   * @param gate the pipeline and its stage, {@code credit/validate}
   * @param quarantine where the rows had been put, {@code dataset:…@…}
   * @param reference what was checked, {@code dataset:…@…}
   * @param digest of its content
   * @param assignments what becomes of them, all of it made of the row as it was
   * @param condition SQL that is true for the rows that it is about, or null for all
   */
  record RowsCorrected(
      Instant at,
      Actor by,
      String id,
      String gate,
      String quarantine,
      String reference,
      String digest,
      List<Assignment> assignments,
      @Nullable String condition,
      String reason)
      implements Deed {
    public RowsCorrected {
      assignments = List.copyOf(assignments);
    }

    /** What becomes of which rows, as SQL would say it. */
    public String rule() {
      String set = assignments.stream().map(Assignment::text).collect(Collectors.joining(", "));
      return condition == null ? set : set + " where " + condition;
    }
  }

  /**
   * A column gets another value.
   *
   * @param expression SQL over the columns of the row
   */
  record Assignment(String column, String expression) {
    /** As SQL says it. */
    public String text() {
      return column + " = " + expression;
    }
  }

  /** What a stage notes while it works; it lands with the stage's end. */
  sealed interface Note {}

  /**
   * Something that a stage read.
   *
   * @param port the port, such as {@code from}
   * @param reference {@code dataset:…}, {@code model:…}, {@code candidate:…} or {@code file:…}
   * @param detail the Delta table's id for a dataset, the length in bytes for a file; may be null
   */
  record Read(String port, String reference, @Nullable String detail) implements Note {}

  /**
   * A file outside of Weir at one moment.
   *
   * @param path where it is, as a URI that Hadoop reads
   * @param bytes its length
   * @param modified when it was last written, in milliseconds since 1970
   * @param sha256 of its bytes, in hexadecimal
   * @param content where other bytes may hold the same data: the digest of the data; or null
   */
  record OutsideFile(
      String path, long bytes, long modified, String sha256, @Nullable String content) {}

  /**
   * A dataset version that a stage published.
   *
   * @param tableId the Delta table's id: a table dropped and made again has another
   * @param rows how many rows the version holds
   * @param digest the content's digest, the same for the same rows in any order
   * @param schema Spark's JSON of the schema
   */
  record DatasetWritten(
      String port,
      String reference,
      String tableId,
      String path,
      long rows,
      String digest,
      String schema) {}

  /**
   * A fitted model that a stage published as a candidate.
   *
   * @param type the predictor's class
   * @param digest the digest over the files' digests, which differs in every fit
   * @param content the digest of what was learned, the same for a fit that learned the same; empty
   *     where it is not known, as in facts from before it was taken
   * @param files how many files it has
   * @param bytes their size together
   * @param artifactsVersion the version of the artifacts table that holds them
   * @param signature the input and output schema as JSON
   */
  record ModelWritten(
      String port,
      String reference,
      String type,
      String digest,
      String content,
      int files,
      long bytes,
      long artifactsVersion,
      String signature) {
    public ModelWritten {
      content = content == null ? "" : content;
    }
  }

  /**
   * A measured number.
   *
   * @param subject the reference of what was measured, or null for the stage itself
   */
  record Metric(String name, double value, @Nullable String subject) implements Note {}

  /** A parameter that the stage's work was done with, as text. */
  record Param(String name, String value) implements Note {}

  /**
   * The verdict of one check.
   *
   * @param subject the reference of what was checked
   * @param column the column checked, or null for the whole
   * @param rows how many rows were looked at
   * @param failedRows how many of them broke it, or null for a check of the whole
   * @param observed the value found, as text
   * @param expected what was asked for, as text
   * @param severity {@code error}, or {@code warn} for one that halts nothing
   * @param owner who looks after it, or null if nobody is named
   * @param value what was found as a number: the fraction of rows that broke it, or the figure that
   *     it bounds; null where there is none
   * @param basis what it was judged by; null in facts from before that was kept
   * @param overridden the id of the {@link GateOverridden} by which its failure was accepted, or
   *     null
   */
  record Check(
      String name,
      String subject,
      @Nullable String column,
      boolean passed,
      long rows,
      @Nullable Long failedRows,
      String observed,
      String expected,
      String severity,
      @Nullable String owner,
      @Nullable Double value,
      @Nullable Basis basis,
      @Nullable String overridden)
      implements Note {
    public Check {
      // Of before there were warnings.
      severity = severity == null ? "error" : severity;
      // Which JSON has no number for.
      value = value == null || !Double.isFinite(value) ? null : value;
    }

    /** Whether it failed, and halts what comes after. */
    public boolean halts() {
      return !passed && severity.equals("error") && overridden == null;
    }

    /** The same, its failure accepted by what somebody decided. */
    public Check overridden(String by) {
      return new Check(
          name,
          subject,
          column,
          passed,
          rows,
          failedRows,
          observed,
          expected,
          severity,
          owner,
          value,
          basis,
          by);
    }

    /** A check whose failure nobody has accepted. */
    public Check(
        String name,
        String subject,
        @Nullable String column,
        boolean passed,
        long rows,
        @Nullable Long failedRows,
        String observed,
        String expected,
        String severity,
        @Nullable String owner,
        @Nullable Double value,
        @Nullable Basis basis) {
      this(
          name,
          subject,
          column,
          passed,
          rows,
          failedRows,
          observed,
          expected,
          severity,
          owner,
          value,
          basis,
          null);
    }

    /** A check of which is not said what it was judged by. */
    public Check(
        String name,
        String subject,
        @Nullable String column,
        boolean passed,
        long rows,
        @Nullable Long failedRows,
        String observed,
        String expected,
        String severity,
        @Nullable String owner,
        @Nullable Double value) {
      this(
          name,
          subject,
          column,
          passed,
          rows,
          failedRows,
          observed,
          expected,
          severity,
          owner,
          value,
          null);
    }

    /** A check that halts, looked after by nobody in particular. */
    public Check(
        String name,
        String subject,
        @Nullable String column,
        boolean passed,
        long rows,
        @Nullable Long failedRows,
        String observed,
        String expected) {
      this(
          name, subject, column, passed, rows, failedRows, observed, expected, "error", null, null);
    }
  }

  /**
   * What a check was judged by.
   *
   * @param expectation the digest of the check's configuration: the same for the same expectation
   * @param low the least value that passes, where it is known; null for any
   * @param high the greatest value that passes, where it is known; null for any
   * @param learnedFrom the versions that these were learned from, or that were compared with
   */
  record Basis(
      String expectation, @Nullable Double low, @Nullable Double high, List<String> learnedFrom) {
    public Basis {
      learnedFrom = List.copyOf(learnedFrom);
    }

    /** An expectation that nothing is learned for. */
    public Basis(String expectation) {
      this(expectation, null, null, List.of());
    }
  }

  /**
   * What is in a dataset that the stage read or wrote.
   *
   * @param reference the version, {@code dataset:…@…}
   * @param part which of its rows it is of, such as {@code region=north}, or null for all
   * @param committedAt when the version was committed, or null where that is not known
   */
  record Profile(
      String reference,
      DatasetProfile profile,
      @Nullable String part,
      @Nullable Instant committedAt)
      implements Note {}

  /**
   * Why something ended badly.
   *
   * @param code a stable name in kebab-case
   * @param message a sentence for a person
   * @param exception the class of the exception
   */
  record Failure(String code, String message, String exception) {}
}
