package dev.weir.cli;

import static dev.weir.cli.Svg.escape;

import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnDrift;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Effect;
import dev.weir.profile.Interval;
import dev.weir.profile.Measure;
import dev.weir.profile.Moments;
import dev.weir.report.DriftReport;
import dev.weir.report.Expectation;
import dev.weir.report.Inspection;
import dev.weir.report.QualityReport;
import dev.weir.report.Trend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The quality of a dataset as a page of HTML that needs nothing else. */
final class QualityPage {
  /** What is drawn of each column that has it; the rest only where it is not where expected. */
  private static final Set<Measure> DRAWN =
      Set.of(
          Measure.MEAN,
          Measure.MEDIAN,
          Measure.STDDEV,
          Measure.DISTINCT,
          Measure.NULL_FRACTION,
          Measure.MEAN_LENGTH);

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ground: #fbfbfa; --card: #ffffff; --ink: #1c2024; --soft: #626a73;
        --edge: #e2e4e7; --bar: #7aa5d2; --line: #2f6fb0; --band: #d6e4f3; --good: #2b8a57; --bad: #c0392b;
        --warn: #b7791f; --reference: #d9822b; --bad-ground: #fdf0ee; }
      @media (prefers-color-scheme: dark) {
        :root { --ground: #14171a; --card: #1c2024; --ink: #e6e8ea; --soft: #9aa3ac; --edge: #30363c;
          --bar: #4a78a8; --line: #7fb2e5; --band: #26384a; --good: #57c08a; --bad: #f0776a; --warn: #e0a84a;
          --reference: #f0a35a; --bad-ground: #33201e; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--ground); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
      main { max-width: 1160px; margin: 0 auto; padding: 32px 20px 64px; }
      h1 { font-size: 1.7rem; margin: 0; overflow-wrap: anywhere; }
      h2 { font-size: 1.15rem; margin: 40px 0 12px; }
      h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
      p { margin: 4px 0; }
      .soft { color: var(--soft); }
      .small { font-size: .85rem; }
      .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
      .verdict { display: inline-block; padding: 2px 12px; border-radius: 99px; font-weight: 600;
        border: 1px solid currentColor; font-size: .9rem; margin-left: 8px; vertical-align: 4px; }
      .tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); margin-top: 20px; }
      .tile, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 14px 16px; }
      .tile b { display: block; font-size: 1.5rem; line-height: 1.2; font-weight: 650; }
      .cards { display: grid; gap: 12px; }
      .card.broken { border-left: 4px solid var(--bad); background: var(--bad-ground); }
      .card.over { border-left: 4px solid var(--edge); }
      .card.warned { border-left: 4px solid var(--warn); }
      .scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
      table { border-collapse: collapse; width: 100%; font-size: .9rem; }
      th { text-align: left; font-weight: 600; color: var(--soft); white-space: nowrap; }
      th, td { padding: 8px 12px; border-bottom: 1px solid var(--edge); vertical-align: top; }
      tr:last-child td { border-bottom: 0; }
      td.name { font-weight: 550; overflow-wrap: break-word; min-width: 130px; max-width: 320px; }
      td.words { min-width: 190px; }
      td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
      .column { display: grid; gap: 20px; grid-template-columns: minmax(0, 340px) minmax(0, 1fr); }
      .column > div { min-width: 0; }
      .trends { display: grid; gap: 14px 20px; grid-template-columns: repeat(auto-fill, minmax(min(240px, 100%), 1fr)); align-content: start; }
      @media (max-width: 760px) { .column { grid-template-columns: minmax(0, 1fr); } main { padding: 20px 12px 48px; } }
      figure { margin: 0; min-width: 0; }
      figcaption { font-size: .82rem; margin-bottom: 2px; }
      svg { display: block; width: 100%; height: auto; }
      svg.histogram, svg.values { max-width: 340px; margin-top: 10px; }
      svg.results { width: auto; height: 26px; }
      svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
      svg text.label { fill: var(--ink); }
      .bar { fill: var(--bar); } .mark { fill: var(--reference); }
      .reference { fill: none; stroke: var(--reference); stroke-width: 1.6; }
      .over { fill: transparent; } rect.over:hover { fill: var(--ink); fill-opacity: .08; }
      .band { fill: var(--band); } .line { fill: none; stroke: var(--line); stroke-width: 1.6; }
      .point { fill: var(--line); } .point.bad { fill: var(--bad); }
      rect.held { fill: var(--good); fill-opacity: .75; } rect.broken { fill: var(--bad); } rect.warned { fill: var(--warn); }
      .key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 10px; }
      code { font: .9em ui-monospace, SFMono-Regular, Menlo, monospace; }
      footer { margin-top: 40px; }
      """;

  private final QualityReport report;
  private final StringBuilder html = new StringBuilder();
  private final Map<String, ColumnDrift> drifts = new HashMap<>();

  QualityPage(QualityReport report) {
    this.report = report;
    DriftReport drift = report.drift();
    if (drift != null) {
      drift.columns().forEach(each -> drifts.put(each.column(), each));
    }
  }

  String html() {
    add(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s: quality</title>
        <style>
        %s</style></head><body><main>
        """,
        escape(name()), STYLE);
    head();
    troubles();
    checks();
    drift();
    whole();
    columns();
    history();
    add(
        """
        <footer class="soft small">Drawn by <code>./weir quality %s</code> from what the home's lineage says. \
        Bands: four median absolute deviations around the median of the versions accepted before.</footer>
        </main></body></html>
        """,
        escape(report.asked().toString()));
    return html.toString();
  }

  private String name() {
    Inspection shown = report.shown();
    String published = shown.published();
    return StageText.bare(
        published == null || report.asked().equals(shown.dataset().name())
            ? shown.dataset().reference()
            : published);
  }

  // --- Head

  private void head() {
    Inspection shown = report.shown();
    String published = shown.published();
    add(
        "<h1>%s<span class=\"verdict %s\">%s</span></h1>\n",
        escape(name()),
        shown.accepted() ? "good" : "bad",
        shown.accepted() ? "accepted" : "not accepted");
    add(
        "<p class=\"soft\">%s looked at %s%s on %s UTC, in run <code>%s</code>.</p>\n",
        escape(shown.gate().toString()),
        escape(StageText.bare(shown.dataset().reference())),
        published == null ? "" : " and published " + escape(StageText.bare(published)),
        Text.time(shown.at()),
        escape(shown.run()));
    add("<div class=\"tiles\">");
    DatasetProfile profile = report.profile();
    if (profile != null) {
      tile(Text.count(profile.rows()), "rows", "");
      tile(Text.count(profile.columns().size()), "columns", "");
    }
    int all = report.expectations().size();
    long halting = report.failed().stream().filter(each -> each.last().halts()).count();
    int failed = report.failed().size();
    tile(
        "%d of %d".formatted(all - failed, all),
        "checks hold",
        halting > 0 ? "bad" : failed > 0 ? "warn" : "good");
    if (!report.trends().isEmpty()) {
      int deviating = report.deviating().size();
      tile(Text.count(deviating), "figures not where expected", deviating > 0 ? "bad" : "good");
    }
    DriftReport drift = report.drift();
    if (drift != null) {
      long drifted = drift.columns().stream().filter(ColumnDrift::drifted).count();
      tile(Text.count(drifted), "columns drifted", drifted > 0 ? "bad" : "good");
    }
    add("</div>\n");
  }

  private void tile(String number, String words, String kind) {
    add(
        "<div class=\"tile\"><b class=\"%s\">%s</b><span class=\"soft\">%s</span></div>",
        kind, number, words);
  }

  // --- Checks

  private void troubles() {
    List<Expectation> troubled = report.troubled();
    if (troubled.isEmpty()) {
      return;
    }
    add("<h2>What failed first</h2>\n<div class=\"cards\">");
    for (Expectation each : troubled) {
      Expectation.Trouble trouble = Objects.requireNonNull(each.trouble());
      Inspection over = trouble.over();
      Fact.Check last = each.last();
      add(
          "<div class=\"card %s\"><h3>%s</h3>",
          over != null ? "over" : last.halts() ? "broken" : "warned", escape(each.title()));
      add("<p>%s; %s.</p>", escape(trouble.found().observed()), escape(trouble.found().expected()));
      add(
          "<p class=\"soft small\">First in %s, %s UTC, run <code>%s</code>.",
          escape(StageText.bare(trouble.first().dataset().reference())),
          Text.time(trouble.first().at()),
          escape(trouble.first().run()));
      if (over != null) {
        add(" It holds again since %s.", escape(StageText.bare(over.dataset().reference())));
      } else if (!trouble.first().equals(report.shown())) {
        add(" Now %s.", escape(last.observed()));
      }
      String acceptance = report.acceptance(last);
      if (acceptance != null) {
        add(" It was %s.", escape(acceptance));
      }
      if (last.owner() != null) {
        add(" %s looks after it.", escape(last.owner()));
      }
      add("</p></div>");
    }
    add("</div>\n");
  }

  private void checks() {
    add(
        "<h2>Checks</h2>\n<div class=\"scroll\"><table><tr><th></th><th>check</th><th>over time</th><th>found</th><th>expected</th><th>owner</th></tr>");
    List<Expectation> ordered = new ArrayList<>(report.failed());
    report.expectations().stream().filter(each -> each.last().passed()).forEach(ordered::add);
    for (Expectation each : ordered) {
      Fact.Check last = each.last();
      String owner = last.owner();
      add(
          "<tr><td class=\"%s\">%s</td><td class=\"name\">%s%s</td><td>%s</td><td class=\"words\">%s</td><td class=\"words soft\">%s</td><td class=\"soft\">%s</td></tr>\n",
          last.passed() ? "good" : last.halts() ? "bad" : "warn",
          last.passed() ? "✓" : last.halts() ? "✗" : "!",
          escape(each.title()),
          last.severity().equals("warn") ? " <span class=\"soft small\">warns only</span>" : "",
          QualityCharts.results(each, report.inspections()),
          escape(last.observed()),
          escape(last.expected()),
          owner == null ? "" : escape(owner));
    }
    add("</table></div>\n");
  }

  // --- Drift

  private void drift() {
    DriftReport drift = report.drift();
    if (report.profile() == null) {
      return;
    }
    if (drift == null) {
      add("<h2>Drift</h2>\n<p class=\"soft\">Not looked for: nothing was accepted before.</p>\n");
      return;
    }
    add(
        "<h2>Drift</h2>\n<p class=\"soft\">Held against %s, %s.</p>\n",
        escape(StageText.bare(drift.reference())), escape(drift.why()));
    List<ColumnDrift> ordered =
        drift.columns().stream()
            .sorted(
                Comparator.comparing((ColumnDrift each) -> !each.drifted())
                    .thenComparing(each -> -largest(each)))
            .toList();
    add(
        "<div class=\"scroll\"><table><tr><th></th><th>column</th><th>largest difference</th><th>counts from</th><th>all differences</th><th>by chance</th></tr>");
    for (ColumnDrift each : ordered) {
      Effect worst =
          each.effects().stream().max(Comparator.comparingDouble(QualityPage::part)).orElse(null);
      add(
          "<tr><td class=\"%s\">%s</td><td class=\"name\">%s</td><td class=\"number\">%s</td><td class=\"number soft\">%s</td><td class=\"words soft small\">%s</td><td class=\"number soft\">%s</td></tr>\n",
          each.drifted() ? "bad" : each.outcome() == ColumnDrift.Outcome.SAME ? "good" : "soft",
          each.drifted() ? "✗" : each.outcome() == ColumnDrift.Outcome.SAME ? "✓" : "?",
          escape(each.column()),
          worst == null
              ? escape(QualityText.words(each))
              : "%s %s".formatted(escape(worst.kind().text()), Text.metric(worst.value())),
          worst == null ? "" : Text.metric(worst.limit()),
          escape(
              String.join(
                  ", ",
                  each.effects().stream()
                      .map(e -> "%s %s".formatted(e.kind().text(), Text.metric(e.value())))
                      .toList())),
          each.effects().isEmpty() ? "" : QualityCharts.chance(each.chance()));
    }
    add("</table></div>\n");
  }

  private static double largest(ColumnDrift drift) {
    return drift.effects().stream().mapToDouble(QualityPage::part).max().orElse(0);
  }

  /** How large an effect is for what counts. */
  private static double part(Effect effect) {
    return effect.value() / effect.limit();
  }

  // --- Figures

  private void whole() {
    List<Trend> trends =
        report.trends().stream().filter(trend -> trend.figure().column() == null).toList();
    if (trends.isEmpty()) {
      return;
    }
    add("<h2>The whole</h2>\n<div class=\"card trends\">");
    trends.forEach(this::trend);
    add("</div>\n");
  }

  private void columns() {
    DatasetProfile profile = report.profile();
    if (profile == null) {
      add(
          "<h2>Columns</h2>\n<p class=\"soft\">No profile of this version was kept: its stage says <code>profile: false</code>.</p>\n");
      return;
    }
    DriftReport drift = report.drift();
    add(
        "<h2>Columns</h2>\n<p class=\"soft small\"><span class=\"key bar\" style=\"background:var(--bar);margin-left:0\"></span>this version%s<span class=\"key\" style=\"background:var(--band)\"></span>where it was expected</p>\n<div class=\"cards\">",
        drift == null
            ? ""
            : "<span class=\"key\" style=\"background:var(--reference)\"></span>"
                + escape(StageText.bare(drift.reference())));
    for (ColumnProfile column : profile.columns()) {
      column(column, drift == null ? null : drift.profile().column(column.name()).orElse(null));
    }
    add("</div>\n");
  }

  private void column(ColumnProfile column, @Nullable ColumnProfile before) {
    ColumnDrift drift = drifts.get(column.name());
    add("<div class=\"card column\"><div><h3>%s", escape(column.name()));
    add(" <span class=\"soft small\">%s</span></h3>", escape(column.type()));
    add("<p class=\"soft small\">%s</p>", escape(facts(column)));
    if (drift != null && drift.drifted()) {
      add("<p class=\"bad small\">drifted: %s</p>", escape(QualityText.words(drift)));
    }
    boolean alike = before != null && before.kind() == column.kind();
    add(
        "%s</div><div class=\"trends\">",
        QualityCharts.distribution(column, alike ? before : null));
    report.trends().stream()
        .filter(trend -> column.name().equals(trend.figure().column()))
        .filter(QualityPage::drawn)
        .sorted(Comparator.comparing(trend -> !trend.deviates()))
        .forEach(this::trend);
    add("</div></div>\n");
  }

  private static boolean drawn(Trend trend) {
    if (trend.deviates()) {
      return true;
    }
    Measure measure = trend.figure().measure();
    boolean ever = trend.points().stream().anyMatch(point -> point.value().orElse(0) != 0);
    return DRAWN.contains(measure) && (ever || measure != Measure.NULL_FRACTION);
  }

  private static String facts(ColumnProfile column) {
    List<String> facts = new ArrayList<>();
    facts.add(
        column.nulls() == 0
            ? "no nulls"
            : "%s null (%s)"
                .formatted(
                    Text.count(column.nulls()), QualityCharts.percent(column.nullFraction())));
    if (column.nans() > 0) {
      facts.add(Text.count(column.nans()) + " NaN");
    }
    if (column.distinct() != null) {
      boolean exact = column.frequent() != null && column.frequent().exact();
      facts.add(
          "%s%s different"
              .formatted(exact ? "" : "about ", Text.count(Math.round(column.distinctValues()))));
    }
    Moments moments = column.moments();
    if (moments != null) {
      facts.add(
          "%s to %s"
              .formatted(
                  QualityCharts.number(column, moments.min()),
                  QualityCharts.number(column, moments.max())));
    }
    Moments lengths = column.lengths();
    if (lengths != null) {
      facts.add(
          lengths.min() == lengths.max()
              ? "%s long".formatted(Text.count((long) lengths.min()))
              : "%s to %s characters"
                  .formatted(Text.count((long) lengths.min()), Text.count((long) lengths.max())));
    }
    return String.join(", ", facts);
  }

  private void trend(Trend trend) {
    Interval expected = trend.judged().expected();
    double value = trend.judged().value().orElse(Double.NaN);
    add(
        "<figure><figcaption><b>%s</b> <span class=\"%s\">%s</span> <span class=\"soft\">%s</span></figcaption>%s</figure>",
        trend.figure().measure().text(),
        trend.deviates() ? "bad" : "",
        trend.judged().value().isPresent() ? Text.metric(value) : "none",
        expected == null
            ? "too little history: %d of %d"
                .formatted(
                    trend.judged().learnedFrom().size(), trend.judged().deviation().atLeast())
            : "expected %s to %s"
                .formatted(Text.metric(expected.low()), Text.metric(expected.high())),
        QualityCharts.trend(trend, report.inspections()));
  }

  // --- History

  private void history() {
    add(
        "<h2>Versions</h2>\n<div class=\"scroll\"><table><tr><th>looked at</th><th>when (UTC)</th><th>became</th><th>failed checks</th><th>run</th></tr>");
    List<Inspection> inspections = report.inspections();
    for (int i = inspections.size() - 1; i >= 0; i--) {
      Inspection each = inspections.get(i);
      String published = each.published();
      List<String> failed =
          each.checks().stream()
              .filter(check -> !check.passed())
              .map(
                  check ->
                      check.column() == null ? check.name() : check.name() + " " + check.column())
              .toList();
      add(
          "<tr><td class=\"name\">%s</td><td class=\"number\">%s</td><td class=\"%s\">%s</td><td class=\"words\">%s</td><td><code>%s</code></td></tr>\n",
          escape(StageText.bare(each.dataset().reference())),
          Text.time(each.at()),
          published == null ? "bad" : "good",
          published == null ? "not accepted" : escape(StageText.bare(published)),
          escape(String.join(", ", failed)),
          escape(each.run()));
    }
    add("</table></div>\n");
  }

  private void add(String format, Object... values) {
    html.append(String.format(Locale.ROOT, format, values));
  }
}
