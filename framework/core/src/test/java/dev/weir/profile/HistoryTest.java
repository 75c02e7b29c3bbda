package dev.weir.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.error.WeirException;
import dev.weir.profile.Judged.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final Figure MEAN = Figure.parse("x.mean");
  private static final Figure ROWS = Figure.parse("rows");

  /** Versions whose column has these means, and no spread of its own to speak of. */
  private static History ofMeans(double... means) {
    List<Past> past = new ArrayList<>();
    for (int i = 0; i < means.length; i++) {
      past.add(Profiles.past(i, Profiles.numbers("x", means[i], means[i])));
    }
    return new History(past);
  }

  private static Judged judge(History history, Deviation deviation, double mean) {
    return history.judge(
        deviation, Profiles.of(Profiles.numbers("x", mean, mean)), Profiles.day(100));
  }

  private static Deviation.Normal normal(Figure figure) {
    return new Deviation.Normal(figure, 3, 30, 5, Unjudged.WARN);
  }

  private static Deviation.Robust robust(Figure figure) {
    return new Deviation.Robust(figure, 4, 30, 5, Unjudged.WARN);
  }

  @Test
  void aChangeIsHeldAgainstTheLastVersion() {
    History history = ofMeans(50, 100);
    Deviation fifth = new Deviation.RelativeChange(MEAN, 0.2, Unjudged.WARN);
    assertThat(judge(history, fifth, 120).outcome()).isEqualTo(Outcome.EXPECTED);
    Judged judged = judge(history, fifth, 79);
    assertThat(judged.passed()).isFalse();
    assertThat(judged.expected()).isEqualTo(new Interval(80, 120));
    assertThat(judged)
        .hasToString("x.mean: 79; from 80 to 120 is expected, learned from dataset:a.b@1");

    Deviation ten = new Deviation.AbsoluteChange(MEAN, 10, Unjudged.WARN);
    assertThat(judge(history, ten, 110).passed()).isTrue();
    assertThat(judge(history, ten, 110.1).passed()).isFalse();
    assertThat(judge(ofMeans(-100), fifth, -119).passed()).isTrue();

    // Of 0 there is no part.
    Judged zero = judge(ofMeans(0), fifth, 1e-9);
    assertThat(zero.outcome()).isEqualTo(Outcome.TOO_LITTLE_HISTORY);
    assertThat(zero)
        .hasToString(
            "x.mean: 1.000e-09; it was 0 in dataset:a.b@0, and of 0 there is no part to change by");
  }

  /**
   * Expected: {@code x = [10, 12, 9, 11, 10.5, 13]; np.mean(x) - 3 * np.std(x, ddof=1)} and {@code
   * +}, of numpy 2.4.6; {@code y = [10, 12, 9, 11, 10.5, 1000]; np.median(y),
   * stats.median_abs_deviation(y)} of scipy 1.17.1: 10.75 and 1.0.
   */
  @Test
  void normalAndRobustAreAsComputedElsewhere() {
    Interval expected = judge(ofMeans(10, 12, 9, 11, 10.5, 13), normal(MEAN), 10).expected();
    assertThat(expected.low()).isEqualTo(6.630059616796104, within(1e-9));
    assertThat(expected.high()).isEqualTo(15.203273716537229, within(1e-9));

    // One wild version makes the mean useless, and not the median.
    History wild = ofMeans(10, 12, 9, 11, 10.5, 1000);
    Interval robust = judge(wild, robust(MEAN), 10).expected();
    assertThat(robust.low()).isEqualTo(10.75 - 4 * 1.4826, within(1e-9));
    assertThat(robust.high()).isEqualTo(10.75 + 4 * 1.4826, within(1e-9));
    assertThat(judge(wild, normal(MEAN), 500).passed()).isTrue();
    assertThat(judge(wild, robust(MEAN), 500).passed()).isFalse();
  }

  @Test
  void onlyTheLastVersionsAreLearnedFrom() {
    Deviation five = new Deviation.Normal(MEAN, 3, 5, 5, Unjudged.WARN);
    History history = ofMeans(1, 2, 3, 100, 101, 99, 100, 102);
    Judged judged = judge(history, five, 3);
    assertThat(judged.passed()).isFalse();
    assertThat(judged.learnedFrom())
        .extracting(version -> version.version())
        .containsExactly(3L, 4L, 5L, 6L, 7L);
    assertThat(judged.toString())
        .endsWith("learned from 5 versions, dataset:a.b@3 to dataset:a.b@7");
  }

  @Test
  void tooLittleHistorySaysSoAndDoesWhatWasChosen() {
    for (Unjudged choice : Unjudged.values()) {
      Judged judged = judge(ofMeans(1, 1), new Deviation.Normal(MEAN, 3, 30, 5, choice), 1);
      assertThat(judged.outcome()).isEqualTo(Outcome.TOO_LITTLE_HISTORY);
      assertThat(judged.passed()).isEqualTo(choice != Unjudged.HALT);
      assertThat(judged.warns()).isEqualTo(choice != Unjudged.PASS);
      assertThat(judged)
          .hasToString(
              "x.mean: 1; too little history to judge: 2 versions, dataset:a.b@0 to dataset:a.b@1, and at least 5 are needed");
    }
    assertThat(judge(ofMeans(), new Deviation.AbsoluteChange(MEAN, 1, Unjudged.HALT), 1))
        .hasToString(
            "x.mean: 1; too little history to judge: no version, and at least 1 is needed");
  }

  /** A weekday is learned from the same weekdays only: here each seventh day is a quiet one. */
  @Test
  void aSeasonIsHeldAgainstItself() {
    List<Past> past = new ArrayList<>();
    for (int day = 0; day < 42; day++) {
      int rows = (day % 7 == 6 ? 100 : 10_000) + day % 5;
      past.add(Profiles.past(day, Profiles.numbers("x", new double[rows])));
    }
    History history = new History(past);
    DatasetProfile quiet = Profiles.of(Profiles.numbers("x", new double[101]));
    Deviation weekday = new Deviation.Seasonal(ROWS, Season.WEEKDAY, 3, 12, 4, Unjudged.HALT);
    assertThat(history.judge(weekday, quiet, Profiles.day(48)).passed()).isTrue();
    Judged monday = history.judge(weekday, quiet, Profiles.day(49));
    assertThat(monday.passed()).isFalse();
    assertThat(monday.learnedFrom())
        .extracting(version -> version.version())
        .containsExactly(0L, 7L, 14L, 21L, 28L, 35L);
    // All were at ten o'clock, and in January for long.
    assertThat(
            history
                .judge(
                    new Deviation.Seasonal(ROWS, Season.HOUR, 3, 12, 4, Unjudged.HALT),
                    quiet,
                    Profiles.day(49).plusSeconds(3600))
                .outcome())
        .isEqualTo(Outcome.TOO_LITTLE_HISTORY);
    assertThat(
            history
                .judge(
                    new Deviation.Seasonal(ROWS, Season.MONTH, 3, 12, 4, Unjudged.HALT),
                    quiet,
                    Profiles.day(370))
                .learnedFrom())
        .hasSize(12)
        .allSatisfy(version -> assertThat(version.version()).isLessThan(27));
  }

  @Test
  void aHistoryWithoutSpreadDoesNotStopForAHairsBreadth() {
    List<Past> past = new ArrayList<>();
    double[] values = IntStream.range(0, 1_000).mapToDouble(i -> i % 10).toArray();
    for (int i = 0; i < 6; i++) {
      past.add(Profiles.past(i, Profiles.numbers("x", values)));
    }
    History history = new History(past);
    double[] more = Arrays.copyOf(values, 1_010);
    double[] shifted = Arrays.stream(values).map(v -> v + 0.1).toArray();
    double[] far = Arrays.stream(values).map(v -> v + 1.0).toArray();
    for (var way : List.of(normal(ROWS), robust(ROWS))) {
      assertThat(history.judge(way, Profiles.of(Profiles.numbers("x", more)), Profiles.day(9)))
          .matches(Judged::passed);
      assertThat(
              history.judge(
                  way, Profiles.of(Profiles.numbers("x", new double[2_000])), Profiles.day(9)))
          .matches(judged -> !judged.passed());
    }
    for (String figure :
        List.of("x.mean", "x.median", "x.stddev", "x.min", "x.p05", "x.distinct")) {
      for (Deviation way : List.of(normal(Figure.parse(figure)), robust(Figure.parse(figure)))) {
        assertThat(history.judge(way, Profiles.of(Profiles.numbers("x", shifted)), Profiles.day(9)))
            .matches(Judged::passed, figure);
      }
    }
    assertThat(
            history.judge(normal(MEAN), Profiles.of(Profiles.numbers("x", far)), Profiles.day(9)))
        .matches(judged -> !judged.passed());

    // Never a null before: one in a thousand is chance, a hundred are not.
    Figure nulls = Figure.parse("x.null-fraction");
    assertThat(history.judge(normal(nulls), withNulls(values, 1), Profiles.day(9)).passed())
        .isTrue();
    assertThat(history.judge(normal(nulls), withNulls(values, 100), Profiles.day(9)).passed())
        .isFalse();
    // What was always the same may move by a thousandth.
    History same = ofMeans(5, 5, 5, 5, 5);
    assertThat(judge(same, normal(MEAN), 5.004).passed()).isTrue();
    assertThat(judge(same, robust(MEAN), 5.1).passed()).isFalse();
  }

  private static DatasetProfile withNulls(double[] values, int nulls) {
    ColumnAccumulator column = ColumnAccumulator.of("x", "double", ValueKind.REAL);
    for (int i = 0; i < values.length; i++) {
      if (i < nulls) {
        column.updateNull();
      } else {
        column.update(values[i]);
      }
    }
    return Profiles.of(column.profile());
  }

  @Test
  void whatCanNoLongerBeMeasuredDeviates() {
    ColumnAccumulator nulls = ColumnAccumulator.of("x", "double", ValueKind.REAL);
    nulls.updateNull();
    Judged judged =
        ofMeans(1, 1, 1, 1, 1).judge(normal(MEAN), Profiles.of(nulls.profile()), Profiles.day(9));
    assertThat(judged.outcome()).isEqualTo(Outcome.DEVIATES);
    assertThat(judged.observed()).isEqualTo("nothing to measure it by");

    assertThatThrownBy(
            () ->
                ofMeans(1)
                    .judge(
                        normal(Figure.parse("incme.mean")),
                        Profiles.of(Profiles.numbers("income", 1)),
                        Profiles.day(9)))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("incme.mean is of column 'incme', which the dataset does not have")
        .hasMessageContaining("income");
  }

  @Test
  void figuresAreReadByName() {
    DatasetProfile profile =
        Profiles.of(
            Profiles.numbers("a.b", 1, 2, 3, Double.NaN),
            Profiles.texts("t", "x", "yyy", null, "x"));
    assertThat(
            List.of(
                    "rows",
                    "a.b.mean",
                    "a.b.min",
                    "a.b.max",
                    "a.b.median",
                    "a.b.nan-fraction",
                    "a.b.distinct",
                    "t.null-fraction",
                    "t.min-length",
                    "t.max-length",
                    "t.distinct")
                .stream()
                .map(name -> Figure.parse(name).of(profile).orElseThrow()))
        .containsExactly(4.0, 2.0, 1.0, 3.0, 2.0, 0.25, 3.0, 0.25, 1.0, 3.0, 2.0);
    assertThat(Figure.parse("t.mean").of(profile)).isEmpty();
    assertThat(Figure.parse("a.b.mean")).hasToString("a.b.mean");
    assertThat(Figure.parse("bytes").of(profile)).isEmpty();
    DatasetProfile both = profile.withBytes(12L).merge(profile.withBytes(3L));
    assertThat(Figure.parse("bytes").of(both)).hasValue(15);
    assertThat(profile.withBytes(12L).merge(profile).bytes()).isNull();
    // What is kept for some figures gives these, and what takes no sketch.
    DatasetProfile few = profile.only(List.of(Figure.parse("a.b.median")));
    assertThat(few.json()).hasSizeLessThan(profile.json().length() * 2 / 3);
    assertThat(DatasetProfile.parse(few.json())).isEqualTo(few);
    for (String figure : List.of("rows", "a.b.mean", "a.b.median", "t.max-length")) {
      assertThat(Figure.parse(figure).of(few)).isEqualTo(Figure.parse(figure).of(profile));
    }
    assertThat(Figure.parse("t.distinct").of(few)).isEmpty();
    for (String wrong : List.of("income", "income.avarage", ".mean", "x.rows")) {
      assertThatThrownBy(() -> Figure.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "'%s' is not a figure of a profile: it is rows, bytes, or a column and one of null-fraction"
                  .formatted(wrong));
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new Deviation.Normal(MEAN, 0, 30, 5, Unjudged.WARN))
        .hasMessage("sigmas is more than 0, not 0.0");
    assertThatThrownBy(() -> new Deviation.Normal(MEAN, 3, 30, 1, Unjudged.WARN))
        .hasMessage("at-least is 2 or more, since one version shows no spread; it is 1");
    assertThatThrownBy(() -> new Deviation.Robust(MEAN, 3, 4, 5, Unjudged.WARN))
        .hasMessage("versions (4) is less than at-least (5)");
    assertThatThrownBy(() -> new Deviation.AbsoluteChange(MEAN, Double.NaN, Unjudged.WARN))
        .hasMessage("by is more than 0, not NaN");
  }
}
