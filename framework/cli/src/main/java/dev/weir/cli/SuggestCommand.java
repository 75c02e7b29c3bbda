package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Suggests the checks of a dataset. */
@Command(
    name = "suggest",
    description = {
      "Suggest the checks of a dataset, as YAML for a validate stage, from what is in it.",
      "",
      "A dataset that a validate stage has looked into is not read again. Each check stands below",
      "what it is suggested by; those that one version can't tell for sure only warn."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir suggest credit.raw",
      "  ./weir suggest credit.raw@3 --output checks.yaml"
    })
final class SuggestCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DATASET",
      description = "namespace.name for its latest version, or namespace.name@version.")
  String dataset = "";

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write it there, over what stands there, instead of printing it.")
  @Nullable String output;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new SuggestAction(this, System.out).execute();
  }
}
