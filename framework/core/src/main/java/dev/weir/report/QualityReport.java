package dev.weir.report;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Baselines;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Published;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Drift;
import dev.weir.profile.DriftLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the quality of a dataset at one version, and how it came to that.
 *
 * @param asked the dataset that was asked for: what a gate reads, or what it publishes
 * @param shown the inspection that this is about
 * @param inspections the last ones up to it, the oldest first
 * @param expectations its checks, in their order
 * @param trends the figures of its profile; empty where none was kept
 * @param profile what was in it, or null if that was not kept
 * @param drift how it differs from a reference, or null where there is nothing to compare
 * @param overrides what people decided about checks that failed, by {@link Fact.Check#overridden}
 * @param others other gates that look at the same dataset
 */
public record QualityReport(
    DatasetName asked,
    Inspection shown,
    List<Inspection> inspections,
    List<Expectation> expectations,
    List<Trend> trends,
    @Nullable DatasetProfile profile,
    @Nullable DriftReport drift,
    Map<String, Fact.GateOverridden> overrides,
    List<Gate> others) {
  /** How many inspections are shown at most. */
  public static final int MOST = Trends.LEARNED_FROM + 1;

  public QualityReport {
    inspections = List.copyOf(inspections);
    expectations = List.copyOf(expectations);
    trends = List.copyOf(trends);
    overrides = Map.copyOf(overrides);
    others = List.copyOf(others);
  }

  /**
   * Puts together what is known.
   *
   * @param version the version, of what a gate reads or publishes; null for what was looked at last
   * @param against what to hold it against, as a person writes it, or null for the usual
   * @throws WeirException {@code unknown-dataset}, {@code not-checked}, {@code unknown-version}, or
   *     what is wrong with {@code against}
   */
  public static QualityReport of(
      LineageReader lineage, DatasetName name, @Nullable Long version, @Nullable String against) {
    Inspections found = Inspections.of(lineage, name);
    if (found.all().isEmpty()) {
      throw unknown(lineage, name);
    }
    Inspection shown =
        version == null
            ? found.all().get(found.all().size() - 1)
            : found
                .of(new DatasetVersion(name, version))
                .orElseThrow(() -> unknown(found, name, version));
    List<Inspection> upTo = found.all().subList(0, found.all().indexOf(shown) + 1);
    List<Inspection> last = upTo.subList(Math.max(0, upTo.size() - MOST), upTo.size());
    Map<Inspection, Inspections.Profiled> profiles = found.profiles(last);
    Inspections.Profiled profiled = profiles.get(shown);
    return new QualityReport(
        name,
        shown,
        last,
        Expectation.of(upTo).stream().map(each -> each.last(MOST)).toList(),
        profiled == null
            ? List.of()
            : new Trends(
                    last,
                    profiles,
                    Baselines.of(lineage, shown.dataset().name(), profiled.tableId()))
                .all(),
        profiled == null ? null : profiled.profile(),
        drift(lineage, found, shown, profiled, against),
        overrides(lineage, upTo),
        found.others());
  }

  private static Map<String, Fact.GateOverridden> overrides(
      LineageReader lineage, List<Inspection> inspections) {
    if (inspections.stream()
        .flatMap(each -> each.checks().stream())
        .allMatch(check -> check.overridden() == null)) {
      return Map.of();
    }
    Map<String, Fact.GateOverridden> overrides = new HashMap<>();
    for (Fact.Deed deed : Interventions.of(lineage).all()) {
      if (deed instanceof Fact.GateOverridden override) {
        overrides.put(override.id(), override);
      }
    }
    return overrides;
  }

  /** By whom the failure of a check was accepted and why, or null if it was not. */
  public @Nullable String acceptance(Fact.Check check) {
    String id = check.overridden();
    if (id == null) {
      return null;
    }
    Fact.GateOverridden override = overrides.get(id);
    return override == null
        ? "accepted all the same"
        : "accepted all the same by %s: %s".formatted(override.by().text(), override.reason());
  }

  private static @Nullable DriftReport drift(
      LineageReader lineage,
      Inspections inspections,
      Inspection shown,
      Inspections.@Nullable Profiled profiled,
      @Nullable String against) {
    Optional<DriftReference> reference =
        against == null
            ? DriftReference.usual(lineage, inspections, shown)
            : Optional.of(DriftReference.named(lineage, inspections, against));
    if (profiled == null || reference.isEmpty()) {
      return null;
    }
    DriftReference found = reference.get();
    return new DriftReport(
        found.version().reference(),
        found.why(),
        found.profile(),
        Drift.between(found.profile(), profiled.profile(), DriftLimits.USUAL));
  }

  /** The checks that failed, those that halt first. */
  public List<Expectation> failed() {
    return expectations.stream()
        .filter(each -> !each.last().passed())
        .sorted(Comparator.comparing(each -> !each.last().halts()))
        .toList();
  }

  /** Those that have failed, the one that did first at first; those that still do before others. */
  public List<Expectation> troubled() {
    record At(Expectation expectation, Expectation.Trouble trouble) {}
    List<At> troubled = new ArrayList<>();
    for (Expectation each : expectations) {
      Expectation.Trouble trouble = each.trouble();
      if (trouble != null) {
        troubled.add(new At(each, trouble));
      }
    }
    return troubled.stream()
        .sorted(
            Comparator.comparing((At each) -> each.trouble().over() != null)
                .thenComparing(each -> each.trouble().first().at()))
        .map(At::expectation)
        .toList();
  }

  /** The figures that are not where they were expected. */
  public List<Trend> deviating() {
    return trends.stream().filter(Trend::deviates).toList();
  }

  /** Versions by name: {@code credit.raw@0, 1, 2}; of many the last. */
  static String versions(List<Inspection> inspections) {
    TreeSet<Long> numbers = new TreeSet<>();
    inspections.forEach(each -> numbers.add(each.dataset().version()));
    return "%s: versions %s".formatted(inspections.get(0).dataset().name(), some(numbers));
  }

  private static String some(TreeSet<Long> numbers) {
    List<String> texts = numbers.stream().map(String::valueOf).toList();
    return texts.size() <= 10
        ? String.join(", ", texts)
        : "%s … %s"
            .formatted(
                texts.get(0), String.join(", ", texts.subList(texts.size() - 8, texts.size())));
  }

  private static WeirException unknown(Inspections found, DatasetName name, long version) {
    Inspection any = found.all().get(0);
    List<String> known = new ArrayList<>();
    known.add(versions(found.all()));
    if (!any.dataset().name().equals(name)) {
      TreeSet<Long> published = new TreeSet<>();
      for (Inspection each : found.all()) {
        String reference = each.published();
        if (reference != null) {
          published.add(Long.parseLong(reference.substring(reference.indexOf('@') + 1)));
        }
      }
      known.set(
          0,
          published.isEmpty() ? known.get(0) : "%s: versions %s".formatted(name, some(published)));
    }
    return WeirException.user(
        "unknown-version",
        "No check has looked at version %d of %s.".formatted(version, name),
        "They have at %s.".formatted(String.join("; ", known)));
  }

  private static WeirException unknown(LineageReader lineage, DatasetName name) {
    Published published = Published.of(lineage);
    List<String> names = published.datasets().keySet().stream().map(Object::toString).toList();
    if (!names.contains(name.toString())) {
      return WeirException.user(
          "unknown-dataset",
          "There is no dataset '%s'%s".formatted(name, Nearest.ending(name.toString(), names)),
          names.isEmpty()
              ? "Nothing is published in this home."
              : "There are %s.".formatted(String.join(", ", names)));
    }
    return WeirException.user(
        "not-checked",
        "No check has looked at %s.".formatted(name),
        "Put a validate stage behind it; ./weir suggest %s writes its checks.".formatted(name));
  }
}
