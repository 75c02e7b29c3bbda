package dev.weir.report;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.Baselines;
import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Deviation;
import dev.weir.profile.Figure;
import dev.weir.profile.History;
import dev.weir.profile.Interval;
import dev.weir.profile.Judged;
import dev.weir.profile.Measure;
import dev.weir.profile.Past;
import dev.weir.profile.Unjudged;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the trends of a dataset's figures from its profiles. */
final class Trends {
  /** From how many versions a figure's usual range is learned. */
  static final int LEARNED_FROM = 30;

  private static final double DEVIATIONS = 4;
  private static final int AT_LEAST = 5;

  private static final List<Measure> SHOWN =
      List.of(
          Measure.NULL_FRACTION,
          Measure.NAN_FRACTION,
          Measure.DISTINCT,
          Measure.MIN,
          Measure.P05,
          Measure.MEDIAN,
          Measure.MEAN,
          Measure.P95,
          Measure.MAX,
          Measure.STDDEV,
          Measure.MIN_LENGTH,
          Measure.MEAN_LENGTH,
          Measure.MAX_LENGTH);

  /** What may be less than 0. */
  private static final Set<Measure> SIGNED =
      Set.of(Measure.MIN, Measure.P05, Measure.MEDIAN, Measure.MEAN, Measure.P95, Measure.MAX);

  private final List<Inspection> inspections;
  private final Map<Inspection, Inspections.Profiled> profiles;
  private final Baselines baselines;

  Trends(
      List<Inspection> inspections,
      Map<Inspection, Inspections.Profiled> profiles,
      Baselines baselines) {
    this.inspections = inspections;
    this.profiles = profiles;
    this.baselines = baselines;
  }

  /**
   * The versions of the same table before an inspection that a figure is held against: those that
   * were accepted, since its level was last taken for the new normal, and that one itself.
   */
  private History history(int place, Figure figure) {
    Inspection at = inspections.get(place);
    Inspections.Profiled now = profiles.get(at);
    OptionalLong begin = baselines.begin(at.dataset().version(), figure);
    Map<DatasetVersion, Past> past = new LinkedHashMap<>();
    for (Inspection inspection : inspections.subList(0, place)) {
      Inspections.Profiled then = profiles.get(inspection);
      long version = inspection.dataset().version();
      if (now != null
          && then != null
          && version >= begin.orElse(0)
          && (inspection.accepted() || version == begin.orElse(-1))
          && then.tableId().equals(now.tableId())
          && !inspection.dataset().equals(at.dataset())) {
        past.put(
            inspection.dataset(), new Past(inspection.dataset(), inspection.at(), then.profile()));
      }
    }
    return new History(List.copyOf(past.values()));
  }

  /** Those of everything that the last profile has a value of. */
  List<Trend> all() {
    List<Trend> trends = new ArrayList<>();
    DatasetProfile last = profile(inspections.size() - 1);
    trends.add(of(new Figure(null, Measure.ROWS)));
    for (ColumnProfile column : last.columns()) {
      for (Measure measure : SHOWN) {
        Figure figure = new Figure(column.name(), measure);
        if (figure.of(last).isPresent()) {
          Trend trend = of(figure);
          // What is never NaN is not worth a line.
          if (measure != Measure.NAN_FRACTION || ever(trend)) {
            trends.add(trend);
          }
        }
      }
    }
    return trends;
  }

  private static boolean ever(Trend trend) {
    return trend.points().stream().anyMatch(point -> point.value().orElse(0) > 0);
  }

  private DatasetProfile profile(int place) {
    return Objects.requireNonNull(profiles.get(inspections.get(place))).profile();
  }

  private Trend of(Figure figure) {
    Deviation.Robust robust =
        new Deviation.Robust(figure, DEVIATIONS, LEARNED_FROM, AT_LEAST, Unjudged.PASS);
    List<Trend.Point> points = new ArrayList<>();
    Judged judged = null;
    for (int i = 0; i < inspections.size(); i++) {
      Inspections.Profiled profiled = profiles.get(inspections.get(i));
      if (profiled == null
          || (figure.column() != null && profiled.profile().column(figure.column()).isEmpty())) {
        points.add(new Trend.Point(OptionalDouble.empty(), null));
        continue;
      }
      Inspection inspection = inspections.get(i);
      judged =
          asConfigured(
              possible(history(i, figure).judge(robust, profiled.profile(), inspection.at())),
              inspection);
      points.add(new Trend.Point(judged.value(), judged.expected()));
    }
    // The last profile has the column.
    return new Trend(figure, points, Objects.requireNonNull(judged));
  }

  /**
   * The same, expected where the gate itself expected it, if it held this figure of all rows
   * against the past. Of several such checks it is the first, those that failed before others.
   */
  private static Judged asConfigured(Judged judged, Inspection inspection) {
    Figure figure = judged.deviation().figure();
    return inspection.checks().stream()
        .filter(check -> Objects.equals(check.column(), figure.column()))
        .filter(check -> check.name().matches("\\S+ " + figure.measure().text()))
        .filter(check -> expected(check) != null)
        .min(Comparator.comparing(Fact.Check::passed))
        .map(
            check ->
                new Judged(judged.deviation(), judged.value(), expected(check), learnedFrom(check)))
        .orElse(judged);
  }

  private static @Nullable Interval expected(Fact.Check check) {
    Fact.Basis basis = check.basis();
    Double low = basis == null ? null : basis.low();
    Double high = basis == null ? null : basis.high();
    return low == null || high == null ? null : new Interval(low, high);
  }

  private static List<DatasetVersion> learnedFrom(Fact.Check check) {
    return Objects.requireNonNull(check.basis()).learnedFrom().stream()
        .map(reference -> (DatasetVersion) ArtifactVersion.parse(reference))
        .toList();
  }

  /** The same without what can't be: less than none. */
  private static Judged possible(Judged judged) {
    Interval expected = judged.expected();
    if (expected == null
        || expected.low() >= 0
        || SIGNED.contains(judged.deviation().figure().measure())) {
      return judged;
    }
    return new Judged(
        judged.deviation(),
        judged.value(),
        new Interval(0, Math.max(0, expected.high())),
        judged.learnedFrom());
  }
}
