package dev.weir.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which pipeline, with which parameters. */
final class PipelineChoice {
  @Parameters(
      paramLabel = "PIPELINE",
      description = "A pipeline of conf/pipelines, or a YAML file.")
  String name = "";

  @Option(
      names = {"-p", "--param"},
      paramLabel = "NAME=VALUE",
      description = "Set a parameter of the pipeline; may be repeated.")
  Map<String, String> params = new LinkedHashMap<>();
}
