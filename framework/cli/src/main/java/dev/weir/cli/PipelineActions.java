package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.pipeline.LoadedPipeline;
import dev.weir.pipeline.PipelineParam;
import dev.weir.pipeline.Pipelines;
import dev.weir.pipeline.StageTypes;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the commands about pipelines do. */
final class PipelineActions {
  private PipelineActions() {}

  /** Loads a pipeline by its name or by the path of its file; its inputs must be in the home. */
  static LoadedPipeline load(
      Project project,
      Workspace workspace,
      String pipeline,
      Map<String, String> params,
      ClassLoader loader,
      HomeCatalog home) {
    Pipelines pipelines = new Pipelines(project.folder());
    StageTypes types = StageTypes.of(loader);
    boolean path =
        pipeline.endsWith(".yaml") || pipeline.endsWith(".yml") || pipeline.contains("/");
    if (!path) {
      return pipelines.load(pipeline, params, types, home);
    }
    Path file = workspace.path(pipeline);
    if (!Files.isRegularFile(file)) {
      throw WeirException.user(
          "missing-file",
          "There is no file %s.".formatted(file),
          "Name a YAML file, or a pipeline of conf/pipelines: see ./weir pipelines.");
    }
    return pipelines.load(file, params, types, home);
  }

  static int list(Project project, PrintStream out, PrintStream err) {
    List<Pipelines.Summary> found = new Pipelines(project.folder()).list();
    if (found.isEmpty()) {
      err.println(
          "There are no pipelines in %s; write one as conf/pipelines/<name>.yaml."
              .formatted(project.pipelines()));
      return ExitCode.DONE;
    }
    int width = found.stream().mapToInt(p -> p.name().length()).max().orElse(0);
    boolean broken = false;
    for (Pipelines.Summary pipeline : found) {
      String description = pipeline.description();
      out.println(
          "%s  %-10s  %s"
              .formatted(
                  Text.pad(pipeline.name(), width),
                  Text.count(pipeline.stages(), "stage"),
                  description == null ? pipeline.file() : description));
      for (PipelineParam param : pipeline.params()) {
        String help = param.help();
        out.println(
            "%s    --param %s=%s%s"
                .formatted(
                    " ".repeat(width),
                    param.name(),
                    param.absent() == null
                        ? "…  ("
                            + param.type().name().toLowerCase(java.util.Locale.ROOT)
                            + ", required)"
                        : param.absent(),
                    help == null ? "" : "  " + help));
      }
      for (String fault : pipeline.faults()) {
        broken = true;
        out.println("%s    %s".formatted(" ".repeat(width), fault));
      }
    }
    return broken ? ExitCode.USAGE : ExitCode.DONE;
  }

  static int validate(
      Project project,
      Workspace workspace,
      String name,
      Map<String, String> params,
      List<String> jars,
      PrintStream out) {
    ClassLoader loader = UserCode.of(project, workspace, jars).install();
    LoadedPipeline loaded;
    try (HomeCatalog home = new HomeCatalog(workspace.home(project), Map.of())) {
      loaded = load(project, workspace, name, params, loader, home);
    }
    out.println(
        "%s is valid: %s, %s"
            .formatted(
                loaded.pipeline().name(),
                Text.count(loaded.pipeline().stages().size(), "stage"),
                String.join(" → ", loaded.pipeline().graph().order())));
    return ExitCode.DONE;
  }
}
