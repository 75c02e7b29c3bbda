package dev.weir.cli;

import dev.weir.error.WeirException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the quality of a dataset. */
@Command(
    name = "quality",
    description = {
      "Show the quality of a dataset: its checks and figures over time, what failed first and by",
      "how much, and how it differs from what the model in production was trained on.",
      "",
      "A dataset is one that a validate stage reads, or the one that it publishes."
    },
    mixinStandardHelpOptions = true,
    subcommands = {QualityAcceptBaselineCommand.class, QualityCheckCommand.class},
    footer = {
      "",
      "Examples:",
      "  ./weir quality credit.clean",
      "  ./weir quality credit.clean@3 --against model:credit.default@1",
      "  ./weir quality credit.clean --html quality.html",
      "  ./weir quality check credit.wellformed@3",
      "  ./weir quality accept-baseline credit.wellformed --figure income.mean --reason 'new branches'"
    })
final class QualityCommand implements Callable<Integer> {
  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "DATASET",
      arity = "0..1",
      description = "namespace.name for what was looked at last, or namespace.name@version.")
  @Nullable String dataset;

  @Option(
      names = "--against",
      paramLabel = "REFERENCE",
      description =
          "What to look for drift from: a version such as credit.clean@3, or a model, for what it was trained on. Unless given: what the model named champion was trained on, else the version accepted before.")
  @Nullable String against;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page that needs nothing else, with histograms and bands.")
  @Nullable String html;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    String asked = dataset;
    if (asked == null) {
      if (spec != null) {
        spec.commandLine().usage(System.out);
      }
      return ExitCode.DONE;
    }
    if (json && html != null) {
      throw WeirException.user(
          "two-forms", "--json and --html can't both be given.", "Give the command twice.");
    }
    Path page = html == null ? null : workspace.path(html);
    return new QualityAction(workspace.home(workspace.project()), System.out)
        .show(asked, against, json, page);
  }
}
