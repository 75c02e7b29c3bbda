package dev.weir.pipeline;

import dev.weir.config.Binder;
import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Key;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import dev.weir.config.YamlReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file that holds a pipeline, read as far as that goes without its stages' classes. */
final class PipelineFile {
  /** What stands at the top of the file. */
  @Help("A Weir pipeline.")
  record Top(
      @Help("The pipeline's name.") String pipeline,
      @Help("What the pipeline is for.") @Nullable String description,
      @Help("Parameters by name: a default, or { type, default, help }; --param sets them.")
          @Default("{}")
          Map<String, Yaml> params,
      @Help("The stages; their order says nothing, what they read and write does.")
          List<Yaml> stages,
      @Help("What a run does that finds another run of the pipeline under way.") @Default("refuse")
          Concurrency concurrency) {}

  /** What stands in a stage. */
  @Help("A stage of the pipeline.")
  record Entry(
      @Help("The stage's name, unique in the pipeline; what it uses unless given.")
          @Nullable String name,
      @Help("A built-in stage, or the class of one of your own.") String uses,
      @Help("The stage's configuration.") @Key("with") @Default("{}") Yaml configuration,
      @Help("Stages to wait for besides those that make what this one reads.") @Default("[]")
          Set<String> after,
      @Help("How often the stage is tried; once unless given.") @Nullable Retry retry,
      @Help("How long one attempt may take; as long as it needs unless given.")
          @Nullable Duration timeout,
      @Help("Whether an earlier result may be used again: auto, or never.") @Default("auto")
          Cache cache) {}

  private final Path path;
  private final String shown;
  private final Concurrency concurrency;
  private final Problems problems;
  private final Yaml.Mapping tree;
  private final List<PipelineParam> params = new ArrayList<>();
  private final Set<String> faultyParams = new LinkedHashSet<>();

  private PipelineFile(
      Path path, String shown, Yaml.Mapping tree, Concurrency concurrency, Problems problems) {
    this.concurrency = concurrency;
    this.path = path;
    this.shown = shown;
    this.tree = tree;
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @param shown the file's name in messages
   * @return the file, or null if it is not even a mapping
   */
  static @Nullable PipelineFile read(Path path, String shown, Problems problems) {
    Yaml node = YamlReader.read(path, shown, problems);
    if (node == null) {
      return null;
    }
    Top top = new Binder(Map.of()).read(node, Top.class, "the file", problems);
    if (!(node instanceof Yaml.Mapping tree)) {
      return null;
    }
    Concurrency concurrency = top == null ? Concurrency.REFUSE : top.concurrency();
    PipelineFile file = new PipelineFile(path, shown, tree, concurrency, problems);
    file.readName();
    file.readParams();
    return file;
  }

  Path path() {
    return path;
  }

  String shown() {
    return shown;
  }

  /** The pipeline's name, or that of its file where it has none. */
  String name() {
    String name = text(tree, "pipeline");
    String file = String.valueOf(path.getFileName());
    return name == null ? file.replaceFirst("\\.ya?ml$", "") : name;
  }

  Concurrency concurrency() {
    return concurrency;
  }

  @Nullable String description() {
    return text(tree, "description");
  }

  List<PipelineParam> params() {
    return List.copyOf(params);
  }

  /** Parameters whose declaration is faulty, which was noted. */
  Set<String> faultyParams() {
    return Set.copyOf(faultyParams);
  }

  List<Yaml> stages() {
    return value(tree, "stages") instanceof Yaml.Sequence stages ? stages.items() : List.of();
  }

  /** True if the file lists stages, none. */
  boolean empty() {
    return value(tree, "stages") instanceof Yaml.Sequence stages && stages.items().isEmpty();
  }

  /** Where a parameter is declared. */
  Location paramAt(String name) {
    Yaml.Entry entry =
        value(tree, "params") instanceof Yaml.Mapping all ? all.entries().get(name) : null;
    return entry == null ? tree.at() : entry.key();
  }

  private void readName() {
    Yaml name = value(tree, "pipeline");
    if (name instanceof Yaml.Scalar scalar && scalar.value() != null) {
      String fault = Names.fault("pipeline", scalar.text());
      if (fault != null) {
        problems.add(scalar.at(), fault);
      }
    }
  }

  private void readParams() {
    if (!(value(tree, "params") instanceof Yaml.Mapping all)) {
      return;
    }
    Binder binder = new Binder(Map.of());
    for (var entry : all.entries().entrySet()) {
      String name = entry.getKey();
      PipelineParam param = param(name, entry.getValue().value(), binder);
      String fault = Names.paramFault(name, param == null ? null : param.absent());
      if (fault != null) {
        problems.add(entry.getValue().key(), fault);
      }
      if (param == null || fault != null) {
        faultyParams.add(name);
      } else {
        params.add(param);
      }
    }
  }

  private @Nullable PipelineParam param(String name, Yaml node, Binder binder) {
    String what = "the parameter '" + name + "'";
    if (node instanceof Yaml.Mapping mapping) {
      var declared = binder.read(mapping, PipelineParam.Declared.class, what, problems);
      if (declared == null) {
        return null;
      }
      PipelineParam param = new PipelineParam(name, declared.type(), null, declared.help());
      Object given = declared.absent();
      Object absent = given == null ? null : param.accept(given);
      if (given != null && absent == null) {
        Yaml place = value(mapping, "default");
        problems.add(
            place == null ? node.at() : place.at(),
            "the default of %s is %s, found %s"
                .formatted(what, param.described(), place == null ? given : place.describe()));
        return null;
      }
      return new PipelineParam(name, declared.type(), absent, declared.help());
    }
    PipelineParam.Type type =
        node instanceof Yaml.Scalar scalar ? PipelineParam.Type.of(scalar.value()) : null;
    if (type == null) {
      problems.add(
          node.at(),
          "%s expects a default or { type, default, help }, found %s"
              .formatted(what, node.describe()));
      return null;
    }
    return new PipelineParam(name, type, ((Yaml.Scalar) node).value(), null);
  }

  /** The value of a key, or null. */
  static @Nullable Yaml value(Yaml.Mapping mapping, String key) {
    Yaml.Entry entry = mapping.entries().get(key);
    return entry == null ? null : entry.value();
  }

  /** The text of a key's single value, or null. */
  static @Nullable String text(Yaml.Mapping mapping, String key) {
    return value(mapping, key) instanceof Yaml.Scalar scalar && scalar.value() != null
        ? scalar.text()
        : null;
  }
}
