package dev.weir.cli;

import dev.weir.registry.Act;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands that say something of a model version have in common. */
final class ReviewOptions {
  @Parameters(
      paramLabel = "MODEL",
      description = "namespace.name@number or namespace.name@alias; see ./weir models.")
  String model = "";

  @Option(
      names = "--override",
      description = "Set aside the rule that stands against it; which it was is kept.")
  boolean override;

  @Mixin DeedOptions deed = new DeedOptions();
  @Mixin Workspace workspace = new Workspace();

  Act act() {
    return new Act(deed.actor(), deed.reason(), override);
  }

  RegistryActions actions() {
    return RegistryActions.of(workspace);
  }

  /** The evaluation that was looked at. */
  static final class Looked {
    @Option(
        names = "--evaluation",
        paramLabel = "DATASET",
        description =
            "The evaluation that was looked at, dataset:namespace.name@version: refused unless it is the model's own.")
    @Nullable String evaluation;
  }
}
