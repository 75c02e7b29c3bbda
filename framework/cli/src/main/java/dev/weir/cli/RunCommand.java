package dev.weir.cli;

import dev.weir.run.RunRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a pipeline. */
@Command(
    name = "run",
    description = {
      "Run a pipeline: what was done before and is still there is used again.",
      "",
      "A run of it that was interrupted goes on, if it would do the same."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir run credit",
      "  ./weir run bank --param source=bank-full.csv",
      "  ./weir run credit --conf spark.sql.shuffle.partitions=4 --json"
    })
final class RunCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PIPELINE",
      description = "A pipeline of conf/pipelines, or a YAML file.")
  String pipeline = "";

  @Option(
      names = {"-p", "--param"},
      paramLabel = "NAME=VALUE",
      description = "Set a parameter of the pipeline; may be repeated.")
  Map<String, String> params = new LinkedHashMap<>();

  @Mixin Choice choice = new Choice();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "How many stages run side by side; one for each core unless set.")
  @Nullable Integer parallel;

  @Option(
      names = "--json",
      description = "One JSON object an event; the last has \"event\":\"run.finished\".")
  boolean json;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    RunRequest request =
        Requests.of(workspace, spark, pipeline, params, "run " + pipeline, parallel, true)
            .with(choice.selection());
    return new RunAction(request, workspace, pipeline, json).execute();
  }
}
