package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Rejects a model version. */
@Command(
    name = "reject",
    description = "Reject a model version, so that no alias may name it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./weir reject credit.default@4 --reason 'worse for people under 25'"
    })
final class RejectCommand implements Callable<Integer> {
  @Mixin ReviewOptions options = new ReviewOptions();
  @Mixin ReviewOptions.Looked looked = new ReviewOptions.Looked();

  @Override
  public Integer call() {
    return options.actions().reject(options.model, looked.evaluation, options.act());
  }
}
