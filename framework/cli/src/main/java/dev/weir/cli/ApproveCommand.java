package dev.weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Approves a model version. */
@Command(
    name = "approve",
    description = {
      "Approve a model version.",
      "",
      "It holds for the files and the evaluation that it has now. Where conf/weir.yaml",
      "asks for four eyes, who approves is not who trained or registered it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./weir approve credit.default@3 --reason 'beats 2 on the same rows'"
    })
final class ApproveCommand implements Callable<Integer> {
  @Mixin ReviewOptions options = new ReviewOptions();
  @Mixin ReviewOptions.Looked looked = new ReviewOptions.Looked();

  @Override
  public Integer call() {
    return options.actions().approve(options.model, looked.evaluation, options.act());
  }
}
