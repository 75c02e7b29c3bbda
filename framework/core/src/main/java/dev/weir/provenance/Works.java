package dev.weir.provenance;

import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the attempts that published things. Reads the facts of a run once. */
final class Works {
  private final LineageReader lineage;
  private final Map<String, List<Fact>> facts = new HashMap<>();

  Works(LineageReader lineage) {
    this.lineage = lineage;
  }

  List<Fact> facts(String run) {
    return facts.computeIfAbsent(run, lineage::facts);
  }

  /** How a run began. */
  Optional<Fact.RunStarted> started(String run) {
    return facts(run).stream()
        .filter(Fact.RunStarted.class::isInstance)
        .map(Fact.RunStarted.class::cast)
        .findFirst();
  }

  /** An attempt that succeeded. */
  Optional<Work> work(String run, String stage, int attempt) {
    Fact.StageStarted start = null;
    Fact.StageFinished end = null;
    for (Fact fact : facts(run)) {
      if (fact instanceof Fact.StageStarted begun
          && begun.stage().equals(stage)
          && begun.attempt() == attempt) {
        start = begun;
      } else if (fact instanceof Fact.StageFinished finished
          && finished.stage().equals(stage)
          && finished.attempt() == attempt
          && finished.state().published()) {
        end = finished;
      }
    }
    return end == null ? Optional.empty() : Optional.of(new Work(start, end));
  }

  /**
   * The attempt that wrote a dataset's version.
   *
   * @param tableId the id of its table, or null for the one that was written last
   */
  Optional<Work> dataset(String reference, @Nullable String tableId) {
    List<Filter> filters = new ArrayList<>(List.of(Filter.equal("reference", reference)));
    if (tableId != null) {
      filters.add(Filter.equal("table_id", tableId));
    }
    return newest(
            lineage.rows(LineageTable.DATASETS, filters).stream()
                .filter(row -> row.get("reused_run") == null)
                .toList())
        .flatMap(this::work);
  }

  /** The attempt that fitted a candidate. */
  Optional<Work> candidate(String reference) {
    return newest(lineage.rows(LineageTable.MODELS, List.of(Filter.equal("reference", reference))))
        .flatMap(this::work);
  }

  /** How a model's version got its number. */
  Optional<Fact.ModelRegistered> registered(String reference) {
    return newest(lineage.rows(LineageTable.MODELS, List.of(Filter.equal("reference", reference))))
        .filter(row -> row.get("number") != null)
        .map(
            row ->
                new Fact.ModelRegistered(
                    at(row),
                    row.string("pipeline"),
                    row.string("run"),
                    row.string("stage"),
                    row.integer("attempt"),
                    row.string("reference"),
                    row.string("candidate"),
                    row.text("evaluation"),
                    row.string("digest")));
  }

  private Optional<Work> work(Row row) {
    return work(row.string("run"), row.string("stage"), row.integer("attempt"));
  }

  static Optional<Row> newest(List<Row> rows) {
    return rows.stream().max(Comparator.comparing(Works::at));
  }

  static Instant at(Row row) {
    return Objects.requireNonNull(row.instant("at"));
  }
}
