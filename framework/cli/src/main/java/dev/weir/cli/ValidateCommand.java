package dev.weir.cli;

import dev.weir.config.Project;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a pipeline without running it. */
@Command(
    name = "validate",
    description = "Check a pipeline, all of it, without running it.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
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
      names = "--jars",
      paramLabel = "JAR",
      split = ",",
      description = "Jars with stages of your own; may be repeated.")
  List<String> jars = new ArrayList<>();

  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    Project project = workspace.project();
    SparkLog.configure(project);
    return PipelineActions.validate(project, workspace, pipeline, params, jars, System.out);
  }
}
