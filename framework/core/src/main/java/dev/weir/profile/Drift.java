package dev.weir.profile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares the distributions of two datasets, column by column, by their profiles alone.
 *
 * <p>With enough rows every difference is significant, however small; so a column has drifted if
 * one of its effects is large and chance does not explain it, which is asked of all columns at
 * once. Of dates and times, which move by their nature, and of values that are not looked into only
 * the nulls are compared.
 */
public final class Drift {
  private Drift() {}

  /** The differences of every column that one of both has, those of the reference first. */
  public static List<ColumnDrift> between(
      DatasetProfile reference, DatasetProfile current, DriftLimits limits) {
    List<ColumnDrift> found = new ArrayList<>();
    for (ColumnProfile before : reference.columns()) {
      found.add(
          current
              .column(before.name())
              .map(after -> between(before, after, limits))
              .orElseGet(() -> without(before.name(), ColumnDrift.Outcome.MISSING)));
    }
    for (ColumnProfile after : current.columns()) {
      if (reference.column(after.name()).isEmpty()) {
        found.add(without(after.name(), ColumnDrift.Outcome.ADDED));
      }
    }
    return corrected(found, limits);
  }

  /** Says which differences are not by chance, seen together. */
  private static List<ColumnDrift> corrected(List<ColumnDrift> found, DriftLimits limits) {
    List<ColumnDrift> compared =
        found.stream().filter(drift -> !drift.effects().isEmpty()).toList();
    double[] chances =
        Statistics.corrected(compared.stream().mapToDouble(ColumnDrift::chance).toArray());
    int next = 0;
    List<ColumnDrift> corrected = new ArrayList<>();
    for (ColumnDrift drift : found) {
      if (drift.effects().isEmpty()) {
        corrected.add(drift);
        continue;
      }
      double chance = chances[next++];
      boolean drifted =
          chance <= limits.falseDiscoveries() && drift.effects().stream().anyMatch(Effect::large);
      corrected.add(
          new ColumnDrift(
              drift.column(),
              drifted ? ColumnDrift.Outcome.DRIFTED : ColumnDrift.Outcome.SAME,
              drift.effects(),
              chance));
    }
    return corrected;
  }

  private static ColumnDrift without(String column, ColumnDrift.Outcome outcome) {
    return new ColumnDrift(column, outcome, List.of(), 1);
  }

  private static ColumnDrift between(
      ColumnProfile before, ColumnProfile after, DriftLimits limits) {
    String name = before.name();
    if (before.kind() != after.kind()) {
      return without(name, ColumnDrift.Outcome.RETYPED);
    }
    if (rows(before) < limits.minimum() || rows(after) < limits.minimum()) {
      return without(name, ColumnDrift.Outcome.TOO_FEW);
    }
    List<Effect> effects = new ArrayList<>();
    double chance = nulls(before, after, limits, effects);
    boolean enough = seen(before) >= limits.minimum() && seen(after) >= limits.minimum();
    double ofValues = enough ? values(before, after, limits, effects) : 1;
    // Two questions were asked of the column (Bonferroni).
    return new ColumnDrift(
        name, ColumnDrift.Outcome.SAME, effects, Math.min(1, 2 * Math.min(chance, ofValues)));
  }

  private static long rows(ColumnProfile column) {
    return column.values() + column.nulls();
  }

  /** How many values there are to look into. */
  private static long seen(ColumnProfile column) {
    return column.values() - column.nans();
  }

  private static double nulls(
      ColumnProfile before, ColumnProfile after, DriftLimits limits, List<Effect> effects) {
    long one = before.nulls() + before.nans();
    long other = after.nulls() + after.nans();
    double difference = Math.abs((double) one / rows(before) - (double) other / rows(after));
    effects.add(new Effect(Effect.Kind.NULLS, difference, limits.nulls()));
    if (difference == 0) {
      return 1;
    }
    return Statistics.association(new long[] {one, seen(before)}, new long[] {other, seen(after)})
        .chance();
  }

  private static double values(
      ColumnProfile before, ColumnProfile after, DriftLimits limits, List<Effect> effects) {
    Quantiles one = before.quantiles();
    Quantiles other = after.quantiles();
    if (before.kind().isNumber() && one != null && other != null) {
      return numbers(
          Distribution.of(one), Distribution.of(other), before.moments(), limits, effects);
    }
    boolean categories = before.kind() == ValueKind.TEXT || before.kind() == ValueKind.BOOLEAN;
    if (categories && before.frequent() != null && after.frequent() != null) {
      return categories(Categories.of(before.frequent(), after.frequent()), limits, effects);
    }
    return 1;
  }

  private static double numbers(
      Distribution before,
      Distribution after,
      @Nullable Moments moments,
      DriftLimits limits,
      List<Effect> effects) {
    double[] edges = before.edges();
    double[] one = Statistics.shares(before.counts(edges));
    double[] other = Statistics.shares(after.counts(edges));
    double distance = before.distance(after);
    double area = before.transport(after);
    double deviation = moments == null ? 0 : moments.deviation();
    // What never moved has moved by any number of deviations.
    double transport = area == 0 ? 0 : area / deviation;
    effects.add(
        new Effect(Effect.Kind.STABILITY, Statistics.stability(one, other), limits.stability()));
    effects.add(new Effect(Effect.Kind.DISTANCE, distance, limits.distance()));
    effects.add(
        new Effect(Effect.Kind.DIVERGENCE, Statistics.divergence(one, other), limits.divergence()));
    effects.add(new Effect(Effect.Kind.TRANSPORT, transport, limits.transport()));
    return Statistics.kolmogorov(distance, (double) before.count(), (double) after.count());
  }

  private static double categories(
      Categories categories, DriftLimits limits, List<Effect> effects) {
    Statistics.Association association = categories.association();
    effects.add(new Effect(Effect.Kind.SHARE, categories.largest(), limits.share()));
    effects.add(new Effect(Effect.Kind.DIVERGENCE, categories.divergence(), limits.divergence()));
    effects.add(new Effect(Effect.Kind.ASSOCIATION, association.effect(), limits.association()));
    return association.chance();
  }
}
