package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.config.Keys;
import dev.weir.lineage.Fact;
import dev.weir.profile.ColumnDrift;
import dev.weir.profile.Interval;
import dev.weir.report.DriftReport;
import dev.weir.report.Expectation;
import dev.weir.report.Inspection;
import dev.weir.report.QualityReport;
import dev.weir.report.Trend;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The quality of a dataset as one JSON object. */
final class QualityJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private QualityJson() {}

  static String of(QualityReport report) {
    ObjectNode object = JSON.createObjectNode();
    object.put("dataset", report.asked().toString());
    put(report.shown(), object.putObject("shown"));
    object.put("failed_checks", report.failed().size());
    object.put("deviating_figures", report.deviating().size());
    ArrayNode inspections = object.putArray("inspections");
    report.inspections().forEach(each -> put(each, inspections.addObject()));
    ArrayNode checks = object.putArray("checks");
    report.expectations().forEach(each -> put(each, checks.addObject()));
    ArrayNode figures = object.putArray("figures");
    report.trends().forEach(each -> put(each, figures.addObject()));
    DriftReport drift = report.drift();
    if (drift == null) {
      object.putNull("drift");
    } else {
      put(drift, object.putObject("drift"));
    }
    ArrayNode others = object.putArray("other_gates");
    report.others().forEach(gate -> others.add(gate.toString()));
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }

  private static void put(Inspection inspection, ObjectNode into) {
    into.put("reference", inspection.dataset().reference());
    into.put("published", inspection.published());
    into.put("accepted", inspection.accepted());
    into.put("pipeline", inspection.gate().pipeline());
    into.put("stage", inspection.gate().stage());
    into.put("run", inspection.run());
    into.put("attempt", inspection.attempt());
    into.put("at", inspection.at().toString());
  }

  private static void put(Expectation expectation, ObjectNode into) {
    Fact.Check last = expectation.last();
    into.put("name", last.name());
    into.put("column", last.column());
    into.put("passed", last.passed());
    into.put("severity", last.severity());
    into.put("owner", last.owner());
    into.put("rows", last.rows());
    into.put("failed_rows", last.failedRows());
    into.put("observed", last.observed());
    into.put("expected", last.expected());
    into.put("overridden", last.overridden());
    ArrayNode trend = into.putArray("trend");
    for (Optional<Fact.Check> result : expectation.results()) {
      result.ifPresentOrElse(
          check -> trend.addObject().put("passed", check.passed()).put("value", check.value()),
          trend::addNull);
    }
    Expectation.Trouble trouble = expectation.trouble();
    if (trouble == null) {
      into.putNull("failed_first");
      return;
    }
    Inspection over = trouble.over();
    into.putObject("failed_first")
        .put("reference", trouble.first().dataset().reference())
        .put("run", trouble.first().run())
        .put("at", trouble.first().at().toString())
        .put("observed", trouble.found().observed())
        .put("expected", trouble.found().expected())
        .put("value", trouble.found().value())
        .put("over_since", over == null ? null : over.dataset().reference());
  }

  private static void put(Trend trend, ObjectNode into) {
    into.put("figure", trend.figure().toString());
    into.put("column", trend.figure().column());
    into.put("measure", trend.figure().measure().text());
    into.put("value", number(trend.judged().value().orElse(Double.NaN)));
    into.put("outcome", Keys.of(trend.judged().outcome()));
    put(trend.judged().expected(), into);
    ArrayNode learned = into.putArray("learned_from");
    trend.judged().learnedFrom().forEach(version -> learned.add(version.reference()));
    ArrayNode points = into.putArray("trend");
    for (Trend.Point point : trend.points()) {
      ObjectNode node = points.addObject().put("value", number(point.value().orElse(Double.NaN)));
      put(point.expected(), node);
    }
  }

  private static void put(@Nullable Interval expected, ObjectNode into) {
    into.put("expected_low", expected == null ? null : number(expected.low()));
    into.put("expected_high", expected == null ? null : number(expected.high()));
  }

  private static void put(DriftReport drift, ObjectNode into) {
    into.put("reference", drift.reference());
    into.put("why", drift.why());
    into.put("drifted", drift.columns().stream().filter(ColumnDrift::drifted).count());
    ArrayNode columns = into.putArray("columns");
    for (ColumnDrift column : drift.columns()) {
      ObjectNode node = columns.addObject();
      node.put("column", column.column());
      node.put("outcome", Keys.of(column.outcome()));
      node.put("chance", column.chance());
      ArrayNode effects = node.putArray("effects");
      column
          .effects()
          .forEach(
              effect ->
                  effects
                      .addObject()
                      .put("measure", Keys.of(effect.kind()))
                      .put("value", number(effect.value()))
                      .put("limit", effect.limit()));
    }
  }

  /** Which JSON has no number for is null. */
  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
