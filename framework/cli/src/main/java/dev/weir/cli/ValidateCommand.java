package dev.weir.cli;

import dev.weir.config.Project;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a pipeline without running it. */
@Command(
    name = "validate",
    description = "Check a pipeline, all of it, without running it.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
  @Mixin PipelineChoice pipeline = new PipelineChoice();

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
    return PipelineActions.validate(
        project, workspace, pipeline.name, pipeline.params, jars, System.out);
  }
}
