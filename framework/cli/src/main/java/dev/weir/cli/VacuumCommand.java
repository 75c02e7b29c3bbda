package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes the files of dataset versions that nothing needs any more. */
@Command(
    name = "vacuum",
    description = {
      "Delete the files of dataset versions that nothing pins; see ./weir pins.",
      "",
      "First says what goes, what stays and for whom. No file goes that is younger than seven days",
      "or than a run that may still publish it. What was deleted stands in lineage.deletions; a",
      "pipeline that would use it again makes it again."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir vacuum --dry-run",
      "  ./weir vacuum credit.clean --yes --reason 'the disk is full'"
    })
final class VacuumCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DATASET",
      description = "Only this dataset, such as credit.clean.")
  @Nullable String dataset;

  @Option(names = "--dry-run", description = "Only say what would go.")
  boolean dryRun;

  @Option(names = "--yes", description = "Do not ask before deleting.")
  boolean yes;

  @Mixin DeedOptions deed = new DeedOptions();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new VacuumAction(this, System.out, System.err).execute();
  }
}
