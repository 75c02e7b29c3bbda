package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import dev.weir.data.SideRows;
import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.pipeline.Gate;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Checks a dataset and publishes it as accepted only if every check passes.
 *
 * <p>All checks are answered, and the profile of the dataset is made, by one scan. Those that bring
 * equal values together (unique, references, exact numbers of different values, entropy and mutual
 * information) share one exchange beside it. Publishing what was accepted is a second pass, which
 * follows the verdict. A check that can't be asked of the dataset (an unknown column, a type that
 * does not fit, an expression that is not valid) is an error before anything is read, and all such
 * errors are reported together.
 *
 * <p>Rows that break a check whose failure is {@link OnFailure#QUARANTINE} are put aside and the
 * rest is accepted, by one pass for both. What is accepted is committed first and what is put aside
 * last, both are counted, and the two are published together by the stage's end: killed between, a
 * run that goes on takes over what it had accepted.
 */
@Help("Checks a dataset and publishes it only if every check passes.")
public record Validate(
    @Help("The dataset to check.") Input from,
    @Help("The dataset to publish what was accepted as.") Output into,
    @Help("The dataset to put rows aside in, where a check says on-failure: quarantine.")
        @Nullable Output quarantine,
    @Help("What must hold.") List<Check> checks,
    @Help("Whether the profile of the dataset is made and kept.") @Default("true") boolean profile,
    @Inline Norms norms)
    implements Gate {
  public Validate {
    Objects.requireNonNull(from);
    Objects.requireNonNull(into);
    checks = List.copyOf(checks);
    if (checks.isEmpty() && norms.isEmpty()) {
      throw new IllegalArgumentException("give at least one check");
    }
    if (!profile && !norms.isEmpty()) {
      throw new IllegalArgumentException(
          "history and drift are judged by the profile, which is not made");
    }
    if (quarantine == null && checks.stream().anyMatch(Validate::putsAside)) {
      throw new IllegalArgumentException(
          "a check says on-failure: quarantine, and no dataset is named for the rows: add quarantine: %s.quarantine"
              .formatted(into.name().namespace()));
    }
    if (into.equals(quarantine)) {
      throw new IllegalArgumentException(
          "%s is both what is accepted and what is put aside: name two datasets".formatted(into));
    }
  }

  /** The same without a quarantine. */
  public Validate(Input from, Output into, List<Check> checks, boolean profile) {
    this(from, into, null, checks, profile, Norms.NONE);
  }

  /** The same with a quarantine, and the checks one after another. */
  public Validate(Input from, Output into, Output quarantine, Check... checks) {
    this(from, into, quarantine, List.of(checks), true, Norms.NONE);
  }

  /** The same, with the checks one after another. */
  public Validate(Input from, Output into, Check... checks) {
    this(from, into, null, List.of(checks), true, Norms.NONE);
  }

  /** The same, with its profile held against others. */
  public Validate withNorms(Norms against) {
    return new Validate(from, into, quarantine, checks, profile, against);
  }

  private static boolean putsAside(Check check) {
    return check instanceof Check.OfRows ofRows
        && ofRows.rows().onFailure() == OnFailure.QUARANTINE;
  }

  @Override
  public Input checked() {
    return from;
  }

  @Override
  public void run(StageContext context) {
    Interventions.Decided decided = context.settings().decided();
    Function<Input, Subject> others = other -> subject(context, other);
    Subject subject = corrected(context, subject(context, from), decided, others);
    Trial found =
        Trial.of(
            this,
            subject,
            context.version(from),
            context.stored(from),
            context::lineage,
            context.settings().began(),
            others);
    List<Fact.Check> judged = found.checks().stream().map(c -> overridden(c, decided)).toList();
    judged.forEach(context::check);
    found.profiles().forEach(context::profile);
    context.param("effort", found.effort());
    if (judged.stream().anyMatch(Fact.Check::halts)) {
      throw refusal(subject, found, judged, context.settings().run());
    }
    publish(context, subject, found.examination());
  }

  /** The rows with those made anew that somebody has corrected, one correction after the other. */
  private Subject corrected(
      StageContext context,
      Subject subject,
      Interventions.Decided decided,
      Function<Input, Subject> others) {
    if (decided.corrections().isEmpty()) {
      return subject;
    }
    Quarantine rules =
        Quarantine.of(
            new ProbePlan(subject, context.settings().began(), others).plan(checks).probes());
    Dataset<Row> rows = subject.rows();
    for (Fact.RowsCorrected deed : decided.corrections()) {
      Correction correction = Correction.of(deed);
      correction.require(rows, subject.reference());
      rows = correction.made(rows, rules.broken());
      context.param("correction " + deed.id(), deed.rule());
    }
    return new Subject(rows, subject.reference(), subject.table());
  }

  /**
   * A verdict, with the deed by which its failure is accepted: of the same rows, found the same.
   */
  private static Fact.Check overridden(Fact.Check check, Interventions.Decided decided) {
    if (check.halts()) {
      for (Fact.GateOverridden deed : decided.overrides()) {
        if (deed.checks().stream().anyMatch(seen -> same(seen, check))) {
          return check.overridden(deed.id());
        }
      }
    }
    return check;
  }

  private static boolean same(Fact.Check a, Fact.Check b) {
    return a.name().equals(b.name())
        && Objects.equals(a.column(), b.column())
        && a.expected().equals(b.expected())
        && a.rows() == b.rows()
        && Objects.equals(a.failedRows(), b.failedRows());
  }

  /** Commits what is accepted, then what is put aside; no row is in both, or in neither. */
  private void publish(StageContext context, Subject subject, Examination found) {
    Output aside = quarantine;
    if (aside == null) {
      accept(context, subject, found, found.quarantine().accepted(subject.rows()));
      return;
    }
    String run = context.settings().run();
    Dataset<Row> selected =
        found.quarantine().aside(subject.rows(), found.aside() > 0, subject.reference(), run);
    if (found.aside() == 0) {
      accept(context, subject, found, subject.rows());
      putAside(context, subject, found, aside, selected);
      return;
    }
    try (SideRows side =
        SideRows.under(
            new dev.weir.data.Layout(home(context)).scratch(),
            context.spark(),
            selected.schema())) {
      accept(
          context,
          subject,
          found,
          found.quarantine().accepted(subject.rows(), side, subject.reference(), run));
      putAside(context, subject, found, aside, side.rows(found.aside()).orElse(selected));
    }
  }

  private void accept(
      StageContext context, Subject subject, Examination found, Dataset<Row> accepted) {
    Fact.DatasetWritten written = context.write(into, accepted);
    requireRows(into, written.rows(), found.rows() - found.aside(), subject);
  }

  private static void putAside(
      StageContext context, Subject subject, Examination found, Output into, Dataset<Row> rows) {
    long written = context.write(into, rows).rows();
    requireRows(into, written, found.aside(), subject);
    context.metric("rows-quarantined", (double) written);
  }

  private static void requireRows(Output output, long written, long expected, Subject subject) {
    if (written != expected) {
      throw new WeirException(
          "rows-do-not-add-up",
          ErrorKind.INTERNAL,
          "Of %s, %s rows were to go to %s, and %s did; nothing is published."
              .formatted(subject.reference(), Texts.count(expected), output, Texts.count(written)),
          "");
    }
  }

  private static Subject subject(StageContext context, Input input) {
    return Subject.of(context.read(input), context.version(input), home(context));
  }

  private static String home(StageContext context) {
    return new Path(context.settings().home()).toString().replaceAll("/+$", "");
  }

  private GateException refusal(Subject subject, Trial found, List<Fact.Check> judged, String run) {
    List<Verdict> verdicts = found.examination().verdicts();
    List<Verdict> failed = new ArrayList<>();
    List<Finding> deviating = new ArrayList<>();
    for (int i = 0; i < judged.size(); i++) {
      if (judged.get(i).halts()) {
        if (i < verdicts.size()) {
          failed.add(verdicts.get(i));
        } else {
          deviating.add(found.findings().get(i - verdicts.size()));
        }
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d of %d checks failed on %s, and %s was left as it was:"
            .formatted(
                failed.size() + deviating.size(),
                found.checks().size(),
                subject.reference(),
                into));
    failed.forEach(v -> lines.add("  " + v.sentence()));
    deviating.forEach(f -> lines.add("  " + f.sentence()));
    List<String> queries = new ArrayList<>();
    if (!failed.isEmpty()) {
      queries.add("See the rows in Spark SQL:");
      failed.forEach(v -> queries.add("  " + v.probe().query(subject.table())));
    }
    if (!deviating.isEmpty()) {
      queries.add("See what was before by ./weir sql:");
      deviating.stream().map(Finding::look).distinct().forEach(look -> queries.add("  " + look));
      queries.add(
          "If this is the new normal: ./weir quality accept-baseline %s --reason …"
              .formatted(subject.reference().replaceFirst("^dataset:", "")));
    }
    queries.add(
        "To accept it all the same: ./weir resume %s --accept %s --by NAME --reason WHY"
            .formatted(run, from.name()));
    return new GateException(
        "checks-failed",
        String.join(System.lineSeparator(), lines),
        String.join(System.lineSeparator(), queries));
  }
}
