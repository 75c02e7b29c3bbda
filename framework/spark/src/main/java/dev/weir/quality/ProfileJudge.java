package dev.weir.quality;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.config.ConfigJson;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.Baselines;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.ProfileHistory;
import dev.weir.lineage.Published;
import dev.weir.lineage.Walk;
import dev.weir.profile.ColumnDrift;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Deviation;
import dev.weir.profile.Drift;
import dev.weir.profile.Effect;
import dev.weir.profile.Figure;
import dev.weir.profile.History;
import dev.weir.profile.Interval;
import dev.weir.profile.Judged;
import dev.weir.profile.Past;
import dev.weir.profile.Unjudged;
import dev.weir.registry.ModelReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the profile of a dataset version against what was accepted before and against other
 * datasets, all of it as the lineage knew them when the stage began.
 */
final class ProfileJudge {
  private final Norms norms;
  private final DatasetVersion version;
  private final Instant committedAt;
  private final LineageReader lineage;
  private final ProfileHistory history;

  /**
   * @param version the version that is judged
   * @param tableId the Delta table that it stands in
   * @param committedAt when it was committed, for its season
   */
  ProfileJudge(
      Norms norms,
      DatasetVersion version,
      String tableId,
      Instant committedAt,
      LineageReader lineage) {
    this.norms = norms;
    this.version = version;
    this.committedAt = committedAt;
    this.lineage = lineage;
    this.history = ProfileHistory.of(lineage, version.name(), tableId);
  }

  /**
   * The verdicts, in the order of the expectations.
   *
   * @param parts the profiles of the parts that are asked for, by name
   */
  List<Finding> judge(DatasetProfile profile, SortedMap<String, DatasetProfile> parts) {
    List<Finding> findings = new ArrayList<>();
    for (HistoryCheck check : norms.history()) {
      String by = check.per();
      if (by == null) {
        findings.add(deviation(check, profile, null));
        continue;
      }
      Parts asked = new Parts(by, List.of());
      parts.forEach(
          (name, part) -> {
            if (asked.has(name)) {
              findings.add(deviation(check, part, name));
            }
          });
    }
    norms.drift().forEach(check -> findings.addAll(drift(check, profile)));
    return findings;
  }

  // --- History

  private Finding deviation(HistoryCheck check, DatasetProfile profile, @Nullable String part) {
    Deviation deviation = check.deviation();
    Figure figure = deviation.figure();
    Judged judged =
        new History(history.before(version.version(), figure, part))
            .judge(deviation, profile, committedAt);
    Optional<Baselines.Baseline> baseline = history.baselines().baseline(version.version(), figure);
    Interval interval = baseline.isPresent() ? null : judged.expected();
    boolean warned = judged.passed() && judged.warns();
    String name =
        ConfigJson.of(deviation).fieldNames().next()
            + " "
            + figure.measure().text()
            + (part == null ? "" : " of " + part);
    return new Finding(
        new Fact.Check(
            name,
            version.reference(),
            figure.column(),
            baseline.isPresent() || (judged.passed() && !warned),
            profile.rows(),
            null,
            judged.observed(),
            baseline
                .map(
                    normal ->
                        "accepted as the new normal by %s: %s"
                            .formatted(normal.by(), normal.reason()))
                .orElseGet(judged::expectation),
            warned ? "warn" : severity(check.concern()),
            check.concern().owner(),
            judged.value().isPresent() ? (Double) judged.value().getAsDouble() : null,
            new Fact.Basis(
                Texts.digest((Record) check),
                interval == null ? null : (Double) interval.low(),
                interval == null ? null : (Double) interval.high(),
                baseline.isPresent()
                    ? List.of()
                    : judged.learnedFrom().stream().map(DatasetVersion::reference).toList())),
        look(figure, part));
  }

  private String look(Figure figure, @Nullable String part) {
    String column = figure.column();
    String measure =
        switch (figure.measure()) {
          case ROWS -> "row_count";
          case BYTES -> "byte_count";
          case NULL_FRACTION -> "null_count / row_count";
          case NAN_FRACTION -> "nan_count / value_count";
          case DISTINCT -> "distinct_count";
          case MIN,
              MAX,
              MEAN,
              STDDEV,
              P05,
              P25,
              MEDIAN,
              P75,
              P95,
              MIN_LENGTH,
              MAX_LENGTH,
              MEAN_LENGTH ->
              figure.measure().name().toLowerCase(Locale.ROOT);
        };
    return "select version, accepted, %s from lineage.profiles where name = '%s' and %s and part %s order by at"
        .formatted(
            measure,
            version.name(),
            column == null ? "column_number = 1" : "column_name = " + literal(column),
            part == null ? "is null" : "= " + literal(part));
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  // --- Drift

  /** Another profile to compare with, and how it came to be that one. */
  private record Reference(Past past, String words) {}

  private List<Finding> drift(DriftCheck check, DatasetProfile profile) {
    Optional<Reference> found = reference(check.against());
    if (found.isEmpty()) {
      return List.of(
          finding(
              check,
              null,
              profile,
              null,
              "nothing to compare with",
              "%s is not there yet, or nothing is known of what is in it"
                  .formatted(check.against()),
              null));
    }
    Reference reference = found.get();
    List<Finding> findings = new ArrayList<>();
    for (ColumnDrift drift :
        Drift.between(
            only(check.columns(), reference.past().profile()),
            only(check.columns(), profile),
            check.limits())) {
      findings.add(
          finding(
              check,
              drift,
              profile,
              reference,
              observed(drift),
              "as in " + reference.words(),
              strongest(drift)));
    }
    return findings;
  }

  private static DatasetProfile only(@Nullable Columns columns, DatasetProfile profile) {
    return columns == null
        ? profile
        : new DatasetProfile(
            profile.rows(),
            profile.columns().stream()
                .filter(column -> columns.names().contains(column.name()))
                .toList());
  }

  private static String observed(ColumnDrift drift) {
    String text = drift.toString();
    return text.substring(drift.column().length() + 2);
  }

  private static @Nullable Effect strongest(ColumnDrift drift) {
    return drift.effects().stream()
        .max(Comparator.comparingDouble(effect -> effect.value() / effect.limit()))
        .orElse(null);
  }

  private Finding finding(
      DriftCheck check,
      @Nullable ColumnDrift drift,
      DatasetProfile profile,
      @Nullable Reference reference,
      String observed,
      String expected,
      @Nullable Effect effect) {
    ColumnDrift compared =
        drift == null || drift.outcome() == ColumnDrift.Outcome.TOO_FEW ? null : drift;
    boolean passed = compared == null ? check.tooFew() == Unjudged.PASS : !compared.drifted();
    String severity =
        compared == null && check.tooFew() == Unjudged.WARN ? "warn" : severity(check.concern());
    String column = drift == null ? null : drift.column();
    return new Finding(
        new Fact.Check(
            "drift",
            version.reference(),
            column,
            passed,
            profile.rows(),
            null,
            observed,
            expected,
            severity,
            check.concern().owner(),
            effect == null ? null : (Double) effect.value(),
            new Fact.Basis(
                Texts.digest(check),
                null,
                effect == null ? null : (Double) effect.limit(),
                reference == null ? List.of() : List.of(reference.past().version().reference()))),
        "select reference, row_count, null_count, mean, stddev, median, most_frequent from lineage.profiles where reference in ('%s'%s)%s"
            .formatted(
                version.reference(),
                reference == null ? "" : ", '" + reference.past().version().reference() + "'",
                column == null ? "" : " and column_name = " + literal(column)));
  }

  private Optional<Reference> reference(Against against) {
    DatasetName name = against.dataset();
    ModelReference model = against.model();
    if (name != null) {
      return dataset(name, against.version())
          .map(past -> new Reference(past, past.version().reference()));
    }
    return model == null ? Optional.empty() : data(model);
  }

  private Optional<Past> dataset(DatasetName name, @Nullable Long number) {
    if (name.equals(version.name())) {
      return number == null ? history.newestAccepted(version.version()) : history.version(number);
    }
    return ProfileHistory.newestTable(lineage, name)
        .flatMap(
            other -> number == null ? other.newestAccepted(Long.MAX_VALUE) : other.version(number));
  }

  /**
   * What is known of the data that a model came from: of the version of the judged dataset among
   * its ancestors, or else of the nearest one that was looked into.
   */
  private Optional<Reference> data(ModelReference asked) {
    Published published = Published.of(lineage);
    Integer number = asked.number();
    String alias = asked.alias();
    if (alias != null) {
      Optional<Aliases.Period> named = published.aliases().at(asked.name(), alias, null);
      if (named.isEmpty()) {
        return Optional.empty();
      }
      number = named.get().version().number();
    }
    Optional<Published.Model> model = published.model(asked.name(), number);
    if (model.isEmpty()) {
      return Optional.empty();
    }
    String reference = model.get().reference();
    Walk walk =
        Walk.of(lineage, new Walk.Start(reference, null), Walk.Direction.UP, Integer.MAX_VALUE);
    Past nearest = null;
    for (Walk.Node node : walk.nodes()) {
      String table = node.table();
      if (table == null
          || !(ArtifactVersion.parse(node.reference()) instanceof DatasetVersion ancestor)) {
        continue;
      }
      boolean same = ancestor.name().equals(version.name());
      if (!same && nearest != null) {
        continue;
      }
      Optional<Past> past =
          ProfileHistory.of(lineage, ancestor.name(), table).version(ancestor.version());
      if (past.isPresent()) {
        nearest = past.get();
        if (same) {
          break;
        }
      }
    }
    return Optional.ofNullable(nearest)
        .map(
            past ->
                new Reference(
                    past,
                    "%s, which %s came from".formatted(past.version().reference(), reference)));
  }

  private static String severity(Concern concern) {
    return concern.severity().name().toLowerCase(Locale.ROOT);
  }
}
