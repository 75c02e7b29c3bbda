package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the registered models, or shows one. */
@Command(
    name = "models",
    description = {
      "List the registered model versions, or show one: what it was made from, and who",
      "said what of it.",
      "",
      "--where takes conditions joined by 'and', with = != < <= > >=, on the fields name,",
      "number, state, alias, type, run, registered_by and registered_at, and on the",
      "metrics of the model's evaluation by their names."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir models credit.default",
      "  ./weir models credit.default@champion",
      "  ./weir models --where 'auc-roc > 0.75 and state = approved'",
      "  ./weir models --where 'alias = champion' --at 2026-01-31T12:00:00Z"
    })
final class ModelsCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description =
          "namespace.name for its versions; namespace.name@number or namespace.name@alias for one.")
  @Nullable String model;

  @Option(names = "--where", paramLabel = "CONDITIONS", description = "Only those that meet them.")
  @Nullable String where;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "As it was then: 2026-01-31T12:00:00Z, or a day, which begins at 00:00 UTC.")
  @Nullable String at;

  @Option(names = "--json", description = "One JSON object a version.")
  boolean json;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new ModelsAction(workspace.home(workspace.project()), System.out, System.err)
        .list(model, where, at, json);
  }
}
