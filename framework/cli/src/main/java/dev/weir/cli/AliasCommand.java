package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves an alias of a model. */
@Command(
    name = "alias",
    description = {
      "Let an alias such as champion name a model version.",
      "",
      "It may not name a rejected or a retired one; and where conf/weir.yaml asks for",
      "approval, only an approved one. ./weir models --at TIME says what it named when."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir alias credit.default@3 champion --reason 'won the trial of May'",
      "  ./weir alias credit.default@3 champion --from credit.default@2 --reason 'it won'",
      "  ./weir alias credit.default challenger --remove --reason 'the trial is over'"
    })
final class AliasCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "namespace.name@number; with --remove, namespace.name.")
  String model = "";

  @Parameters(
      index = "1",
      paramLabel = "ALIAS",
      description = "A lower-case letter, then such letters, digits, - and _.")
  String alias = "";

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "The version that it names so far, or none: refused if somebody has moved it since.")
  @Nullable String from;

  @Option(names = "--remove", description = "Let it name no version any more.")
  boolean remove;

  @Option(
      names = "--override",
      description = "Set aside the rule that stands against it; which it was is kept.")
  boolean override;

  @Mixin DeedOptions deed = new DeedOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return RegistryActions.of(workspace).alias(this);
  }
}
