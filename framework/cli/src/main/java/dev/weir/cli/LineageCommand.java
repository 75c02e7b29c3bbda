package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.lineage.Walk;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what something was made from, and works on the lineage tables. */
@Command(
    name = "lineage",
    description = {
      "Show what something was made from, back to the source files, or with --down",
      "what was made from it."
    },
    mixinStandardHelpOptions = true,
    subcommands = LineageCommand.Rebuild.class,
    footer = {
      "",
      "Examples:",
      "  ./weir lineage model:credit.default@1",
      "  ./weir lineage dataset:credit.raw@0 --down --depth 2",
      "  ./weir lineage model:credit.default@1 --format dot | dot -Tsvg > lineage.svg"
    })
final class LineageCommand implements Callable<Integer> {
  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  /** How a walk is printed. */
  enum Format {
    /** For people. */
    tree,
    /** One object. */
    json,
    /** A flowchart, as GitHub and many wikis draw it. */
    mermaid,
    /** A graph for Graphviz. */
    dot
  }

  @Parameters(
      paramLabel = "REFERENCE",
      arity = "0..1",
      description =
          "model:NAME@NUMBER, candidate:NAME@RUN, dataset:NAME@VERSION or file:PATH@SHA256.")
  @Nullable String reference;

  @Option(
      names = "--down",
      description = "What was made from it, instead of what it was made from.")
  boolean down;

  @Option(
      names = "--depth",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "How far at most; all the way unless set.")
  @Nullable Integer depth;

  @Option(
      names = "--table",
      paramLabel = "ID",
      description =
          "The beginning of the Delta table's id, where several stood under a dataset's name; the newest unless set.")
  @Nullable String table;

  @Option(
      names = "--format",
      description = "tree, json, mermaid or dot. Default: ${DEFAULT-VALUE}.")
  Format format = Format.tree;

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    String start = reference;
    if (start == null) {
      if (spec != null) {
        spec.commandLine().usage(System.out);
      }
      return ExitCode.DONE;
    }
    Project project = workspace.project();
    return new LineageWalk(workspace.home(project), System.out, System.err)
        .print(
            new Walk.Start(start, table),
            down ? Walk.Direction.DOWN : Walk.Direction.UP,
            depth == null ? Integer.MAX_VALUE : depth,
            format);
  }

  /** Makes the tables again from the events. */
  @Command(
      name = "rebuild",
      description = "Make the lineage tables again from the events alone.",
      mixinStandardHelpOptions = true)
  static final class Rebuild implements Callable<Integer> {
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return LineageActions.rebuild(workspace.home(project), System.out);
    }
  }
}
