package dev.weir.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tries what a pipeline expects of a dataset now on any version of it. */
@Command(
    name = "check",
    description = {
      "Try what a pipeline expects of a dataset on any version of it.",
      "It is tried as it is written now; what came before that version is its history. Nothing is",
      "published or recorded, and nobody is told."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 it would be accepted, 3 it would be halted.",
      "",
      "Examples:",
      "  ./weir quality check credit.raw@2",
      "  ./weir quality check credit.raw --pipeline credit --param months=25"
    })
final class QualityCheckCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DATASET",
      description = "namespace.name@version, as validate reads it; without a version the latest.")
  String dataset = "";

  @Option(
      names = "--pipeline",
      paramLabel = "PIPELINE",
      description =
          "A pipeline of conf/pipelines, or a YAML file; the one that looked into it last unless set.")
  @Nullable String pipeline;

  @Option(
      names = {"-p", "--param"},
      paramLabel = "NAME=VALUE",
      description = "Set a parameter of the pipeline; may be repeated.")
  Map<String, String> params = new LinkedHashMap<>();

  @Option(names = "--json", description = "One JSON object a check.")
  boolean json;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new QualityCheckAction(this, System.out).execute();
  }
}
