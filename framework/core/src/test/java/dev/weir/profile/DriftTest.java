package dev.weir.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.weir.profile.ColumnDrift.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Expected numbers are those of scipy 1.17.1 and numpy 2.4.6, by
 *
 * <pre>
 * a = np.array([(i * 37 % 101) / 10 for i in range(150)])
 * b = np.array([(i * 53 % 89) / 8 + 1 for i in range(120)])
 * ks = stats.ks_2samp(a, b).statistic; special.kolmogorov(ks * np.sqrt(150 * 120 / 270))
 * stats.wasserstein_distance(a, b) / a.std()
 * q = np.unique(np.quantile(a, np.arange(1, 11) / 10, method="inverted_cdf"))
 * edges = np.concatenate([[-np.inf, np.nextafter(a.min(), -np.inf)], q, [np.inf]])
 * def counts(x): return np.array([((x > l) &amp; (x &lt;= h)).sum() for l, h in zip(edges, edges[1:])])
 * p, r = [(counts(x) + 0.5) / (len(x) + 0.5 * (len(edges) - 1)) for x in (a, b)]
 * np.sum((r - p) * np.log(r / p)); jensenshannon(p, r, base=2) ** 2
 * c = np.array([[50, 30, 20], [20, 40, 60]])
 * stats.chi2_contingency(c, correction=False); stats.contingency.association(c, method="cramer")
 * jensenshannon(c[0] / 100, c[1] / 120, base=2) ** 2
 * stats.false_discovery_control([0.01, 0.04, 0.03, 0.005, 0.5])
 * special.kolmogorov([0.3, 0.5, 1.0, 1.5, 2.5])
 * </pre>
 */
class DriftTest {
  private static double effect(ColumnDrift drift, Effect.Kind kind) {
    return drift.effect(kind).orElseThrow().value();
  }

  private static ColumnDrift between(ColumnProfile before, ColumnProfile after) {
    return Drift.between(Profiles.of(before), Profiles.of(after), DriftLimits.USUAL).get(0);
  }

  @Test
  void numbersAreComparedAsElsewhere() {
    double[] a = IntStream.range(0, 150).mapToDouble(i -> (i * 37 % 101) / 10.0).toArray();
    double[] b = IntStream.range(0, 120).mapToDouble(i -> (i * 53 % 89) / 8.0 + 1).toArray();
    ColumnDrift drift = between(Profiles.numbers("x", a), Profiles.numbers("x", b));
    assertThat(effect(drift, Effect.Kind.DISTANCE)).isEqualTo(0.19666666666666666, within(1e-12));
    assertThat(effect(drift, Effect.Kind.TRANSPORT)).isEqualTo(0.543195361174818, within(1e-12));
    assertThat(effect(drift, Effect.Kind.STABILITY)).isEqualTo(1.0264502957751584, within(1e-9));
    assertThat(effect(drift, Effect.Kind.DIVERGENCE)).isEqualTo(0.12134966681198624, within(1e-9));
    // Twice, since nulls were asked for too.
    assertThat(drift.chance()).isEqualTo(2 * 0.011517472515819818, within(1e-12));
    assertThat(drift.outcome()).isEqualTo(Outcome.SAME);
  }

  @Test
  void categoriesAreComparedAsElsewhere() {
    ColumnDrift drift = between(categories(50, 30, 20), categories(20, 40, 60));
    assertThat(effect(drift, Effect.Kind.SHARE)).isEqualTo(0.5 - 20 / 120.0, within(1e-12));
    assertThat(effect(drift, Effect.Kind.ASSOCIATION)).isEqualTo(0.3857583749052298, within(1e-12));
    assertThat(effect(drift, Effect.Kind.DIVERGENCE)).isEqualTo(0.11144814628907344, within(1e-12));
    assertThat(drift.chance()).isEqualTo(2 * 7.780597423575182e-08, within(1e-15));
    assertThat(drift.outcome()).isEqualTo(Outcome.DRIFTED);
    assertThat(drift.toString())
        .startsWith(
            "x: drifted; L-infinity 0.333 (from 0.1 on), Cramér's V 0.386 (from 0.15 on), Jensen-Shannon 0.111 (from 0.05 on), nulls 0.000 (from 0.05 on); by chance 1.6e-07");
    assertThat(Statistics.association(new long[] {50, 30, 20}, new long[] {20, 40, 60}).statistic())
        .isEqualTo(32.73809523809524, within(1e-9));
  }

  private static ColumnProfile categories(int... counts) {
    ColumnAccumulator column = ColumnAccumulator.of("x", "string", ValueKind.TEXT);
    for (int category = 0; category < counts.length; category++) {
      for (int i = 0; i < counts[category]; i++) {
        Profiles.update(column, "category " + category);
      }
    }
    return column.profile();
  }

  @Test
  void chancesAreAsElsewhere() {
    assertThat(Statistics.corrected(new double[] {0.01, 0.04, 0.03, 0.005, 0.5}))
        .containsExactly(new double[] {0.025, 0.05, 0.05, 0.025, 0.5}, within(1e-12));
    assertThat(Statistics.corrected(new double[0])).isEmpty();
    double[] x = {0.3, 0.5, 1.0, 1.5, 2.5};
    double[] chance = {
      0.9999906941986655,
      0.9639452436648751,
      0.26999967167735456,
      0.022217962616525127,
      7.453306344157342e-06
    };
    for (int i = 0; i < x.length; i++) {
      // Two samples of two each: the distance times 1.
      assertThat(Statistics.kolmogorov(x[i], 2, 2)).isEqualTo(chance[i], within(1e-12));
    }
    assertThat(Statistics.kolmogorov(0, 100, 100)).isEqualTo(1);
    assertThat(Statistics.divergence(new double[] {1, 0}, new double[] {0, 1})).isEqualTo(1);
  }

  @Test
  void aConstantThatMovesHasDriftedAndOneThatDoesNotHasNot() {
    double[] before = new double[500];
    Arrays.fill(before, 0.003467);
    ColumnProfile constant = Profiles.numbers("x", before);
    assertThat(between(constant, Profiles.numbers("x", before)).outcome()).isEqualTo(Outcome.SAME);
    double[] below = new double[500];
    Arrays.fill(below, 0.003);
    ColumnDrift drift = between(constant, Profiles.numbers("x", below));
    assertThat(drift.outcome()).isEqualTo(Outcome.DRIFTED);
    assertThat(effect(drift, Effect.Kind.TRANSPORT)).isGreaterThan(1e6);
    assertThat(effect(drift, Effect.Kind.DISTANCE)).isEqualTo(1);
    assertThat(effect(drift, Effect.Kind.STABILITY)).isGreaterThan(5);
  }

  @Test
  void aSmallDifferenceIsNoDriftHoweverSignificant() {
    int rows = 50_000;
    double[] a = normal(1, rows, 0);
    double[] b = normal(2, rows, 0.08);
    ColumnDrift drift = between(Profiles.numbers("x", a), Profiles.numbers("x", b));
    assertThat(drift.chance()).isLessThan(1e-4);
    assertThat(drift.outcome()).isEqualTo(Outcome.SAME);
  }

  @Test
  void columnsThatCannotBeComparedAreSaid() {
    DatasetProfile before =
        Profiles.of(
            Profiles.numbers("gone", normal(1, 200, 0)),
            Profiles.numbers("retyped", normal(1, 200, 0)),
            Profiles.numbers("nulls", normal(1, 200, 0)));
    ColumnAccumulator nulls = ColumnAccumulator.of("nulls", "double", ValueKind.REAL);
    String[] texts = new String[200];
    for (int i = 0; i < 200; i++) {
      texts[i] = "t";
      if (i % 3 == 0) {
        nulls.updateNull();
      } else {
        nulls.update(i % 3 == 1 ? Double.NaN : 0.5);
      }
    }
    DatasetProfile after =
        Profiles.of(
            Profiles.texts("retyped", texts), nulls.profile(), Profiles.texts("added", texts));
    List<ColumnDrift> found = Drift.between(before, after, DriftLimits.USUAL);
    assertThat(found)
        .extracting(ColumnDrift::column, ColumnDrift::outcome)
        .containsExactly(
            tuple("gone", Outcome.MISSING),
            tuple("retyped", Outcome.RETYPED),
            tuple("nulls", Outcome.DRIFTED),
            tuple("added", Outcome.ADDED));
    // Too few values are left to compare, and that is the drift.
    assertThat(found.get(2).effects()).extracting(Effect::kind).containsExactly(Effect.Kind.NULLS);
    assertThat(found.get(2).effects().get(0).value()).isEqualTo(133 / 200.0, within(0.01));
    assertThat(between(Profiles.numbers("x", 1, 2), Profiles.numbers("x", 7, 8)).outcome())
        .isEqualTo(Outcome.TOO_FEW);
  }

  @Test
  void manyColumnsAreJudgedTogether() {
    // A difference that one column alone would be flagged for, of a kind that one in many shows.
    // So few that a sketch keeps them all, and is the same each time.
    double[] a = normal(3, 190, 0);
    double[] b = normal(4, 190, 0.45);
    ColumnProfile[] before = new ColumnProfile[60];
    ColumnProfile[] after = new ColumnProfile[60];
    for (int i = 0; i < 60; i++) {
      before[i] = Profiles.numbers("x" + i, i == 0 ? a : normal(5, 190, 0));
      after[i] = Profiles.numbers("x" + i, i == 0 ? b : normal(5, 190, 0));
    }
    ColumnDrift alone = between(Profiles.numbers("x0", a), Profiles.numbers("x0", b));
    ColumnDrift together =
        Drift.between(Profiles.of(before), Profiles.of(after), DriftLimits.USUAL).get(0);
    assertThat(alone.outcome()).isEqualTo(Outcome.DRIFTED);
    assertThat(together.outcome()).isEqualTo(Outcome.SAME);
    assertThat(together.chance()).isEqualTo(Math.min(1, 60 * alone.chance()), within(1e-9));
  }

  /**
   * A shift of half a standard deviation and a swap of categories, and the same without, in a
   * thousand pairs each.
   */
  @Test
  void shiftsAndSwapsAreFoundAndWhatStaysIsNotFlagged() {
    int pairs = 1_000;
    int rows = 2_000;
    int shifts = 0;
    int swaps = 0;
    int alarms = 0;
    for (int pair = 0; pair < pairs; pair++) {
      SplittableRandom random = new SplittableRandom(pair);
      DatasetProfile reference = generated(random, rows, 0, false);
      List<ColumnDrift> moved =
          Drift.between(reference, generated(random, rows, 0.5, true), DriftLimits.USUAL);
      shifts += moved.get(0).drifted() ? 1 : 0;
      swaps += moved.get(1).drifted() ? 1 : 0;
      // An alarm in either column is a false one.
      alarms +=
          Drift.between(reference, generated(random, rows, 0, false), DriftLimits.USUAL).stream()
                  .anyMatch(ColumnDrift::drifted)
              ? 1
              : 0;
    }
    System.out.printf(
        "of %d pairs: %d shifts found, %d swaps found, %d false alarms%n",
        pairs, shifts, swaps, alarms);
    assertThat(shifts).isGreaterThanOrEqualTo(pairs * 95 / 100);
    assertThat(swaps).isGreaterThanOrEqualTo(pairs * 95 / 100);
    assertThat(alarms).isLessThanOrEqualTo(pairs * 5 / 100);
  }

  private static DatasetProfile generated(
      SplittableRandom random, int rows, double shift, boolean swapped) {
    ColumnAccumulator number = ColumnAccumulator.of("number", "double", ValueKind.REAL);
    ColumnAccumulator category = ColumnAccumulator.of("category", "string", ValueKind.TEXT);
    for (int row = 0; row < rows; row++) {
      number.update(random.nextGaussian() + shift);
      // The shares of the two most frequent of three are swapped.
      double draw = random.nextDouble();
      String most = swapped ? "home" : "car";
      String second = swapped ? "car" : "home";
      Profiles.update(category, draw < 0.45 ? most : draw < 0.75 ? second : "boat");
    }
    return Profiles.of(number.profile(), category.profile());
  }

  private static double[] normal(int seed, int rows, double shift) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, rows).mapToDouble(i -> random.nextGaussian() + shift).toArray();
  }
}
