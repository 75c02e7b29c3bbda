package dev.weir.cli;

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
    description = "Run a pipeline.",
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

  @Option(
      names = "--fresh",
      description = "Make new versions of everything, whatever was made before.")
  boolean fresh;

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
    return new RunAction(this).execute();
  }
}
