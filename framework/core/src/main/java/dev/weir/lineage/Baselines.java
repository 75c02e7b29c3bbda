package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.weir.artifact.DatasetName;
import dev.weir.profile.Figure;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** The levels of a dataset's figures that people took for the new normal, the oldest first. */
public record Baselines(List<Baseline> all) {
  public Baselines {
    all = List.copyOf(all);
  }

  /**
   * A level that was taken for the new normal.
   *
   * @param version from which version on
   * @param figures of which figures, as text; empty for all
   * @param by who did
   */
  public record Baseline(long version, List<String> figures, Instant at, String by, String reason) {
    public Baseline {
      figures = List.copyOf(figures);
    }

    boolean of(Figure figure) {
      return figures.isEmpty() || figures.contains(figure.toString());
    }
  }

  /**
   * What is known by now.
   *
   * @param tableId the Delta table's id
   */
  public static Baselines of(LineageReader lineage, DatasetName name, String tableId) {
    return new Baselines(
        lineage
            .rows(
                LineageTable.BASELINES,
                List.of(Filter.equal("name", name.toString()), Filter.equal("table_id", tableId)))
            .stream()
            .map(Baselines::baseline)
            .sorted(Comparator.comparing(Baseline::at))
            .toList());
  }

  /** What a figure's level in a version was last taken for, if the version began a new normal. */
  public Optional<Baseline> baseline(long version, Figure figure) {
    return all.stream()
        .filter(each -> each.version() == version && each.of(figure))
        .reduce((earlier, later) -> later);
  }

  /** The version with which a figure's normal begins that counts for a version, if one does. */
  public OptionalLong begin(long version, Figure figure) {
    return all.stream()
        .filter(each -> each.version() < version && each.of(figure))
        .mapToLong(Baseline::version)
        .max();
  }

  private static Baseline baseline(Row row) {
    String figures = row.text("figures");
    try {
      return new Baseline(
          row.number("version"),
          figures == null
              ? List.of()
              : Facts.json().readValue(figures, new TypeReference<List<String>>() {}),
          Objects.requireNonNull(row.instant("at")),
          row.string("done_by"),
          row.string("reason"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not figures as JSON: " + figures, e);
    }
  }
}
