package dev.weir.pin;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Retention;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that must stay readable at one moment, and for whom.
 *
 * <p>The latest version of each dataset is pinned for everybody. A model pins every dataset version
 * that it came from, its evaluation's included, for as long as the project's retention says of what
 * has become of the model. A run pins what it read when it began and what it has published, while
 * it is under way and, if it did not succeed, for as long as it is kept to be resumed; while it is
 * under way also every version of the datasets that it makes, since it may use any of them again.
 */
public final class Pins {
  /** Files younger than this are never deleted, whoever may have begun to write them. */
  public static final Duration YOUNGEST = Duration.ofDays(7);

  private static final String DATASET = "dataset:";

  private static final Comparator<PublishedVersion> NEWEST =
      Comparator.comparing(PublishedVersion::at)
          .thenComparing(published -> published.dataset().version());

  private record Key(DatasetVersion dataset, String tableId, String holder) {}

  private final Instant now;
  private final Deletions deletions;
  private final Map<DatasetName, List<PublishedVersion>> published = new TreeMap<>();
  private final Map<Key, Pin> pins = new LinkedHashMap<>();

  /** The start of the run under way that began first. */
  private @Nullable Instant oldestLive;

  /** The start of the run that began first among those that may have left files in a dataset. */
  private final Map<DatasetName, Instant> oldestWriter = new HashMap<>();

  private Pins(Instant now, Deletions deletions) {
    this.now = now;
    this.deletions = deletions;
  }

  /** What is pinned by what a reader sees. */
  public static Pins of(LineageReader lineage, Retention retention, Instant now) {
    Pins pins = new Pins(now, Deletions.of(lineage));
    pins.addPublished(lineage);
    pins.addLatest();
    for (RunView run : lineage.runs(Integer.MAX_VALUE)) {
      pins.addRun(lineage, run, retention);
    }
    Upstream upstream = Upstream.of(lineage);
    for (ModelUse model : ModelUse.of(lineage, retention)) {
      pins.addModel(model, upstream);
    }
    return pins;
  }

  // --- How they are found

  private void addPublished(LineageReader lineage) {
    Map<Map.Entry<DatasetVersion, String>, PublishedVersion> all = new LinkedHashMap<>();
    for (Row row : lineage.rows(LineageTable.DATASETS, List.of())) {
      PublishedVersion version =
          new PublishedVersion(
              (DatasetVersion) ArtifactVersion.parse(row.string("reference")),
              row.string("table_id"),
              row.string("path"),
              row.number("row_count"),
              row.string("digest"),
              Objects.requireNonNull(row.instant("at")));
      all.merge(
          Map.entry(version.dataset(), version.tableId()),
          version,
          (a, b) -> NEWEST.compare(a, b) > 0 ? a : b);
    }
    for (PublishedVersion version : all.values()) {
      published.computeIfAbsent(version.dataset().name(), name -> new ArrayList<>()).add(version);
    }
    published.values().forEach(versions -> versions.sort(NEWEST));
  }

  private void addLatest() {
    for (List<PublishedVersion> versions : published.values()) {
      PublishedVersion latest = versions.get(versions.size() - 1);
      add(latest, Pin.Kind.LATEST, Pin.EVERYBODY, "the latest version", latest.at(), null);
    }
  }

  private void addRun(LineageReader lineage, RunView run, Retention retention) {
    if (run.state() == RunState.SUCCEEDED) {
      return;
    }
    boolean live = run.state() == RunState.RUNNING;
    Instant until = null;
    if (!live) {
      Instant finished = run.finishedAt();
      Instant seen = finished == null ? run.lastSeenAt() : finished;
      until = retention.unfinished().end(seen == null ? run.startedAt() : seen).orElse(null);
      if (until != null && !until.isAfter(now)) {
        return;
      }
    }
    Optional<Fact.RunStarted> started = lineage.start(run.run());
    Pin.Kind kind = live ? Pin.Kind.LIVE_RUN : Pin.Kind.STOPPED_RUN;
    String state = run.state().name().toLowerCase(Locale.ROOT);
    String why =
        live
            ? "a run of %s under way".formatted(run.pipeline())
            : "a run of %s that was %s and can be resumed"
                .formatted(
                    run.pipeline(), run.state() == RunState.FAILED ? "stopped by an error" : state);
    Set<DatasetName> outputs = new TreeSet<>();
    if (started.isPresent()) {
      for (Fact.DatasetWritten read : started.get().snapshot().datasets().values()) {
        DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(read.reference());
        add(version, read.tableId(), kind, run.run(), why, run.startedAt(), until);
      }
      started.get().outputs().values().stream()
          .flatMap(Collection::stream)
          .filter(output -> output.startsWith(DATASET))
          .map(output -> DatasetName.parse(output.substring(DATASET.length())))
          .forEach(outputs::add);
    }
    for (Row row : lineage.rows(LineageTable.DATASETS, List.of(Filter.equal("run", run.run())))) {
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(row.string("reference"));
      outputs.add(version.name());
      add(version, row.string("table_id"), kind, run.run(), why, run.startedAt(), until);
    }
    for (DatasetName output : outputs) {
      oldestWriter.merge(output, run.startedAt(), Pins::earlier);
    }
    if (live) {
      oldestLive = oldestLive == null ? run.startedAt() : earlier(oldestLive, run.startedAt());
      for (DatasetName output : outputs) {
        for (PublishedVersion version : versions(output)) {
          add(version, kind, run.run(), why + ", which may use it again", run.startedAt(), null);
        }
      }
    }
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private void addModel(ModelUse model, Upstream upstream) {
    Instant until = model.period().end(model.since()).orElse(null);
    if (until != null && !until.isAfter(now)) {
      return;
    }
    Pin.Kind kind = model.reference().startsWith("model:") ? Pin.Kind.MODEL : Pin.Kind.CANDIDATE;
    for (Upstream.Node node : upstream.datasets(model.reference())) {
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(node.reference());
      for (String tableId : tables(version, node.detail())) {
        add(version, tableId, kind, model.reference(), model.why(), model.made(), until);
      }
    }
  }

  /** The tables that a version may be of: all that there were, where the edge does not say. */
  private Set<String> tables(DatasetVersion version, @Nullable String known) {
    if (known != null) {
      return Set.of(known);
    }
    Set<String> tables = new HashSet<>();
    for (PublishedVersion published : versions(version.name())) {
      if (published.dataset().equals(version)) {
        tables.add(published.tableId());
      }
    }
    return tables;
  }

  private void add(
      PublishedVersion version,
      Pin.Kind kind,
      String holder,
      String why,
      Instant since,
      @Nullable Instant until) {
    add(version.dataset(), version.tableId(), kind, holder, why, since, until);
  }

  private void add(
      DatasetVersion dataset,
      String tableId,
      Pin.Kind kind,
      String holder,
      String why,
      Instant since,
      @Nullable Instant until) {
    if (kind.releasable() && deletions.released(dataset.reference(), holder)) {
      return;
    }
    boolean gone = deletions.of(tableId, dataset.version()).isPresent();
    pins.putIfAbsent(
        new Key(dataset, tableId, holder),
        new Pin(dataset, tableId, kind, holder, why, since, until, gone));
  }

  // --- What there is to ask

  /** All pins, by dataset, version and holder. */
  public List<Pin> all() {
    return pins.values().stream()
        .sorted(
            Comparator.<Pin, DatasetName>comparing(pin -> pin.dataset().name())
                .thenComparing(pin -> pin.dataset().version())
                .thenComparing(Pin::kind)
                .thenComparing(Pin::holder))
        .toList();
  }

  /** The pins of a dataset's versions, from the lowest up. */
  public List<Pin> of(DatasetName name) {
    return all().stream().filter(pin -> pin.dataset().name().equals(name)).toList();
  }

  /** The datasets of which anything was published. */
  public Set<DatasetName> datasets() {
    return Set.copyOf(published.keySet());
  }

  /** The published versions of a dataset, the latest last. */
  public List<PublishedVersion> versions(DatasetName name) {
    return List.copyOf(published.getOrDefault(name, List.of()));
  }

  /** What was given up before. */
  public Deletions deletions() {
    return deletions;
  }

  /**
   * From when on a file of a dataset may belong to what is not published yet: the start of the
   * oldest run under way, or of one that may go on and write the dataset, and in any case {@link
   * #YOUNGEST} ago.
   */
  public Instant untouchedSince(DatasetName name) {
    Instant since = now.minus(YOUNGEST);
    Instant live = oldestLive;
    if (live != null) {
      since = earlier(since, live);
    }
    Instant writer = oldestWriter.get(name);
    return writer == null ? since : earlier(since, writer);
  }
}
