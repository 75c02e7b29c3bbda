package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a run would do. */
@Command(
    name = "plan",
    description = {
      "Say what a run would do, stage by stage, and why.",
      "",
      "run    it has work to do",
      "reuse  the same work was done before, and its result can still be read",
      "maybe  it runs unless a stage before it makes the same as it did before",
      "",
      "Nothing is written, and Spark is not started."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir plan credit",
      "  ./weir plan credit --param months=24 --check && echo nothing to do"
    })
final class PlanCommand implements Callable<Integer> {
  @Mixin PipelineChoice pipeline = new PipelineChoice();

  @Mixin Choice choice = new Choice();

  @Option(
      names = "--check",
      description = "Exit with 5 if there is work to do, with 0 if there is none.")
  boolean check;

  /** How it is printed. */
  static final class Format {
    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Option(names = "--markdown", description = "Print a table in Markdown.")
    boolean markdown;
  }

  @ArgGroup @Nullable Format format;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    return new PlanAction(this).execute();
  }
}
