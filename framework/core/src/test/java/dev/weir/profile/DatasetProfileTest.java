package dev.weir.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.error.WeirException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;
import org.junit.jupiter.api.Test;

class DatasetProfileTest {
  private static final int ROWS = 30_000;

  private static DatasetAccumulator accumulator() {
    return new DatasetAccumulator(
        List.of(
            ColumnAccumulator.of("id", "bigint", ValueKind.INTEGER),
            ColumnAccumulator.of("income", "double", ValueKind.REAL),
            ColumnAccumulator.of("age", "int", ValueKind.INTEGER),
            ColumnAccumulator.of("purpose", "string", ValueKind.TEXT),
            ColumnAccumulator.of("code", "string", ValueKind.TEXT),
            ColumnAccumulator.of("day", "date", ValueKind.DATE),
            ColumnAccumulator.of("at", "timestamp", ValueKind.TIMESTAMP),
            ColumnAccumulator.of("open", "boolean", ValueKind.BOOLEAN),
            ColumnAccumulator.of("tags", "array<string>", ValueKind.OTHER)));
  }

  private static double income(int row) {
    return new SplittableRandom(row).nextGaussian() * 500 + 3000;
  }

  private static void add(DatasetAccumulator into, int row) {
    List<ColumnAccumulator> columns = into.columns();
    columns.get(0).update((long) row);
    if (row % 10 == 3) {
      columns.get(1).updateNull();
    } else {
      columns.get(1).update(row % 10 == 7 ? Double.NaN : income(row));
    }
    columns.get(2).update(18L + row % 60);
    Profiles.update(columns.get(3), row % 4 == 0 ? "car" : row % 4 == 1 ? "Zürich" : "home");
    Profiles.update(columns.get(4), "AB-%06d".formatted(row));
    columns.get(5).update(19_000L + row % 365);
    columns.get(6).update(1_700_000_000_000_000L + row * 1_000_000L);
    columns.get(7).update(row % 3 == 0 ? 1L : 0L);
    columns.get(8).updateOther();
    into.endRow();
  }

  private static DatasetProfile profile(int from, int to) {
    DatasetAccumulator rows = accumulator();
    IntStream.range(from, to).forEach(row -> add(rows, row));
    return rows.profile();
  }

  private static ColumnProfile column(DatasetProfile profile, String name) {
    return profile.column(name).orElseThrow();
  }

  @Test
  void aColumnIsDescribedByItsKind() {
    DatasetProfile whole = profile(0, ROWS);
    assertThat(whole.rows()).isEqualTo(ROWS);

    ColumnProfile income = column(whole, "income");
    assertThat(income.values()).isEqualTo(27_000);
    assertThat(income.nulls()).isEqualTo(3_000);
    assertThat(income.nullFraction()).isEqualTo(0.1);
    assertThat(income.nans()).isEqualTo(3_000);
    double[] values =
        IntStream.range(0, ROWS)
            .filter(row -> row % 10 != 3 && row % 10 != 7)
            .mapToDouble(DatasetProfileTest::income)
            .toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    assertThat(income.moments().count()).isEqualTo(24_000);
    assertThat(income.moments().mean()).isEqualTo(mean, within(1e-9));
    assertThat(income.moments().deviation()).isEqualTo(Math.sqrt(variance), within(1e-9));
    assertThat(income.moments().min()).isEqualTo(Arrays.stream(values).min().orElseThrow());
    assertThat(income.moments().max()).isEqualTo(Arrays.stream(values).max().orElseThrow());
    Arrays.sort(values);
    assertRanks(income, values);
    assertThat(income.distinctValues()).isEqualTo(24_000, within(24_000 * 0.05));

    ColumnProfile age = column(whole, "age");
    assertThat(age.distinctValues()).isEqualTo(60);
    assertThat(age.frequent().exact()).isTrue();
    assertThat(age.frequent().items()).hasSize(60).contains(new Frequencies.Item("18", 500));

    ColumnProfile purpose = column(whole, "purpose");
    assertThat(purpose.frequent())
        .isEqualTo(
            new Frequencies(
                ROWS,
                0,
                List.of(
                    new Frequencies.Item("home", 15_000),
                    new Frequencies.Item("Zürich", 7_500),
                    new Frequencies.Item("car", 7_500))));
    assertThat(purpose.first()).isEqualTo("Zürich");
    assertThat(purpose.last()).isEqualTo("home");
    assertThat(purpose.lengths().min()).isEqualTo(3);
    assertThat(purpose.lengths().max()).isEqualTo(6);
    assertThat(purpose.lengths().mean()).isEqualTo(4.25);
    assertThat(purpose.patterns().items())
        .containsExactly(
            new Frequencies.Item("aaaa", 15_000),
            new Frequencies.Item("Axaaaa", 7_500),
            new Frequencies.Item("aaa", 7_500));

    ColumnProfile code = column(whole, "code");
    assertThat(code.first()).isEqualTo("AB-000000");
    assertThat(code.last()).isEqualTo("AB-029999");
    assertThat(code.distinctValues()).isEqualTo(ROWS, within(ROWS * 0.05));
    assertThat(code.frequent().exact()).isFalse();
    assertThat(code.patterns().items())
        .singleElement()
        .satisfies(
            shape -> {
              assertThat(shape.value()).isEqualTo("AA-999999");
              assertThat((double) shape.count()).isEqualTo(ROWS, within(ROWS * 0.05));
            });

    assertThat(column(whole, "day").first()).isEqualTo("2022-01-08");
    assertThat(column(whole, "day").last()).isEqualTo("2023-01-07");
    assertThat(column(whole, "at").first()).isEqualTo("2023-11-14T22:13:20Z");
    assertThat(column(whole, "open").frequent().items())
        .containsExactly(
            new Frequencies.Item("false", 20_000), new Frequencies.Item("true", 10_000));
    assertThat(column(whole, "open").quantiles()).isNull();
    assertThat(column(whole, "tags").values()).isEqualTo(ROWS);
    assertThat(column(whole, "tags").distinct()).isNull();
  }

  /** Every quantile has a rank within the bound that the sketch states. */
  private static void assertRanks(ColumnProfile column, double[] sorted) {
    for (int percent = 1; percent < 100; percent++) {
      int found = Arrays.binarySearch(sorted, column.quantiles().quantile(percent / 100.0));
      assertThat(found).isNotNegative();
      assertThat((double) found / sorted.length).isEqualTo(percent / 100.0, within(0.035));
    }
  }

  @Test
  void theProfileOfTheWholeIsTheMergeOfItsParts() {
    DatasetProfile whole = profile(0, ROWS);
    DatasetProfile merged =
        profile(0, 10)
            .merge(profile(10, 9_000))
            .merge(profile(9_000, 9_000))
            .merge(profile(9_000, ROWS));

    assertThat(merged.rows()).isEqualTo(whole.rows());
    for (ColumnProfile expected : whole.columns()) {
      ColumnProfile found = column(merged, expected.name());
      assertThat(List.of(found.kind(), found.values(), found.nulls(), found.nans()))
          .isEqualTo(
              List.of(expected.kind(), expected.values(), expected.nulls(), expected.nans()));
      assertThat(found.first()).isEqualTo(expected.first());
      assertThat(found.last()).isEqualTo(expected.last());
      assertNear(found.moments(), expected.moments());
      assertNear(found.lengths(), expected.lengths());
      if (expected.frequent() != null && expected.frequent().exact()) {
        assertThat(found.frequent()).isEqualTo(expected.frequent());
        assertThat(found.distinct().estimate())
            .isEqualTo(expected.distinct().estimate(), within(0.5));
      }
      // Both are estimates of the same, each off by some 1.6 %.
      assertThat(found.distinctValues())
          .isEqualTo(expected.distinctValues(), within(expected.distinctValues() * 0.05));
    }
    double[] incomes =
        IntStream.range(0, ROWS)
            .filter(row -> row % 10 != 3 && row % 10 != 7)
            .mapToDouble(DatasetProfileTest::income)
            .sorted()
            .toArray();
    assertRanks(column(merged, "income"), incomes);
  }

  private static void assertNear(Moments found, Moments expected) {
    if (expected == null) {
      assertThat(found).isNull();
      return;
    }
    assertThat(found.count()).isEqualTo(expected.count());
    assertThat(found.min()).isEqualTo(expected.min());
    assertThat(found.max()).isEqualTo(expected.max());
    assertThat(found.mean()).isEqualTo(expected.mean(), within(Math.abs(expected.mean()) * 1e-12));
    assertThat(found.deviation())
        .isEqualTo(expected.deviation(), within(expected.deviation() * 1e-9));
  }

  @Test
  void aColumnThatAPartLacksIsNullThereAndOneOfAnotherKindIsOnlyCounted() {
    DatasetProfile one =
        Profiles.of(Profiles.numbers("income", 1, 2), Profiles.integers("age", 30, 40));
    DatasetProfile other =
        Profiles.of(
            Profiles.numbers("income", 5, 6, 7), Profiles.texts("purpose", "car", "home", null));
    DatasetProfile merged = one.merge(other);
    assertThat(merged.rows()).isEqualTo(5);
    assertThat(merged.columns())
        .extracting(c -> List.of(c.name(), c.values(), c.nulls()))
        .containsExactly(
            List.of("income", 5L, 0L), List.of("age", 2L, 3L), List.of("purpose", 2L, 3L));

    ColumnProfile retyped = column(one.merge(Profiles.of(Profiles.texts("income", "3"))), "income");
    assertThat(retyped.kind()).isEqualTo(ValueKind.OTHER);
    assertThat(retyped.values()).isEqualTo(3);
    assertThat(retyped.moments()).isNull();
  }

  @Test
  void nothingAndOnlyNansHaveNeitherMeanNorQuantiles() {
    DatasetProfile none = accumulator().profile();
    assertThat(none.rows()).isZero();
    assertThat(none.columns())
        .allSatisfy(
            column -> {
              assertThat(column.moments()).isNull();
              assertThat(column.quantiles()).isNull();
              assertThat(column.distinctValues()).isZero();
              assertThat(column.first()).isNull();
            });
    assertThat(DatasetProfile.parse(none.json())).isEqualTo(none);

    ColumnProfile nans = Profiles.numbers("x", Double.NaN, Double.NaN);
    assertThat(nans.values()).isEqualTo(2);
    assertThat(nans.nans()).isEqualTo(2);
    assertThat(nans.quantiles()).isNull();
    assertThat(nans.distinct()).isNull();

    ColumnProfile infinite = Profiles.numbers("x", 1, Double.POSITIVE_INFINITY, -0.0, 0.0);
    assertThat(infinite.moments().max()).isInfinite();
    assertThat(infinite.distinctValues()).isEqualTo(3);
    assertThat(infinite.quantiles().histogram(10)).isEmpty();
    DatasetProfile profile = Profiles.of(infinite);
    assertThat(DatasetProfile.parse(profile.json())).isEqualTo(profile);
  }

  @Test
  void writtenItIsReadAsItWasAndIsSmallOnceKept() {
    DatasetProfile whole = profile(0, ROWS);
    assertThat(DatasetProfile.parse(whole.json())).isEqualTo(whole);
    DatasetProfile kept = whole.kept();
    assertThat(DatasetProfile.parse(kept.json())).isEqualTo(kept);
    for (ColumnProfile column : kept.columns()) {
      assertThat(new DatasetProfile(ROWS, List.of(column)).json().length()).isLessThan(11_000);
    }
    // What is dropped is known to be no more frequent than what is said.
    assertThat(column(kept, "day").frequent().items()).hasSize(64);
    assertThat(column(kept, "day").frequent().error()).isEqualTo(83);
    assertThat(column(kept, "day").distinctValues()).isEqualTo(365, within(8.0));

    assertThatThrownBy(() -> DatasetProfile.parse("{\"format\":2,\"rows\":0,\"columns\":[]}"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("A profile of form 2 is of a newer Weir; this one reads up to 1");
    assertThatThrownBy(() -> DatasetProfile.parse("{"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("A profile can't be read");
  }

  @Test
  void theHistogramAddsUp() {
    double[] values = IntStream.range(0, 10_000).mapToDouble(i -> i % 100).toArray();
    long[] bins = Profiles.numbers("x", values).quantiles().histogram(10);
    assertThat(bins).hasSize(10);
    assertThat(Arrays.stream(bins).sum()).isEqualTo(10_000);
    for (long bin : bins) {
      assertThat((double) bin).isEqualTo(1_000, within(400.0));
    }
    assertThat(Profiles.numbers("x", 7, 7, 7).quantiles().histogram(10)).containsExactly(3);
    Quantiles few = Profiles.numbers("x", 1, 2, 2, 3, 9).quantiles();
    assertThat(few.histogram(2, 4, 2))
        .as("what is beyond is in the outer ones")
        .containsExactly(3, 2);
    assertThatThrownBy(() -> few.histogram(4, 4, 2))
        .hasMessage("There are no bins from 4.0 to 4.0");
  }

  @Test
  void whatCannotChangeTheSketchOfDistinctValuesIsRightlyLeftOut() {
    HllSketch all = new HllSketch(Distinct.LG_REGISTERS, TgtHllType.HLL_4);
    DistinctCounter counter = new DistinctCounter();
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 200_000; i++) {
      long value = random.nextLong(80_000);
      all.update(value);
      counter.update(value);
      if (i == 1_000) {
        counter.dense();
      }
    }
    assertThat(counter.distinct()).isEqualTo(Distinct.of(all));
  }

  @Test
  void aFrequentValueAmongManyIsFoundWithAboutItsCount() {
    SplittableRandom random = new SplittableRandom(5);
    ColumnAccumulator numbers = ColumnAccumulator.of("x", "double", ValueKind.REAL);
    ColumnAccumulator texts = ColumnAccumulator.of("x", "string", ValueKind.TEXT);
    int rows = 300_000;
    for (int i = 0; i < rows; i++) {
      boolean missing = i % 20 == 0;
      numbers.update(missing ? -999.0 : random.nextDouble());
      Profiles.update(texts, missing ? "n/a" : "c" + random.nextInt());
    }
    // Most of these were sampled: one number in twenty is -999, the others lie evenly from 0 to 1.
    Quantiles quantiles = numbers.profile().quantiles();
    assertThat((double) quantiles.count()).isEqualTo(rows, within(rows * 0.01));
    for (int percent = 10; percent < 100; percent += 10) {
      assertThat(quantiles.quantile(percent / 100.0))
          .isEqualTo((percent / 100.0 - 0.05) / 0.95, within(0.04));
    }
    for (ColumnAccumulator column : List.of(numbers, texts)) {
      Frequencies frequent = column.profile().frequent();
      Frequencies.Item first = frequent.items().get(0);
      assertThat(first.value()).isIn("-999.0", "n/a");
      assertThat((double) first.count()).isLessThan(rows / 20.0 * 1.1);
      assertThat((double) first.count() + frequent.error()).isGreaterThan(rows / 20.0 * 0.9);
      assertThat(frequent.error()).isLessThan(rows / 200);
      assertThat(frequent.kept(64).items()).containsExactly(first);
    }
  }

  @Test
  void longTextsAreCut() {
    String text = "ä".repeat(5_000);
    ColumnProfile column = Profiles.texts("x", text, text + "b", "ok");
    assertThat(column.last()).hasSize(ColumnProfile.TEXT + 1).endsWith("ä…");
    assertThat(column.lengths().max()).isEqualTo(5_001);
    assertThat(column.frequent().items())
        .extracting(Frequencies.Item::count)
        .containsExactly(2L, 1L);
    assertThat(column.distinctValues()).isEqualTo(3, within(0.01));
    assertThat(column.patterns().items()).contains(new Frequencies.Item("x".repeat(39) + "+", 2));
  }

  @Test
  void aValueOfAnotherKindIsRefused() {
    ColumnAccumulator text = ColumnAccumulator.of("purpose", "string", ValueKind.TEXT);
    assertThatThrownBy(() -> text.update(1L))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Column purpose of kind TEXT was given a long");
    ColumnAccumulator whole = ColumnAccumulator.of("age", "int", ValueKind.INTEGER);
    assertThatThrownBy(() -> whole.update(1.5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Column age of kind INTEGER was given a double");
  }

  @Test
  void theHotPathAllocatesNextToNothing() {
    ColumnAccumulator real = ColumnAccumulator.of("x", "double", ValueKind.REAL);
    ColumnAccumulator id = ColumnAccumulator.of("x", "bigint", ValueKind.INTEGER);
    ColumnAccumulator text = ColumnAccumulator.of("x", "string", ValueKind.TEXT);
    List<byte[]> texts = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      texts.add("customer-%05d".formatted(i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    Runnable values =
        () -> {
          for (int i = 0; i < 200_000; i++) {
            real.update(i * 0.37);
            id.update((long) i);
            byte[] utf8 = texts.get(i % texts.size());
            text.update(utf8, 0, utf8.length);
          }
        };
    values.run();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    values.run();
    double bytes = (threads.getCurrentThreadAllocatedBytes() - before) / 600_000.0;
    assertThat(bytes).isLessThan(16);
  }
}
