package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.Frequencies;
import dev.weir.profile.Interval;
import dev.weir.profile.Quantiles;
import dev.weir.report.Expectation;
import dev.weir.report.Inspection;
import dev.weir.report.Trend;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Draws what is in a column, and how figures and checks went over time. */
final class QualityCharts {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 120;
  private static final int BINS = 32;

  /** A column of numbers with no more different ones has a bar for each. */
  private static final int BARS = 24;

  private static final int VALUES = 10;

  private QualityCharts() {}

  // --- What is in a column

  /**
   * The distribution of a column beside that of the reference; empty where nothing is known of it.
   *
   * @param before the reference's column, or null for none
   */
  static String distribution(ColumnProfile now, @Nullable ColumnProfile before) {
    Frequencies frequent = now.frequent();
    if (frequent != null && (now.quantiles() == null || few(frequent))) {
      boolean ordered = now.kind().isOrdered() && few(frequent);
      return ordered
          ? bars(now, frequent, before)
          : values(now, frequent, before == null ? null : before.frequent());
    }
    Quantiles quantiles = now.quantiles();
    return quantiles == null
        ? ""
        : histogram(now, quantiles, before == null ? null : before.quantiles());
  }

  private static boolean few(Frequencies frequent) {
    return frequent.exact() && frequent.items().size() <= BARS;
  }

  /** A bar for each of few numbers or days. */
  private static String bars(
      ColumnProfile now, Frequencies frequent, @Nullable ColumnProfile before) {
    Frequencies reference = before == null ? null : before.frequent();
    Map<String, Double> there = shares(reference);
    List<String> names = new ArrayList<>(shares(frequent).keySet());
    there.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
    names.sort(
        now.kind().isNumber()
            ? Comparator.comparingDouble(Double::parseDouble)
            : Comparator.naturalOrder());
    Map<String, Double> here = shares(frequent);
    double[] heights = names.stream().mapToDouble(n -> here.getOrDefault(n, 0.0)).toArray();
    double[] others = names.stream().mapToDouble(n -> there.getOrDefault(n, 0.0)).toArray();
    List<String> titles = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      titles.add(
          "%s: %s%s"
              .formatted(
                  names.get(i),
                  percent(heights[i]),
                  reference == null ? "" : ", in the reference " + percent(others[i])));
    }
    return columns(
        now.name(),
        heights,
        reference == null ? null : others,
        titles,
        names.get(0),
        names.get(names.size() - 1));
  }

  private static Map<String, Double> shares(@Nullable Frequencies frequent) {
    Map<String, Double> shares = new HashMap<>();
    if (frequent != null) {
      frequent
          .items()
          .forEach(item -> shares.put(item.value(), (double) item.count() / frequent.total()));
    }
    return shares;
  }

  /** A bar for each of bins of equal width, the outermost of which hold what is beyond. */
  private static String histogram(
      ColumnProfile now, Quantiles quantiles, @Nullable Quantiles reference) {
    double[] here = quantiles.quantiles(0, 0.01, 0.99, 1);
    double[] there = reference == null ? here : reference.quantiles(0, 0.01, 0.99, 1);
    double inner = Math.min(here[1], there[1]);
    double outer = Math.max(here[2], there[2]);
    double room = (outer - inner) / 8;
    double low = Math.max(Math.min(here[0], there[0]), inner - room);
    double high = Math.min(Math.max(here[3], there[3]), outer + room);
    if (!(low < high) || !Double.isFinite(high - low)) {
      return "";
    }
    double[] heights = shares(quantiles.histogram(low, high, BINS));
    double[] others = reference == null ? null : shares(reference.histogram(low, high, BINS));
    List<String> titles = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      double from = low + (high - low) * i / BINS;
      double to = low + (high - low) * (i + 1) / BINS;
      titles.add(
          "%s to %s: %s%s"
              .formatted(
                  i == 0 && here[0] < low ? number(now, here[0]) : number(now, from),
                  i == BINS - 1 && here[3] > high ? number(now, here[3]) : number(now, to),
                  percent(heights[i]),
                  others == null ? "" : ", in the reference " + percent(others[i])));
    }
    return columns(
        now.name(),
        heights,
        others,
        titles,
        (here[0] < low ? "≤ " : "") + number(now, low),
        (here[3] > high ? "≥ " : "") + number(now, high));
  }

  private static double[] shares(long[] counts) {
    double all = 0;
    for (long count : counts) {
      all += count;
    }
    double[] shares = new double[counts.length];
    for (int i = 0; i < counts.length; i++) {
      shares[i] = counts[i] / all;
    }
    return shares;
  }

  private static String columns(
      String name,
      double[] heights,
      double @Nullable [] others,
      List<String> titles,
      String first,
      String last) {
    Svg svg = new Svg(WIDTH, HEIGHT, "histogram", "distribution of " + name);
    double bottom = HEIGHT - 16;
    double most = 0;
    for (int i = 0; i < heights.length; i++) {
      most = Math.max(most, Math.max(heights[i], others == null ? 0 : others[i]));
    }
    double scale = (bottom - 4) / most;
    double step = (double) WIDTH / heights.length;
    double gap = Math.min(2, step / 8);
    StringBuilder outline = new StringBuilder();
    for (int i = 0; i < heights.length; i++) {
      double height = heights[i] * scale;
      svg.rectangle(i * step + gap / 2, bottom - height, step - gap, height, "bar", null);
      if (others != null) {
        double other = bottom - others[i] * scale;
        outline.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1fH%.1f",
                i == 0 ? "M" : "L",
                i * step,
                other,
                (i + 1) * step));
      }
    }
    if (others != null) {
      svg.path(outline.toString(), "reference");
    }
    // Over the whole height, so that a bar of no height has its words too.
    for (int i = 0; i < heights.length; i++) {
      svg.rectangle(i * step, 0, step, bottom, "over", titles.get(i));
    }
    svg.text(0, HEIGHT - 3, "start", "axis", first);
    svg.text(WIDTH, HEIGHT - 3, "end", "axis", last);
    return svg.html();
  }

  /** A line for each of the most frequent values. */
  private static String values(
      ColumnProfile now, Frequencies frequent, @Nullable Frequencies reference) {
    List<Frequencies.Item> items = frequent.items().stream().limit(VALUES).toList();
    if (items.isEmpty()) {
      return "";
    }
    Map<String, Double> there = shares(reference);
    double most =
        Math.max(
            (double) items.get(0).count() / frequent.total(),
            items.stream().mapToDouble(i -> there.getOrDefault(i.value(), 0.0)).max().orElse(0));
    int line = 18;
    double left = 120;
    double width = WIDTH - left - 46;
    Svg svg = new Svg(WIDTH, line * items.size() + 4.0, "values", "values of " + now.name());
    for (int i = 0; i < items.size(); i++) {
      Frequencies.Item item = items.get(i);
      double share = (double) item.count() / frequent.total();
      double other = there.getOrDefault(item.value(), 0.0);
      double y = (double) i * line + 2;
      String shown = item.value().isBlank() ? "“" + item.value() + "”" : item.value();
      svg.text(left - 6, y + 12, "end", "label", Text.fit(shown, 18));
      svg.rectangle(left, y + 2, width * share / most, line - 5.0, "bar", null);
      if (reference != null) {
        svg.rectangle(left + width * other / most - 1, y, 2, line - 1.0, "mark", null);
      }
      svg.text(
          left + width * Math.max(share, other) / most + 5,
          y + 12,
          "start",
          "axis",
          percent(share));
      svg.rectangle(
          0,
          y,
          WIDTH,
          line,
          "over",
          "%s: %s%s%s"
              .formatted(
                  shown,
                  frequent.exact() ? "" : "at least ",
                  Text.count(item.count(), "time"),
                  reference == null ? "" : ", in the reference " + percent(other)));
    }
    return svg.html();
  }

  // --- Over time

  /** A figure at each inspection, with the band in which it was expected. */
  static String trend(Trend trend, List<Inspection> inspections) {
    double height = 78;
    Svg svg = new Svg(WIDTH, height, "trend", trend.figure() + " over time");
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Trend.Point point : trend.points()) {
      double value = point.value().orElse(Double.NaN);
      if (Double.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      Interval expected = point.expected();
      if (expected != null) {
        low = Math.min(low, expected.low());
        high = Math.max(high, expected.high());
      }
    }
    if (!(low <= high)) {
      return svg.html();
    }
    double bottom = low;
    double range = high > low ? high - low : 1;
    int last = trend.points().size() - 1;
    double left = 6;
    double step = last == 0 ? 0 : (WIDTH - 12.0) / last;
    DoubleUnaryOperator y = value -> height - 8 - (value - bottom) / range * (height - 16);
    band(svg, trend, i -> left + i * step, y);
    StringBuilder line = new StringBuilder();
    boolean gap = true;
    for (int i = 0; i <= last; i++) {
      double value = trend.points().get(i).value().orElse(Double.NaN);
      if (Double.isFinite(value)) {
        line.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1f",
                gap ? "M" : "L",
                left + i * step,
                y.applyAsDouble(value)));
      }
      gap = !Double.isFinite(value);
    }
    svg.path(line.toString(), "line");
    for (int i = 0; i <= last; i++) {
      Trend.Point point = trend.points().get(i);
      double value = point.value().orElse(Double.NaN);
      if (Double.isFinite(value)) {
        Interval expected = point.expected();
        boolean wrong = expected != null && !expected.contains(value);
        svg.circle(
            left + i * step,
            y.applyAsDouble(value),
            i == last ? 4 : 3,
            wrong ? "point bad" : "point",
            "%s: %s%s"
                .formatted(
                    when(inspections.get(i)),
                    Text.metric(value),
                    expected == null
                        ? ""
                        : ", expected %s to %s"
                            .formatted(Text.metric(expected.low()), Text.metric(expected.high()))));
      }
    }
    return svg.html();
  }

  private static void band(Svg svg, Trend trend, IntToDoubleFunction x, DoubleUnaryOperator y) {
    List<String> above = new ArrayList<>();
    List<String> below = new ArrayList<>();
    for (int i = 0; i <= trend.points().size(); i++) {
      Interval expected = i == trend.points().size() ? null : trend.points().get(i).expected();
      if (expected != null) {
        above.add(at(x.applyAsDouble(i), y.applyAsDouble(expected.high())));
        below.add(0, at(x.applyAsDouble(i), y.applyAsDouble(expected.low())));
      } else if (!above.isEmpty()) {
        above.addAll(below);
        svg.path("M" + String.join("L", above) + "Z", "band");
        above.clear();
        below.clear();
      }
    }
  }

  private static String at(double x, double y) {
    return String.format(Locale.ROOT, "%.1f %.1f", x, y);
  }

  /** What a check found each time: how high, and whether it held. */
  static String results(Expectation expectation, List<Inspection> inspections) {
    int bar = 7;
    double height = 26;
    List<Optional<Fact.Check>> results = expectation.results();
    double[] values = new double[results.size()];
    double least = 0;
    double most = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] =
          results
              .get(i)
              .map(check -> QualityText.value(check))
              .orElse(OptionalDouble.empty())
              .orElse(0);
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    Svg svg =
        new Svg(
            (double) bar * values.length, height, "results", expectation.title() + " over time");
    for (int i = 0; i < values.length; i++) {
      Fact.Check check = results.get(i).orElse(null);
      if (check == null) {
        continue;
      }
      double tall = most > least ? (values[i] - least) / (most - least) * (height - 5) : 0;
      svg.rectangle(
          (double) i * bar,
          height - 3 - tall,
          bar - 2.0,
          3 + tall,
          check.passed() ? "held" : check.halts() ? "broken" : "warned",
          "%s: %s".formatted(when(inspections.get(i)), check.observed()));
    }
    return svg.html();
  }

  private static String when(Inspection inspection) {
    return "%s, %s UTC%s"
        .formatted(
            StageText.bare(inspection.dataset().reference()),
            Text.time(inspection.at()),
            inspection.accepted() ? "" : ", not accepted");
  }

  // --- Words

  static String percent(double share) {
    double percent = share * 100;
    return percent > 0 && percent < 0.1
        ? "< 0.1 %"
        : String.format(Locale.ROOT, "%.1f %%", percent);
  }

  /** How often chance alone would make a difference so large. */
  static String chance(double chance) {
    return chance < 1e-12 ? "never" : String.format(Locale.ROOT, "%.2g", chance);
  }

  /** A number of a column; of dates and times what it stands for. */
  static String number(ColumnProfile column, double value) {
    return switch (column.kind()) {
      case DATE -> LocalDate.ofEpochDay(Math.round(value)).toString();
      case TIMESTAMP -> Text.time(Instant.EPOCH.plus(Math.round(value), ChronoUnit.MICROS));
      default -> Text.metric(value);
    };
  }
}
