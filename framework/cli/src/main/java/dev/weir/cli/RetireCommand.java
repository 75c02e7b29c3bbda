package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Retires a model version. */
@Command(
    name = "retire",
    description = "Take a model version out of use for good.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  ./weir retire credit.default@1 --reason 'replaced by 3 in May'"})
final class RetireCommand implements Callable<Integer> {
  @Mixin ReviewOptions options = new ReviewOptions();

  @Override
  public Integer call() {
    return options.actions().retire(options.model, options.act());
  }
}
