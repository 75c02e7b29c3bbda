package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at rows that gates put aside, and has them corrected. */
@Command(
    name = "quarantine",
    description = {
      "Look at the rows that gates put aside, and have them corrected.",
      "",
      "validate puts rows aside that break a check which says on-failure: quarantine."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      QuarantineCommand.Listing.class,
      QuarantineCommand.Show.class,
      QuarantineCommand.Replay.class
    })
final class QuarantineCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }

  /** Lists what was put aside. */
  @Command(
      name = "list",
      description = "List what was put aside, where it came from, and what became of it.",
      mixinStandardHelpOptions = true)
  static final class Listing implements Callable<Integer> {
    @Option(names = "--all", description = "Also where no row was put aside.")
    boolean all;

    @Option(names = "--json", description = "One JSON object a version.")
    boolean json;

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      return new QuarantineAction(workspace.home(workspace.project()), System.out).list(all, json);
    }
  }

  /** Shows rows that were put aside. */
  @Command(
      name = "show",
      description = "Show rows that were put aside, each with the rules that it broke.",
      mixinStandardHelpOptions = true,
      footer = {"", "Examples:", "  ./weir quarantine show credit.quarantine@2 --limit 5"})
  static final class Show implements Callable<Integer> {
    @Parameters(
        paramLabel = "DATASET",
        description = "The quarantine, such as credit.quarantine or credit.quarantine@2.")
    String dataset = "";

    @Option(
        names = "--limit",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "At most so many rows. Default: ${DEFAULT-VALUE}.")
    int limit = 20;

    @Option(names = "--json", description = "One JSON object a row.")
    boolean json;

    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      return new QuarantineRowsAction(workspace, spark)
          .show(AcceptOptions.dataset(dataset), limit, json);
    }
  }

  /** Has rows corrected and checked again. */
  @Command(
      name = "replay",
      description = {
        "Correct rows that were put aside last, and have them go through the pipeline again, once.",
        "",
        "The gate checks what it had checked anew, those rows corrected; the stages after it follow by",
        "the plan. The rule holds for that content alone, and is kept in the audit trail."
      },
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Examples:",
        "  ./weir quarantine replay credit.quarantine@2 --set 'income = abs(income)' \\",
        "    --where 'income < 0' --reason 'the bank sends the sign of the booking'"
      })
  static final class Replay implements Callable<Integer> {
    @Parameters(
        paramLabel = "DATASET@N",
        description = "The quarantine and its version, such as credit.quarantine@2.")
    String dataset = "";

    @Option(
        names = "--set",
        required = true,
        paramLabel = "COLUMN=SQL",
        description = "The value that a column gets, made of the row as it was; may be repeated.")
    List<String> assignments = new ArrayList<>();

    @Option(
        names = "--where",
        paramLabel = "SQL",
        description = "Which of the rows it is about; all unless given.")
    @Nullable String condition;

    @Mixin DeedOptions deed = new DeedOptions();
    @Mixin RunOptions options = new RunOptions();
    @Mixin SparkOptions spark = new SparkOptions();
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() throws Exception {
      return new ReplayAction(this).execute();
    }
  }
}
