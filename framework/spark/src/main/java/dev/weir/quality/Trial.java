package dev.weir.quality;

import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.StageContext;
import dev.weir.profile.DatasetProfile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a {@link Validate} has to say of a dataset version, by one scan and without consequences.
 */
public final class Trial {
  private final Examination examination;
  private final List<Finding> findings;
  private final List<Fact.Profile> profiles;

  private Trial(Examination examination, List<Finding> findings, List<Fact.Profile> profiles) {
    this.examination = examination;
    this.findings = findings;
    this.profiles = profiles;
  }

  /**
   * Tries all that a stage expects.
   *
   * @param stored where the version stands
   * @param lineage gives what is known of other versions, if it is asked for
   * @param began what freshness is judged by
   * @param others opens other datasets that values are looked for in
   * @throws dev.weir.error.WeirException if something can't be asked of the dataset, with all such
   *     faults, before anything is read
   */
  public static Trial of(
      Validate expected,
      Subject subject,
      DatasetVersion version,
      StageContext.Stored stored,
      Supplier<LineageReader> lineage,
      Instant began,
      Function<Input, Subject> others) {
    Norms norms = expected.norms();
    norms.requireIn(subject.rows().schema(), subject.reference());
    // Before the scan: what others do meanwhile is not known to the stage.
    ProfileJudge judge =
        norms.isEmpty()
            ? null
            : new ProfileJudge(
                norms, version, stored.tableId(), stored.committedAt(), lineage.get());
    Examination examination =
        Examination.of(
            subject,
            expected.checks(),
            expected.profile(),
            Parts.of(norms.history()),
            began,
            others);
    DatasetProfile found = examination.profile();
    if (found == null) {
      return new Trial(examination, List.of(), List.of());
    }
    DatasetProfile whole = found.withBytes(stored.bytes());
    List<Fact.Profile> profiles = new ArrayList<>();
    profiles.add(new Fact.Profile(version.reference(), whole, null, stored.committedAt()));
    examination
        .parts()
        .forEach(
            (name, part) ->
                profiles.add(
                    new Fact.Profile(
                        version.reference(),
                        part.only(norms.figures()),
                        name,
                        stored.committedAt())));
    return new Trial(
        examination, judge == null ? List.of() : judge.judge(whole, examination.parts()), profiles);
  }

  /** The verdicts: of the checks in their order, then of what was before, then of drift. */
  public List<Fact.Check> checks() {
    return Stream.concat(examination.checks().stream(), findings.stream().map(Finding::fact))
        .toList();
  }

  /** Whether one of them keeps the version from being accepted. */
  public boolean halts() {
    return checks().stream().anyMatch(Fact.Check::halts);
  }

  /** What it took, in a sentence. */
  public String effort() {
    return examination.effort();
  }

  /** What is in the version, and in its parts; none if that was not wanted. */
  List<Fact.Profile> profiles() {
    return profiles;
  }

  Examination examination() {
    return examination;
  }

  List<Finding> findings() {
    return findings;
  }
}
