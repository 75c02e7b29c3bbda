package dev.weir.quality;

import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.error.GateException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.profile.DatasetProfile;
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
    @Help("Whether the profile of the dataset is made and kept.") @Default("true") boolean profile)
    implements Stage {
  public Validate {
    Objects.requireNonNull(from);
    Objects.requireNonNull(into);
    checks = List.copyOf(checks);
    if (checks.isEmpty()) {
      throw new IllegalArgumentException("give at least one check");
    }
  }

  /** The same, with the checks one after another. */
  public Validate(Input from, Output into, Check... checks) {
    this(from, into, List.of(checks), true);
  }

  @Override
  public void run(StageContext context) {
    Subject subject = subject(context, from);
    Examination found =
        Examination.of(
            subject, checks, profile, context.settings().began(), other -> subject(context, other));
    found.checks().forEach(context::check);
    DatasetProfile profiled = found.profile();
    if (profiled != null) {
      context.profile(profiled, context.version(from));
    }
    context.param("effort", found.effort());
    List<Verdict> failed = found.verdicts().stream().filter(Verdict::halts).toList();
    if (!failed.isEmpty()) {
      throw refusal(subject, found.verdicts().size(), failed);
    }
    context.write(into, subject.rows());
  }

  private static Subject subject(StageContext context, Input input) {
    DatasetVersion version = context.version(input);
    String table =
        "delta.`%s/datasets/%s/%s@v%d`"
            .formatted(
                // Spark takes a path that is not percent-encoded.
                new Path(context.settings().home()).toString().replaceAll("/+$", ""),
                version.name().namespace(),
                version.name().name(),
                version.version());
    return new Subject(context.read(input), version.reference(), table);
  }

  private GateException refusal(Subject subject, int asked, List<Verdict> failed) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d of %d checks failed on %s, and %s was left as it was:"
            .formatted(failed.size(), asked, subject.reference(), into));
    failed.forEach(v -> lines.add("  " + v.sentence()));
    List<String> queries = new ArrayList<>();
    queries.add("See the rows in Spark SQL:");
    failed.forEach(v -> queries.add("  " + v.probe().query(subject.table())));
    return new GateException(
        "checks-failed",
        String.join(System.lineSeparator(), lines),
        String.join(System.lineSeparator(), queries));
  }
}
