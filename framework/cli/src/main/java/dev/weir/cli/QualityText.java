package dev.weir.cli;

import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnDrift;
import dev.weir.profile.Effect;
import dev.weir.profile.Interval;
import dev.weir.profile.Measure;
import dev.weir.report.DriftReport;
import dev.weir.report.Expectation;
import dev.weir.report.Inspection;
import dev.weir.report.QualityReport;
import dev.weir.report.Trend;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Draws the quality of a dataset in a terminal. */
final class QualityText {
  /** What is printed elsewhere is not cut. */
  private static final int ENDLESS = 1_000;

  private static final int WIDEST_TITLE = 34;
  private static final int LONGEST_LINE = 20;

  /** So many lines of drift that don't count are left out one by one. */
  private static final int FEW = 3;

  private final QualityReport report;
  private final PrintStream out;
  private final Ansi ansi;
  private final int width;

  QualityText(QualityReport report, PrintStream out, Ansi ansi) {
    this.report = report;
    this.out = out;
    this.ansi = ansi;
    this.width = ansi.terminal() ? ansi.columns() : ENDLESS;
  }

  void print() {
    head();
    checks();
    troubles();
    figures();
    drift();
    out.println();
    Inspection shown = report.shown();
    say(
        "",
        "./weir quality %s --html FILE draws all of it; ./weir show %s shows the run."
            .formatted(report.asked(), shown.run()),
        ansi::dim);
  }

  // --- What it is about

  private void head() {
    Inspection shown = report.shown();
    String name =
        report.asked().equals(shown.dataset().name()) || shown.published() == null
            ? shown.dataset().reference()
            : shown.published();
    out.println(
        "%s  %s"
            .formatted(
                ansi.bold(StageText.bare(name)),
                shown.accepted() ? ansi.green("accepted") : ansi.red("not accepted")));
    String published = shown.published();
    say(
        "  ",
        "%s looked at %s%s%s, %s UTC, in run %s"
            .formatted(
                shown.gate(),
                StageText.bare(shown.dataset().reference()),
                rows(),
                published == null ? "" : " and published " + StageText.bare(published),
                Text.time(shown.at()),
                shown.run()),
        text -> text);
    for (var other : report.others()) {
      say("  ", "%s looks at it too".formatted(other), ansi::dim);
    }
  }

  private String rows() {
    return Optional.ofNullable(report.profile())
        .map(profile -> " (" + Text.count(profile.rows(), "row") + ")")
        .orElse("");
  }

  // --- Checks

  private void checks() {
    out.println();
    List<Expectation> failed = report.failed();
    int all = report.expectations().size();
    title("checks", "%d of %d hold; %s".formatted(all - failed.size(), all, range()));
    List<Expectation> ordered = new ArrayList<>(failed);
    report.expectations().stream().filter(each -> each.last().passed()).forEach(ordered::add);
    int title =
        Math.min(
            WIDEST_TITLE, ordered.stream().mapToInt(each -> length(each.title())).max().orElse(0));
    for (Expectation each : ordered) {
      Fact.Check last = each.last();
      List<String> facts = new ArrayList<>();
      if (last.severity().equals("warn")) {
        facts.add("warns only");
      }
      if (last.owner() != null) {
        facts.add("for " + last.owner());
      }
      Optional.ofNullable(report.acceptance(last)).ifPresent(facts::add);
      facts.add(last.observed());
      if (!last.passed()) {
        facts.add(last.expected());
      }
      line(
          mark(last),
          Text.fitMiddle(each.title(), title),
          title,
          trend(each),
          String.join("; ", facts));
    }
  }

  private String range() {
    DatasetVersion first = report.inspections().get(0).dataset();
    DatasetVersion last = report.shown().dataset();
    int times = report.inspections().size();
    return times == 1
        ? "looked at once"
        : "from %s to @%d, %d times"
            .formatted(StageText.bare(first.reference()), last.version(), times);
  }

  private String mark(Fact.Check check) {
    return check.passed() ? ansi.green("✓") : check.halts() ? ansi.red("✗") : ansi.yellow("!");
  }

  private String trend(Expectation each) {
    List<OptionalDouble> values =
        each.results().stream()
            .map(result -> result.map(QualityText::value).orElse(OptionalDouble.empty()))
            .toList();
    List<String> bars = Sparkline.of(values);
    return drawn(bars, i -> each.results().get(i).map(check -> !check.passed()).orElse(false));
  }

  /** What is drawn of a check; one without a number, such as of the schema, holds or does not. */
  static OptionalDouble value(Fact.Check check) {
    Double value = check.value();
    return OptionalDouble.of(value != null ? value : check.passed() ? 0 : 1);
  }

  /** The last of the bars, those in red that are wrong. */
  private String drawn(List<String> bars, IntPredicate wrong) {
    int from = Math.max(0, bars.size() - trendWidth());
    return IntStream.range(from, bars.size())
        .mapToObj(i -> wrong.test(i) ? ansi.red(bars.get(i)) : bars.get(i))
        .reduce("", String::concat);
  }

  private int widestTitle() {
    return Math.min(WIDEST_TITLE, width / 3);
  }

  private int trendWidth() {
    int longest = width < 100 ? LONGEST_LINE / 2 : LONGEST_LINE;
    return Math.min(longest, report.inspections().size());
  }

  /** A line of a table, whose last cell is cut where the terminal ends. */
  private void line(String mark, String title, int titleWidth, String trend, String rest) {
    int left = 2 + 2 + titleWidth + 2 + trendWidth() + 2;
    out.println(
        "  %s %s  %s  %s"
            .formatted(
                mark,
                Text.pad(Text.fit(title, titleWidth), titleWidth),
                trend,
                Text.fit(rest, width - left))
            .stripTrailing());
  }

  // --- What failed

  private void troubles() {
    List<Expectation> troubled = report.troubled();
    if (troubled.isEmpty()) {
      return;
    }
    out.println();
    out.println(ansi.bold("failed first"));
    for (Expectation each : troubled) {
      Expectation.Trouble trouble = Objects.requireNonNull(each.trouble());
      Inspection over = trouble.over();
      Inspection first = trouble.first();
      out.println(
          "  %s %s".formatted(over == null ? mark(each.last()) : ansi.dim("·"), each.title()));
      say(
          "      ",
          "first in %s, %s UTC, run %s"
              .formatted(
                  StageText.bare(first.dataset().reference()), Text.time(first.at()), first.run()),
          text -> text);
      say("      ", trouble.found().observed() + "; " + trouble.found().expected(), text -> text);
      String owner = each.last().owner();
      if (over != null) {
        say(
            "      ",
            "holds again since %s".formatted(StageText.bare(over.dataset().reference())),
            ansi::dim);
      } else {
        if (!first.equals(report.shown())) {
          say("      ", "now %s".formatted(each.last().observed()), text -> text);
        }
        say(
            "      ",
            "%s%s"
                .formatted(
                    fate(each.last()), owner == null ? "" : "; " + owner + " looks after it"),
            ansi::dim);
      }
    }
  }

  /** What comes of a check that fails. */
  private String fate(Fact.Check check) {
    String acceptance = report.acceptance(check);
    return acceptance != null
        ? acceptance
        : check.halts() ? "halts what comes after" : "warns only";
  }

  // --- Figures

  private void figures() {
    if (report.trends().isEmpty()) {
      return;
    }
    out.println();
    List<Trend> deviating = report.deviating();
    title(
        "figures",
        deviating.isEmpty()
            ? report.trends().stream().allMatch(trend -> trend.judged().expected() == null)
                ? "too few versions to judge them by"
                : "each where it was before"
            : "%s not where expected".formatted(Text.count(deviating.size())));
    List<Trend> shown = new ArrayList<>(deviating);
    report.trends().stream()
        .filter(trend -> !trend.deviates() && principal(trend))
        .forEach(shown::add);
    int title =
        Math.min(
            widestTitle(),
            shown.stream().mapToInt(each -> length(each.figure().toString())).max().orElse(0));
    int number = shown.stream().mapToInt(each -> length(now(each))).max().orElse(0);
    for (Trend each : shown) {
      List<Trend.Point> points = each.points();
      String trend =
          drawn(
              Sparkline.of(points.stream().map(Trend.Point::value).toList()),
              i -> wrong(points.get(i)));
      line(
          each.deviates() ? ansi.red("✗") : " ",
          each.figure().toString(),
          title,
          trend,
          " ".repeat(number - length(now(each))) + now(each) + "  " + expected(each));
    }
  }

  /** Each column has a line, and more only where something is odd. */
  private boolean principal(Trend trend) {
    String column = trend.figure().column();
    if (column == null) {
      return true;
    }
    List<Measure> measures =
        report.trends().stream()
            .filter(each -> column.equals(each.figure().column()))
            .map(each -> each.figure().measure())
            .toList();
    Measure first =
        measures.contains(Measure.MEAN)
            ? Measure.MEAN
            : measures.contains(Measure.DISTINCT) ? Measure.DISTINCT : Measure.NULL_FRACTION;
    boolean nulls =
        trend.figure().measure() == Measure.NULL_FRACTION
            && trend.points().stream().anyMatch(point -> point.value().orElse(0) > 0);
    return trend.figure().measure() == first || nulls;
  }

  private static boolean wrong(Trend.Point point) {
    Interval expected = point.expected();
    return expected != null
        && point.value().isPresent()
        && !expected.contains(point.value().getAsDouble());
  }

  private static String now(Trend trend) {
    OptionalDouble value = trend.judged().value();
    return value.isPresent() ? Text.metric(value.getAsDouble()) : "none";
  }

  private String expected(Trend trend) {
    Interval expected = trend.judged().expected();
    return expected == null
        ? ansi.dim(
            "too little history: %s of %d"
                .formatted(
                    Text.count(trend.judged().learnedFrom().size()),
                    trend.judged().deviation().atLeast()))
        : "%s to %s".formatted(Text.metric(expected.low()), Text.metric(expected.high()));
  }

  // --- Drift

  private void drift() {
    DriftReport drift = report.drift();
    if (report.profile() == null) {
      return;
    }
    out.println();
    if (drift == null) {
      title("drift", "not looked for: nothing was accepted before");
      return;
    }
    title("drift", "from %s, %s".formatted(StageText.bare(drift.reference()), drift.why()));
    List<ColumnDrift> drifted = drift.columns().stream().filter(ColumnDrift::drifted).toList();
    List<ColumnDrift> few =
        drift.columns().stream()
            .filter(each -> each.outcome() == ColumnDrift.Outcome.TOO_FEW)
            .toList();
    int title =
        Math.min(widestTitle(), drifted.stream().mapToInt(d -> length(d.column())).max().orElse(0));
    for (ColumnDrift each : drifted) {
      out.println(
          "  %s %s  %s"
              .formatted(
                  ansi.red("✗"),
                  Text.pad(Text.fit(each.column(), title), title),
                  Text.fit(words(each), width - 6 - title)));
    }
    int same = drift.columns().size() - drifted.size() - few.size();
    if (same > 0) {
      List<String> names =
          drift.columns().stream()
              .filter(each -> each.outcome() == ColumnDrift.Outcome.SAME)
              .map(ColumnDrift::column)
              .toList();
      say(
          "  ",
          names.size() <= FEW
              ? "no drift in %s".formatted(String.join(", ", names))
              : "no drift in %s".formatted(Text.count(same, "column")),
          ansi::dim);
    }
    if (!few.isEmpty()) {
      say(
          "  ",
          "too few values to say of %s"
              .formatted(String.join(", ", few.stream().map(ColumnDrift::column).toList())),
          ansi::dim);
    }
  }

  /** The largest effects of a drift, or what else there is to say. */
  static String words(ColumnDrift drift) {
    return switch (drift.outcome()) {
      case ADDED -> "is new";
      case MISSING -> "is gone";
      case RETYPED -> "is of another type";
      case TOO_FEW -> "has too few values to say";
      case SAME, DRIFTED ->
          String.join(
              ", ",
              drift.effects().stream()
                  .sorted(Comparator.comparingDouble(effect -> -effect.value() / effect.limit()))
                  .filter(effect -> effect.large() || drift.effects().size() == 1)
                  .map(QualityText::words)
                  .toList());
    };
  }

  private static String words(Effect effect) {
    return "%s %s (from %s on)"
        .formatted(effect.kind().text(), Text.metric(effect.value()), Text.metric(effect.limit()));
  }

  // --- Lines

  /** Prints text, in several lines where it is wider than the terminal. */
  private void say(String margin, String text, UnaryOperator<String> paint) {
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0
          && length(margin) + length(line.toString()) + 1 + length(word) > width) {
        out.println(margin + paint.apply(line.toString()));
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(word);
    }
    out.println(margin + paint.apply(line.toString()));
  }

  /** Prints what follows, and what there is to say of it as a whole. */
  private void title(String name, String text) {
    say(
        "",
        name + "  " + text,
        line ->
            line.startsWith(name + "  ")
                ? ansi.bold(name) + ansi.dim(line.substring(name.length()))
                : ansi.dim(line));
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.codePointCount(0, text.length());
  }
}
