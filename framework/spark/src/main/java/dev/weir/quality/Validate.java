package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Inline;
import dev.weir.error.GateException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * Checks a dataset and publishes it as accepted only if every check passes.
 *
 * <p>All checks are answered, and the profile of the dataset is made, by one scan. Those that bring
 * equal values together (unique, references, exact numbers of different values, entropy and mutual
 * information) share one exchange beside it. Publishing what was accepted is a second pass, which
 * follows the verdict. A check that can't be asked of the dataset (an unknown column, a type that
 * does not fit, an expression that is not valid) is an error before anything is read, and all such
 * errors are reported together.
 */
@Help("Checks a dataset and publishes it only if every check passes.")
public record Validate(
    @Help("The dataset to check.") Input from,
    @Help("The dataset to publish what was accepted as.") Output into,
    @Help("What must hold.") List<Check> checks,
    @Help("Whether the profile of the dataset is made and kept.") @Default("true") boolean profile,
    @Inline Norms norms)
    implements Stage {
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
  }

  /** The same, with the checks one after another. */
  public Validate(Input from, Output into, Check... checks) {
    this(from, into, List.of(checks), true, Norms.NONE);
  }

  /** The same, with its profile held against others. */
  public Validate withNorms(Norms against) {
    return new Validate(from, into, checks, profile, against);
  }

  @Override
  public void run(StageContext context) {
    Subject subject = subject(context, from);
    Trial found =
        Trial.of(
            this,
            subject,
            context.version(from),
            context.stored(from),
            context::lineage,
            context.settings().began(),
            other -> subject(context, other));
    found.checks().forEach(context::check);
    found.profiles().forEach(context::profile);
    context.param("effort", found.effort());
    if (found.halts()) {
      throw refusal(subject, found);
    }
    context.write(into, subject.rows());
  }

  private static Subject subject(StageContext context, Input input) {
    return Subject.of(
        context.read(input),
        context.version(input),
        new Path(context.settings().home()).toString().replaceAll("/+$", ""));
  }

  private GateException refusal(Subject subject, Trial found) {
    List<Verdict> failed = found.examination().verdicts().stream().filter(Verdict::halts).toList();
    List<Finding> deviating = found.findings().stream().filter(f -> f.fact().halts()).toList();
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
    return new GateException(
        "checks-failed",
        String.join(System.lineSeparator(), lines),
        String.join(System.lineSeparator(), queries));
  }
}
