package dev.weir.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Facts;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Made;
import dev.weir.lineage.Published;
import dev.weir.lineage.StageState;
import dev.weir.pin.Deletions;
import dev.weir.pipeline.RunParams;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the stages of a pipeline have done before, from the lineage as it was when this was opened.
 * Looks from the newest back, and no further than it is asked. Safe for use by several threads.
 */
public final class PriorWork {
  private static final Logger LOG = LoggerFactory.getLogger(PriorWork.class);

  private static final List<String> COLUMNS =
      List.of("run", "stage", "attempt", "finished_at", "type", "config", "made_from");

  private final @Nullable LineageReader lineage;
  private final Iterator<List<Row>> older;
  private final Map<String, List<Prior>> byStage = new HashMap<>();
  private final Map<String, Map<String, Made>> made = new HashMap<>();
  private final Map<String, Optional<Fact.RunStarted>> starts = new HashMap<>();

  private PriorWork(@Nullable LineageReader lineage, Iterator<List<Row>> older) {
    this.lineage = lineage;
    this.older = older;
  }

  /** What a pipeline has done in a home. */
  public static PriorWork of(LineageReader lineage, String pipeline) {
    return new PriorWork(
        lineage,
        lineage.newestFirst(
            LineageTable.STAGES,
            COLUMNS,
            List.of(
                Filter.equal("pipeline", pipeline),
                Filter.equal("state", StageState.SUCCEEDED.name()))));
  }

  /** Of a home in which nothing was ever done. */
  public static PriorWork none() {
    return new PriorWork(null, Collections.emptyIterator());
  }

  /** Reads what is asked for where nothing has changed: what was done last, and what that made. */
  public synchronized void readAhead() {
    if (older.hasNext()) {
      read(older.next());
    }
    byStage.values().stream()
        .flatMap(List::stream)
        .max(Comparator.comparing(Prior::finishedAt))
        .ifPresent(
            last -> {
              try {
                made(last);
              } catch (WeirException e) {
                LOG.debug("What {} made can't be read; it may not be asked for", last.run(), e);
              }
            });
  }

  /** The newest attempt at a stage that succeeded. */
  synchronized Optional<Prior> latest(String stage) {
    while (!byStage.containsKey(stage) && older.hasNext()) {
      read(older.next());
    }
    return priors(stage).stream().findFirst();
  }

  /**
   * The newest attempt that did this work, with the parameters that it asked for as they are now.
   *
   * @param work the {@link Fact.Fingerprint#work}
   */
  synchronized Optional<Prior> find(String stage, String work, Map<String, Object> params) {
    int seen = 0;
    while (true) {
      List<Prior> known = priors(stage);
      for (; seen < known.size(); seen++) {
        Fact.Fingerprint fingerprint = known.get(seen).fingerprint();
        if (fingerprint.work().equals(work) && RunParams.same(fingerprint.params(), params)) {
          return Optional.of(known.get(seen));
        }
      }
      if (!older.hasNext()) {
        return Optional.empty();
      }
      read(older.next());
    }
  }

  private List<Prior> priors(String stage) {
    return byStage.getOrDefault(stage, List.of());
  }

  private void read(List<Row> rows) {
    Map<String, List<Prior>> found = new LinkedHashMap<>();
    for (Row row : rows) {
      String from = row.text("made_from");
      if (from != null) {
        found.computeIfAbsent(row.string("stage"), s -> new ArrayList<>()).add(prior(row, from));
      }
    }
    found.forEach(
        (stage, priors) -> {
          priors.sort((a, b) -> b.finishedAt().compareTo(a.finishedAt()));
          byStage.computeIfAbsent(stage, s -> new ArrayList<>()).addAll(priors);
        });
  }

  private static Prior prior(Row row, String from) {
    try {
      return new Prior(
          row.string("run"),
          row.string("stage"),
          row.integer("attempt"),
          Objects.requireNonNull(row.instant("finished_at")),
          row.string("type"),
          Objects.requireNonNullElse(row.text("config"), "{}"),
          Facts.fingerprint(from));
    } catch (JsonProcessingException e) {
      throw new WeirException(
          "lineage-damaged",
          ErrorKind.DATA,
          "lineage.stages says of stage %s in run %s that it was made from what can't be read: %s"
              .formatted(row.string("stage"), row.string("run"), e.getMessage()),
          "Make the lineage tables anew: ./weir lineage rebuild.",
          e);
    }
  }

  /** What was given up since. */
  Deletions deletions() {
    return lineage == null ? Deletions.none() : Deletions.of(lineage);
  }

  /** What people have decided about data. */
  Interventions interventions() {
    return lineage == null ? Interventions.none() : Interventions.of(lineage);
  }

  /** What an attempt published. */
  synchronized Made made(Prior prior) {
    return made.computeIfAbsent(
            prior.run(), run -> lineage == null ? Map.of() : Published.of(lineage).ofRun(run))
        .getOrDefault(prior.stage(), Made.NOTHING);
  }

  /** How a run began. */
  synchronized Optional<Fact.RunStarted> start(String run) {
    return starts.computeIfAbsent(run, r -> lineage == null ? Optional.empty() : lineage.start(r));
  }

  /** The parameters of a run, by name, as text. */
  Map<String, String> params(String run) {
    return new TreeMap<>(start(run).map(Fact.RunStarted::params).orElse(Map.of()));
  }
}
