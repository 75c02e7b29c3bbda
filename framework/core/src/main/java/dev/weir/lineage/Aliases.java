package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the aliases of models meant at any time. */
public final class Aliases {
  /** By time, which is the order of the commits: {@link Deeds#after}. */
  private static final Comparator<Row> OLDEST =
      Comparator.comparing(row -> Objects.requireNonNull(row.instant("at")));

  private final List<Period> periods;
  private final Optional<Instant> last;

  private Aliases(List<Period> periods, Optional<Instant> last) {
    this.periods = List.copyOf(periods);
    this.last = last;
  }

  /**
   * A time during which an alias named one version.
   *
   * @param model the model's name
   * @param version what it named
   * @param from the first moment
   * @param to the first moment after it, or null if it still does
   * @param by who moved it there
   * @param reason why
   * @param overrode the rule that was set aside, in a sentence, or null
   */
  public record Period(
      ModelName model,
      String alias,
      ModelVersion version,
      Instant from,
      @Nullable Instant to,
      Actor by,
      String reason,
      @Nullable String overrode) {
    /** Whether it named the version at a moment. */
    public boolean holds(Instant at) {
      return !at.isBefore(from) && (to == null || at.isBefore(to));
    }
  }

  /** No aliases. */
  public static Aliases none() {
    return new Aliases(List.of(), Optional.empty());
  }

  /** The aliases of all models. */
  public static Aliases of(LineageReader lineage) {
    return of(lineage.rows(LineageTable.ALIASES, List.of()));
  }

  /** The aliases of one model. */
  public static Aliases of(LineageReader lineage, ModelName model) {
    return of(lineage.rows(LineageTable.ALIASES, List.of(Filter.equal("name", model.toString()))));
  }

  private static Aliases of(List<Row> moves) {
    List<Period> periods = new ArrayList<>();
    Map<String, Row> open = new TreeMap<>();
    List<Row> ordered = moves.stream().sorted(OLDEST).toList();
    for (Row move : ordered) {
      Row before = open.put(move.string("name") + "@" + move.string("alias"), move);
      if (before != null) {
        period(before, move.instant("at")).ifPresent(periods::add);
      }
    }
    open.values().forEach(move -> period(move, null).ifPresent(periods::add));
    periods.sort(
        Comparator.comparing(Period::model)
            .thenComparing(Period::alias)
            .thenComparing(Period::from));
    return new Aliases(
        periods,
        ordered.isEmpty()
            ? Optional.empty()
            : Optional.ofNullable(ordered.get(ordered.size() - 1).instant("at")));
  }

  /** What a move began; nothing if it removed the alias. */
  private static Optional<Period> period(Row move, @Nullable Instant to) {
    String reference = move.text("to_reference");
    return reference == null
        ? Optional.empty()
        : Optional.of(
            new Period(
                ModelName.parse(move.string("name")),
                move.string("alias"),
                (ModelVersion) ArtifactVersion.parse(reference),
                Objects.requireNonNull(move.instant("at")),
                to,
                new Actor(move.string("done_by"), move.string("host"), move.text("claimed_by")),
                move.string("reason"),
                move.text("overrode")));
  }

  /** All of them, by model and alias, the oldest first. */
  public List<Period> periods() {
    return periods;
  }

  /** When an alias was moved last, if ever one was. */
  public Optional<Instant> lastMove() {
    return last;
  }

  /** The periods that hold at a moment, or now if it is null. */
  public List<Period> at(@Nullable Instant at) {
    return periods.stream()
        .filter(period -> at == null ? period.to() == null : period.holds(at))
        .toList();
  }

  /** What an alias names at a moment, or now if it is null. */
  public Optional<Period> at(ModelName model, String alias, @Nullable Instant at) {
    return at(at).stream()
        .filter(period -> period.model().equals(model) && period.alias().equals(alias))
        .findFirst();
  }

  /**
   * The same, or an error.
   *
   * @throws WeirException {@code unknown-alias} with the nearest
   */
  public Period require(ModelName model, String alias, @Nullable Instant at) {
    return at(model, alias, at)
        .orElseThrow(
            () -> {
              List<String> names =
                  at(at).stream()
                      .filter(period -> period.model().equals(model))
                      .map(Period::alias)
                      .toList();
              return WeirException.user(
                  "unknown-alias",
                  "There is no alias %s of %s".formatted(alias, model)
                      + Nearest.ending(alias, names),
                  names.isEmpty()
                      ? "It has none: name a version by its number."
                      : "There are %s.".formatted(String.join(", ", names)));
            });
  }
}
