package dev.weir.quality;

import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Help;
import dev.weir.error.GateException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Checks a dataset and publishes it as accepted only if every check passes.
 *
 * <p>All checks are answered by one scan. Those that bring equal values together (unique,
 * references, exact numbers of different values, entropy and mutual information) share one exchange
 * beside it. Publishing what was accepted is a second pass, which follows the verdict. A check that
 * can't be asked of the dataset (an unknown column, a type that does not fit, an expression that is
 * not valid) is an error before anything is read, and all such errors are reported together.
 */
@Help("Checks a dataset and publishes it only if every check passes.")
public record Validate(
    @Help("The dataset to check.") Input from,
    @Help("The dataset to publish what was accepted as.") Output into,
    @Help("What must hold.") List<Check> checks)
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
    this(from, into, List.of(checks));
  }

  @Override
  public void run(StageContext context) {
    Dataset<Row> rows = context.read(from);
    DatasetVersion version = context.version(from);
    Questions questions =
        new ProbePlan(
                rows,
                version.reference(),
                context.settings().began(),
                other ->
                    new ProbePlan.Other(
                        context.read(other),
                        context.version(other).reference(),
                        table(context, context.version(other))))
            .plan(checks);
    Figures figures = Scan.of(rows, questions.scan());
    List<Verdict> verdicts = questions.verdicts(figures);
    verdicts.forEach(v -> context.check(v.fact(version.reference())));
    context.param("scan", scanned(figures, verdicts, questions.scan()));
    List<Verdict> failed = verdicts.stream().filter(Verdict::halts).toList();
    if (!failed.isEmpty()) {
      throw refusal(context, version, verdicts.size(), failed);
    }
    context.write(into, rows);
  }

  /** What it took to answer. */
  private static String scanned(Figures figures, List<Verdict> verdicts, ScanPlan plan) {
    String scan =
        "%s checks by one scan of %s rows"
            .formatted(Texts.count(verdicts.size()), Texts.count(figures.rows()));
    if (plan.groupings().isEmpty()) {
      return scan;
    }
    return plan.groupings().stream()
        .map(ScanPlan.Grouping::title)
        .distinct()
        .collect(Collectors.joining(", ", scan + " and one exchange for ", ""));
  }

  /** A version as SQL reads it. */
  private static String table(StageContext context, DatasetVersion version) {
    return "delta.`%s/datasets/%s/%s@v%d`"
        .formatted(
            // Spark takes a path that is not percent-encoded.
            new Path(context.settings().home()).toString().replaceAll("/+$", ""),
            version.name().namespace(),
            version.name().name(),
            version.version());
  }

  private GateException refusal(
      StageContext context, DatasetVersion version, int asked, List<Verdict> failed) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d of %d checks failed on %s, and %s was left as it was:"
            .formatted(failed.size(), asked, version.reference(), into));
    failed.forEach(v -> lines.add("  " + v.sentence()));
    List<String> queries = new ArrayList<>();
    queries.add("See the rows in Spark SQL:");
    failed.forEach(v -> queries.add("  " + v.probe().query(table(context, version))));
    return new GateException(
        "checks-failed",
        String.join(System.lineSeparator(), lines),
        String.join(System.lineSeparator(), queries));
  }
}
