package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelVersion;
import dev.weir.store.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of the lineage tables that facts make. */
final class Projection {
  private final List<CommittedFact> range;
  private final Function<String, List<Fact>> ofRun;

  /** The facts of each run in the range. */
  private final Map<String, List<Fact>> known = new HashMap<>();

  /** All facts of the runs that had to be looked up; tables are made at the same time. */
  private final Map<String, List<Fact>> lookedUp = new ConcurrentHashMap<>();

  /** How the attempts of each run began, of those in the range and of those looked up. */
  private final Map<String, Map<Attempt, Fact.StageStarted>> begun = new HashMap<>();

  private final Map<String, Map<Attempt, Fact.StageStarted>> lookedUpBegun =
      new ConcurrentHashMap<>();

  private record Attempt(String stage, int number) {}

  /**
   * @param range facts, in order
   * @param ofRun all facts of a run by its id, for what the facts in the range refer to
   */
  Projection(List<CommittedFact> range, Function<String, List<Fact>> ofRun) {
    this.range = range;
    this.ofRun = ofRun;
    for (CommittedFact committed : range) {
      known.computeIfAbsent(committed.fact().run(), run -> new ArrayList<>()).add(committed.fact());
    }
    known.forEach((run, facts) -> begun.put(run, begun(facts)));
  }

  private static Map<Attempt, Fact.StageStarted> begun(List<Fact> facts) {
    Map<Attempt, Fact.StageStarted> begun = new HashMap<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.StageStarted started) {
        begun.putIfAbsent(new Attempt(started.stage(), started.attempt()), started);
      }
    }
    return begun;
  }

  /** How an attempt began. */
  private Optional<Fact.StageStarted> begun(Fact.StageFinished stage) {
    if (stage.attempt() == 0) {
      return Optional.empty();
    }
    String run = stage.run();
    Attempt attempt = new Attempt(stage.stage(), stage.attempt());
    Fact.StageStarted inRange = begun.getOrDefault(run, Map.of()).get(attempt);
    return inRange != null
        ? Optional.of(inRange)
        : Optional.ofNullable(
            lookedUpBegun
                .computeIfAbsent(run, id -> begun(lookedUp.computeIfAbsent(id, ofRun)))
                .get(attempt));
  }

  /** The rows of a table that the facts committed after a version make. */
  List<List<@Nullable Object>> rows(LineageTable table, long after) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (CommittedFact committed : range) {
      if (committed.version() > after) {
        add(table, committed.fact(), rows);
      }
    }
    return rows;
  }

  /** The same as {@link #rows(LineageTable, long)}, by name. */
  List<Row> named(LineageTable table) {
    List<String> columns =
        table.definition().columns().stream().map(column -> column.name()).toList();
    return rows(table, -1).stream().map(values -> new Row(columns, values)).toList();
  }

  private void add(LineageTable table, Fact fact, List<List<@Nullable Object>> rows) {
    if (fact instanceof Fact.RunFinished finished) {
      switch (table) {
        case RUNS -> rows.add(run(finished));
        case PARAMS -> {
          // A run that was resumed ends more than once.
          if (before(finished, Fact.RunFinished.class) == 0) {
            runParams(finished, rows);
          }
        }
        default -> {}
      }
    } else if (fact instanceof Fact.StageFinished finished) {
      stage(table, finished, rows);
    } else if (fact instanceof Fact.DatasetProfiled profiled) {
      if (table == LineageTable.PROFILES) {
        ProfileRows.add(profiled, rows);
      }
    } else if (fact instanceof Fact.ModelRegistered registered) {
      switch (table) {
        case MODELS -> rows.add(registered(registered));
        case EDGES -> registrationEdges(registered, rows);
        case REFERENCE_RUNS -> references(registered, rows);
        default -> {}
      }
    } else if (fact instanceof Fact.Alert alert) {
      if (table == LineageTable.ALERTS) {
        rows.add(alert(alert));
      }
    } else if (fact instanceof Fact.Deed deed) {
      deed(table, deed, rows);
    }
  }

  /** A fact of a run, in the range or before it. */
  private <T extends Fact> Optional<T> find(
      String run, Class<T> kind, Function<T, Boolean> condition) {
    Optional<T> found = first(known.getOrDefault(run, List.of()), kind, condition);
    if (found.isPresent()) {
      return found;
    }
    return first(lookedUp.computeIfAbsent(run, ofRun), kind, condition);
  }

  private static <T extends Fact> Optional<T> first(
      List<Fact> facts, Class<T> kind, Function<T, Boolean> condition) {
    return facts.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(condition::apply)
        .findFirst();
  }

  /** How a run began. */
  Optional<Fact.RunStarted> started(String run) {
    return find(run, Fact.RunStarted.class, started -> true);
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private List<@Nullable Object> run(Fact.RunFinished finished) {
    return run(finished, finished.state(), finished.startedAt(), finished.at(), finished.error());
  }

  /** The row of a run that has not ended: what only its end can tell is null. */
  List<@Nullable Object> underWay(Fact.RunStarted started, RunState state) {
    return run(started, state, started.at(), null, null);
  }

  private List<@Nullable Object> run(
      Fact fact,
      RunState state,
      Instant startedAt,
      @Nullable Instant finishedAt,
      Fact.@Nullable Failure error) {
    Fact.RunStarted started = started(fact.run()).orElse(null);
    Map<String, String> environment = started == null ? Map.of() : started.environment();
    return Arrays.asList(
        fact.run(),
        fact.pipeline(),
        state.name(),
        startedAt,
        finishedAt,
        finishedAt == null ? null : seconds(startedAt, finishedAt),
        environment.get("user"),
        environment.get("host"),
        environment.get("command"),
        started == null ? null : started.token(),
        started == null ? null : started.stages().size(),
        started == null ? null : started.definition(),
        environment.get("git_commit"),
        environment.get("git_dirty"),
        environment.get("weir"),
        environment.get("spark"),
        environment.get("delta"),
        environment.get("java"),
        environment.get("master"),
        started == null ? null : json(environment),
        error == null ? null : error.code(),
        error == null ? null : error.message(),
        error == null ? null : error.exception(),
        (int) resumes(fact));
  }

  /** How often a run had been resumed by the time of a fact. */
  private long resumes(Fact fact) {
    return before(fact, Fact.RunResumed.class);
  }

  /** How many facts of a kind a run had by the time of a fact, that one left out. */
  private long before(Fact fact, Class<? extends Fact> kind) {
    List<Fact> inRange = known.getOrDefault(fact.run(), List.of());
    boolean whole = inRange.stream().anyMatch(Fact.RunStarted.class::isInstance);
    List<Fact> all = whole ? inRange : lookedUp.computeIfAbsent(fact.run(), ofRun);
    return all.stream()
        .filter(other -> kind.isInstance(other) && !other.equals(fact))
        .filter(other -> !other.at().isAfter(fact.at()))
        .count();
  }

  private static String json(Object value) {
    try {
      return Facts.json().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not to be written as JSON: " + value, e);
    }
  }

  /** What the column of that name holds. */
  static Map<String, String> environment(String json) {
    try {
      return Facts.json().readValue(json, new TypeReference<Map<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not an environment: " + json, e);
    }
  }

  private void runParams(Fact.RunFinished finished, List<List<@Nullable Object>> rows) {
    started(finished.run())
        .ifPresent(
            started ->
                started.params().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(
                        param ->
                            rows.add(
                                Arrays.asList(
                                    finished.run(),
                                    null,
                                    null,
                                    finished.pipeline(),
                                    param.getKey(),
                                    param.getValue(),
                                    finished.at()))));
  }

  private void stage(
      LineageTable table, Fact.StageFinished stage, List<List<@Nullable Object>> rows) {
    switch (table) {
      case RUNS -> {}
      case STAGES -> rows.add(stage(stage));
      case EDGES -> edges(stage, rows);
      case REFERENCE_RUNS -> references(stage, rows);
      case DATASETS -> stage.datasets().forEach(written -> rows.add(dataset(stage, written)));
      case PROFILES, REVIEWS, ALIASES, DELETIONS, BASELINES, ALERTS, INTERVENTIONS -> {}
      case MODELS -> {
        if (stage.reused() == null) {
          stage.models().forEach(written -> rows.add(candidate(stage, written)));
        }
      }
      case METRICS ->
          stage
              .metrics()
              .forEach(
                  metric ->
                      rows.add(
                          inStage(
                              stage, metric.name(), metric.value(), metric.subject(), stage.at())));
      case PARAMS ->
          stage
              .params()
              .forEach(param -> rows.add(inStage(stage, param.name(), param.value(), stage.at())));
      case CHECKS ->
          stage
              .checks()
              .forEach(
                  check ->
                      rows.add(
                          inStage(
                              stage,
                              check.name(),
                              check.subject(),
                              check.column(),
                              check.passed(),
                              check.rows(),
                              check.failedRows(),
                              check.observed(),
                              check.expected(),
                              check.severity(),
                              check.owner(),
                              check.value(),
                              check.basis() == null ? null : check.basis().expectation(),
                              check.basis() == null ? null : check.basis().low(),
                              check.basis() == null ? null : check.basis().high(),
                              learnedFrom(check),
                              check.overridden(),
                              stage.at())));
    }
  }

  private static @Nullable String learnedFrom(Fact.Check check) {
    Fact.Basis basis = check.basis();
    return basis == null || basis.learnedFrom().isEmpty() ? null : json(basis.learnedFrom());
  }

  private static List<@Nullable Object> inStage(
      Fact.StageFinished stage, @Nullable Object... more) {
    List<@Nullable Object> row = new ArrayList<>();
    row.add(stage.run());
    row.add(stage.stage());
    row.add(stage.attempt());
    row.add(stage.pipeline());
    Collections.addAll(row, more);
    return row;
  }

  private List<@Nullable Object> stage(Fact.StageFinished stage) {
    Optional<Fact.StageStarted> begun = begun(stage);
    Fact.Failure error = stage.error();
    Fact.Fingerprint fingerprint = stage.fingerprint();
    return inStage(
        stage,
        stage.state().name(),
        stage.startedAt(),
        stage.at(),
        seconds(stage.startedAt(), stage.at()),
        stage.type(),
        begun.map(Fact.StageStarted::config).orElse(null),
        error == null ? null : error.code(),
        error == null ? null : error.message(),
        error == null ? null : error.exception(),
        fingerprint == null ? null : fingerprint.digest(),
        fingerprint == null ? null : json(fingerprint),
        stage.reused() == null ? null : stage.reused().run(),
        begun.map(Fact.StageStarted::changed).orElse(null));
  }

  /** The row of an attempt that has not ended. */
  static List<@Nullable Object> underWay(Fact.StageStarted started, StageState state) {
    return Arrays.asList(
        started.run(),
        started.stage(),
        started.attempt(),
        started.pipeline(),
        state.name(),
        started.at(),
        null,
        null,
        started.type(),
        started.config(),
        null,
        null,
        null,
        null,
        null,
        null,
        started.changed());
  }

  private record Written(
      @Nullable String port, @Nullable String reference, @Nullable String detail) {}

  private static void edges(Fact.StageFinished stage, List<List<@Nullable Object>> rows) {
    if (stage.reused() != null) {
      // They lead from the attempt that did the work.
      return;
    }
    List<Written> written = new ArrayList<>();
    stage.datasets().forEach(d -> written.add(new Written(d.port(), d.reference(), d.tableId())));
    stage.models().forEach(m -> written.add(new Written(m.port(), m.reference(), m.digest())));
    if (stage.reads().isEmpty()) {
      written.forEach(to -> rows.add(edge(stage, null, to)));
      return;
    }
    if (written.isEmpty()) {
      written.add(new Written(null, null, null));
    }
    for (Fact.Read read : stage.reads()) {
      written.forEach(to -> rows.add(edge(stage, read, to)));
    }
  }

  private static List<@Nullable Object> edge(
      Fact.StageFinished stage, Fact.@Nullable Read from, Written to) {
    return Arrays.asList(
        from == null ? null : from.reference(),
        to.reference(),
        stage.run(),
        stage.stage(),
        stage.attempt(),
        stage.pipeline(),
        from == null ? null : from.port(),
        to.port(),
        from == null ? null : from.detail(),
        to.detail(),
        stage.at());
  }

  private static void registrationEdges(
      Fact.ModelRegistered registered, List<List<@Nullable Object>> rows) {
    List<String> from = new ArrayList<>();
    from.add(registered.candidate());
    String evaluation = registered.evaluation();
    if (evaluation != null) {
      from.add(evaluation);
    }
    for (String reference : from) {
      rows.add(
          Arrays.asList(
              reference,
              registered.reference(),
              registered.run(),
              registered.stage(),
              registered.attempt(),
              registered.pipeline(),
              null,
              null,
              null,
              registered.digest(),
              registered.at()));
    }
  }

  private static void references(Fact.StageFinished stage, List<List<@Nullable Object>> rows) {
    if (stage.reused() != null) {
      return;
    }
    Set<String> read = new LinkedHashSet<>();
    stage.reads().forEach(r -> read.add(r.reference()));
    Set<String> written = new LinkedHashSet<>();
    stage.datasets().forEach(d -> written.add(d.reference()));
    stage.models().forEach(m -> written.add(m.reference()));
    Stream.of(Map.entry(EdgeFinder.READ, read), Map.entry(EdgeFinder.WRITTEN, written))
        .forEach(
            role ->
                role.getValue()
                    .forEach(
                        reference ->
                            rows.add(
                                reference(
                                    reference,
                                    role.getKey(),
                                    stage,
                                    stage.stage(),
                                    stage.attempt()))));
  }

  private static void references(
      Fact.ModelRegistered registered, List<List<@Nullable Object>> rows) {
    List<String> read = new ArrayList<>(List.of(registered.candidate()));
    String evaluation = registered.evaluation();
    if (evaluation != null) {
      read.add(evaluation);
    }
    for (String from : read) {
      rows.add(
          reference(from, EdgeFinder.READ, registered, registered.stage(), registered.attempt()));
    }
    rows.add(
        reference(
            registered.reference(),
            EdgeFinder.WRITTEN,
            registered,
            registered.stage(),
            registered.attempt()));
  }

  private static List<@Nullable Object> reference(
      String reference, String role, Fact fact, String stage, int attempt) {
    return Arrays.asList(
        EdgeFinder.hash(reference),
        reference,
        role,
        fact.run(),
        stage,
        attempt,
        fact.pipeline(),
        fact.at());
  }

  private static List<@Nullable Object> dataset(
      Fact.StageFinished stage, Fact.DatasetWritten written) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(written.reference());
    return Arrays.asList(
        written.reference(),
        version.name().toString(),
        version.version(),
        written.tableId(),
        written.path(),
        written.rows(),
        written.digest(),
        written.schema(),
        stage.run(),
        stage.stage(),
        stage.attempt(),
        stage.pipeline(),
        written.port(),
        stage.at(),
        stage.reused() == null ? null : stage.reused().run());
  }

  private static List<@Nullable Object> candidate(
      Fact.StageFinished stage, Fact.ModelWritten written) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(written.reference());
    return Arrays.asList(
        written.reference(),
        "candidate",
        candidate.name().toString(),
        null,
        written.reference(),
        null,
        written.digest(),
        content(written),
        written.type(),
        written.files(),
        written.bytes(),
        written.artifactsVersion(),
        written.signature(),
        stage.run(),
        stage.stage(),
        stage.attempt(),
        stage.pipeline(),
        stage.at());
  }

  private List<@Nullable Object> registered(Fact.ModelRegistered registered) {
    ModelVersion version = (ModelVersion) ArtifactVersion.parse(registered.reference());
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(registered.candidate());
    Fact.ModelWritten written =
        find(
                candidate.run(),
                Fact.StageFinished.class,
                stage -> model(stage, registered.candidate()).isPresent())
            .flatMap(stage -> model(stage, registered.candidate()))
            .orElse(null);
    return Arrays.asList(
        registered.reference(),
        "registered",
        version.name().toString(),
        version.number(),
        registered.candidate(),
        registered.evaluation(),
        registered.digest(),
        written == null ? null : content(written),
        written == null ? null : written.type(),
        written == null ? null : written.files(),
        written == null ? null : written.bytes(),
        written == null ? null : written.artifactsVersion(),
        written == null ? null : written.signature(),
        registered.run(),
        registered.stage(),
        registered.attempt(),
        registered.pipeline(),
        registered.at());
  }

  private static void deed(LineageTable table, Fact.Deed deed, List<List<@Nullable Object>> rows) {
    if (deed instanceof Fact.ModelReviewed reviewed && table == LineageTable.REVIEWS) {
      rows.add(
          review(
              reviewed,
              reviewed.reference(),
              reviewed.review().name(),
              reviewed.digest(),
              reviewed.evaluation(),
              reviewed.overrode()));
    } else if (deed instanceof Fact.ModelRetired retired && table == LineageTable.REVIEWS) {
      rows.add(review(retired, retired.reference(), "RETIRED", null, null, retired.overrode()));
    } else if (deed instanceof Fact.AliasMoved moved && table == LineageTable.ALIASES) {
      rows.add(
          done(moved, moved.model(), moved.alias(), moved.from(), moved.to(), moved.overrode()));
    } else if (deed instanceof Fact.PinReleased released && table == LineageTable.DELETIONS) {
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(released.reference());
      rows.add(
          done(
              released,
              "PIN_RELEASED",
              version.name().toString(),
              released.reference(),
              released.holder(),
              null,
              null,
              null,
              null,
              null));
    } else if (deed instanceof Fact.FilesDeleted deleted && table == LineageTable.DELETIONS) {
      rows.add(
          done(
              deleted,
              "FILES_DELETED",
              deleted.dataset(),
              null,
              null,
              deleted.path(),
              deleted.tableId(),
              json(deleted.gone()),
              deleted.files(),
              deleted.bytes()));
    } else if (deed instanceof Fact.BaselineAccepted accepted && table == LineageTable.BASELINES) {
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(accepted.reference());
      rows.add(
          done(
              accepted,
              accepted.reference(),
              version.name().toString(),
              version.version(),
              accepted.tableId(),
              accepted.figures().isEmpty() ? null : json(accepted.figures())));
    } else if (deed instanceof Fact.AlertAcknowledged known && table == LineageTable.ALERTS) {
      rows.add(alertDeed(known, "ACKNOWLEDGED", known.alert(), null, null));
    } else if (deed instanceof Fact.AlertSnoozed snoozed && table == LineageTable.ALERTS) {
      rows.add(alertDeed(snoozed, "SNOOZED", snoozed.alert(), snoozed.snoozed(), snoozed.until()));
    } else if (table == LineageTable.INTERVENTIONS) {
      Interventions.add(deed, rows);
    }
  }

  private static List<@Nullable Object> alert(Fact.Alert alert) {
    List<@Nullable Object> row = new ArrayList<>();
    String event = "RAISED";
    Fact.AlertRaised raised = null;
    String route = null;
    Integer attempts = null;
    String error = null;
    Boolean gaveUp = null;
    if (alert instanceof Fact.AlertRaised it) {
      raised = it;
    } else if (alert instanceof Fact.AlertDelivered delivered) {
      event = "DELIVERED";
      route = delivered.route();
    } else if (alert instanceof Fact.AlertFailed failed) {
      event = "FAILED";
      route = failed.route();
      attempts = failed.attempts();
      error = failed.error();
      gaveUp = failed.gaveUp();
    }
    Collections.addAll(row, event, alert.alert(), alert.times(), alert.pipeline(), alert.run());
    if (raised == null) {
      row.addAll(Collections.nCopies(12, null));
    } else {
      Collections.addAll(
          row,
          raised.stage(),
          raised.attempt(),
          raised.kind().name(),
          raised.severity().name(),
          raised.trouble(),
          raised.subject(),
          raised.message(),
          json(raised.checks()),
          raised.owner(),
          raised.since(),
          json(raised.routes()),
          json(raised.resolved()));
    }
    Collections.addAll(row, route, attempts, error, gaveUp);
    row.addAll(Collections.nCopies(5, null));
    row.add(alert.at());
    return row;
  }

  private static List<@Nullable Object> alertDeed(
      Fact.Deed deed,
      String event,
      @Nullable String alert,
      @Nullable String pipeline,
      @Nullable Instant until) {
    List<@Nullable Object> row = new ArrayList<>();
    Collections.addAll(row, event, alert, null, pipeline);
    row.addAll(Collections.nCopies(17, null));
    row.add(until);
    return done(deed, row.toArray());
  }

  private static List<@Nullable Object> review(
      Fact.Deed deed,
      String reference,
      String decision,
      @Nullable String digest,
      @Nullable String evaluation,
      @Nullable String overrode) {
    ModelVersion version = (ModelVersion) ArtifactVersion.parse(reference);
    return done(
        deed,
        reference,
        version.name().toString(),
        version.number(),
        decision,
        digest,
        evaluation,
        overrode);
  }

  static List<@Nullable Object> done(Fact.Deed deed, @Nullable Object... what) {
    List<@Nullable Object> row = new ArrayList<>();
    Collections.addAll(row, what);
    Actor by = deed.by();
    Collections.addAll(row, by.name(), by.host(), by.claimed(), deed.reason(), deed.at());
    return row;
  }

  private static @Nullable String content(Fact.ModelWritten written) {
    return written.content().isEmpty() ? null : written.content();
  }

  private static Optional<Fact.ModelWritten> model(Fact.StageFinished stage, String reference) {
    return stage.models().stream()
        .filter(written -> Objects.equals(written.reference(), reference))
        .findFirst();
  }
}
