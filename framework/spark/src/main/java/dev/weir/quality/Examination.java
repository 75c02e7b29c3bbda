package dev.weir.quality;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.profile.DatasetProfile;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was found of a dataset by one scan: the verdicts of checks, and its profile. */
public final class Examination {
  private final Subject subject;
  private final List<Verdict> verdicts;
  private final @Nullable DatasetProfile profile;
  private final SortedMap<String, DatasetProfile> parts;
  private final String effort;
  private final Quarantine quarantine;
  private final long rows;
  private final long aside;

  private Examination(
      Subject subject,
      List<Verdict> verdicts,
      Tally tally,
      String effort,
      Quarantine quarantine,
      long rows,
      long aside) {
    this.subject = subject;
    this.verdicts = verdicts;
    this.profile = tally.profile();
    this.parts = tally.parts();
    this.effort = effort;
    this.quarantine = quarantine;
    this.rows = rows;
    this.aside = aside;
  }

  /**
   * Examines a dataset, without consequences.
   *
   * @param profiled whether its profile is made
   * @param began what freshness is judged by
   * @param others opens other datasets that values are looked for in
   * @throws dev.weir.error.WeirException if a check can't be asked of the dataset, with all such
   *     faults, before anything is read
   */
  public static Examination of(
      Subject subject,
      List<Check> checks,
      boolean profiled,
      Instant began,
      Function<Input, Subject> others) {
    return of(subject, checks, profiled, List.of(), began, others);
  }

  /**
   * The same, and the profiles of parts of its rows.
   *
   * @param parts which parts; none unless its profile is made
   */
  static Examination of(
      Subject subject,
      List<Check> checks,
      boolean profiled,
      List<Parts> parts,
      Instant began,
      Function<Input, Subject> others) {
    Questions questions = new ProbePlan(subject, began, others).plan(checks);
    Quarantine quarantine = Quarantine.of(questions.probes());
    Integer broken =
        quarantine.rules().isEmpty() ? null : questions.scan().count(quarantine.broken());
    Figures figures = Scan.of(subject.rows(), questions.scan(), profiled, parts);
    for (Parts each : parts) {
      requireFew(each, figures.tally().parts().keySet(), subject);
    }
    return new Examination(
        subject,
        questions.verdicts(figures),
        figures.tally(),
        effort(checks, profiled, figures, questions.scan()),
        quarantine,
        figures.rows(),
        broken == null ? 0 : figures.count(broken));
  }

  private static void requireFew(Parts parts, Set<String> found, Subject subject) {
    if (found.stream().filter(parts::has).count() > Parts.MOST) {
      throw WeirException.data(
          "too-many-parts",
          "%s has more than %d different values of %s, each of which would have a history of its own."
              .formatted(subject.reference(), Parts.MOST, parts.by()),
          "Take a column with fewer for 'per'.");
    }
  }

  private static String effort(
      List<Check> checks, boolean profiled, Figures figures, ScanPlan plan) {
    String scan =
        "%d checks%s by one scan of %s rows"
            .formatted(
                checks.size(), profiled ? " and the profile" : "", Texts.count(figures.rows()));
    return plan.groupings().isEmpty()
        ? scan
        : plan.groupings().stream()
            .map(ScanPlan.Grouping::title)
            .distinct()
            .collect(Collectors.joining(", ", scan + ", and one exchange for ", ""));
  }

  /** The verdicts, in the order of the checks. */
  public List<Fact.Check> checks() {
    return verdicts.stream().map(v -> v.fact(subject.reference())).toList();
  }

  /** What is in the dataset; null if that was not wanted. */
  public @Nullable DatasetProfile profile() {
    return profile;
  }

  /** What is in the parts that were asked for, by name. */
  SortedMap<String, DatasetProfile> parts() {
    return parts;
  }

  /** What it took, in a sentence: one scan, and for which checks an exchange beside it. */
  public String effort() {
    return effort;
  }

  /** Which rows are put aside. */
  Quarantine quarantine() {
    return quarantine;
  }

  /** How many rows there are. */
  long rows() {
    return rows;
  }

  /** How many of them are to be put aside. */
  long aside() {
    return aside;
  }

  List<Verdict> verdicts() {
    return verdicts;
  }
}
