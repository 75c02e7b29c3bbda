package dev.weir.pipeline;

import dev.weir.config.Binder;
import dev.weir.config.Keys;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.config.Substitution;
import dev.weir.config.Yaml;
import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a pipeline of a file and the parameters given, or one error that lists every fault. */
final class PipelineLoader {
  private final PipelineFile file;
  private final StageTypes types;
  private final Problems problems;
  private final Binder binder;
  private final Fragment fragment;
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Set<String> withoutValue = new LinkedHashSet<>();

  PipelineLoader(PipelineFile file, StageTypes types, Problems problems) {
    this.file = file;
    this.types = types;
    this.problems = problems;
    this.binder = new Binder(types.codecs());
    this.fragment = new Fragment(binder);
  }

  /**
   * @param catalog what is there before a run, or null to leave that unchecked
   */
  LoadedPipeline load(Map<String, String> given, Graph.@Nullable Catalog catalog) {
    params(given);
    Substitution substitution = new Substitution(values, withoutValue, problems);
    List<Wiring.Node> nodes = new ArrayList<>();
    List<StageDefinition> stages = new ArrayList<>();
    for (Yaml item : file.stages()) {
      if (!(item instanceof Yaml.Mapping)) {
        // Notes that it is not what a stage is.
        binder.read(item, PipelineFile.Entry.class, "a stage", problems);
        continue;
      }
      Yaml.Mapping node = (Yaml.Mapping) substitution.apply(item);
      var entry = binder.read(node, PipelineFile.Entry.class, "a stage", problems);
      String name = name(node);
      Class<? extends Stage> type = type(node);
      Stage stage = type == null ? null : stage(node, type);
      Ports ports =
          stage == null ? fragment.ports(type, PipelineFile.value(node, "with")) : Ports.of(stage);
      if (name == null) {
        continue;
      }
      Set<String> after = entry == null ? Set.of() : entry.after();
      nodes.add(new Wiring.Node(name, ports, after, new YamlPlaces(node)));
      if (stage != null && entry != null) {
        Retry retry = entry.retry() == null ? Retry.NONE : entry.retry();
        stages.add(definition(node, name, stage, entry, retry));
      }
    }
    if (!nodes.isEmpty() || file.empty()) {
      Wiring wiring = Wiring.check(nodes, problems);
      if (catalog != null) {
        wiring.missing(catalog, fragment::mayMake);
      }
    }
    problems.throwIfAny("invalid-pipeline", "the pipeline '" + file.name() + "'");
    return new LoadedPipeline(
        new Pipeline(file.name(), values, stages, file.concurrency()), file.path(), file.shown());
  }

  private void params(Map<String, String> given) {
    Map<String, PipelineParam> declared = new LinkedHashMap<>();
    file.params().forEach(p -> declared.put(p.name(), p));
    given.forEach(
        (name, text) -> {
          if (!declared.containsKey(name) && !file.faultyParams().contains(name)) {
            String known =
                declared.isEmpty()
                    ? "; it has none"
                    : "; it has " + String.join(", ", declared.keySet());
            problems.add(
                "--param %s=%s: the pipeline has no parameter '%s'%s"
                    .formatted(
                        name,
                        text,
                        name,
                        Nearest.of(name, declared.keySet())
                            .map(n -> "; did you mean '" + n + "'?")
                            .orElse(known)));
          }
        });
    declared.forEach((name, param) -> value(param, given.get(name)));
    withoutValue.addAll(file.faultyParams());
  }

  private void value(PipelineParam param, @Nullable String text) {
    if (text != null) {
      try {
        Object value = param.parse(text);
        String fault = Names.paramFault(param.name(), value);
        if (fault == null) {
          values.put(param.name(), value);
          return;
        }
        problems.add("--param %s=%s: %s".formatted(param.name(), text, fault));
      } catch (IllegalArgumentException e) {
        problems.add("--param %s=%s: %s".formatted(param.name(), text, e.getMessage()));
      }
    } else if (param.absent() != null) {
      values.put(param.name(), param.absent());
      return;
    } else {
      problems.add(
          file.paramAt(param.name()),
          "the parameter '%s' has no value%s: give it with --param %s=…"
              .formatted(
                  param.name(),
                  param.help() == null ? "" : " (" + withoutDot(param.help()) + ")",
                  param.name()));
    }
    withoutValue.add(param.name());
  }

  private static String withoutDot(String sentence) {
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }

  private static @Nullable String name(Yaml.Mapping node) {
    String name = PipelineFile.text(node, "name");
    String uses = PipelineFile.text(node, "uses");
    return name == null && uses != null ? StageTypes.name(uses) : name;
  }

  private @Nullable Class<? extends Stage> type(Yaml.Mapping node) {
    String uses = PipelineFile.text(node, "uses");
    return uses == null ? null : types.find(uses, usesAt(node), problems);
  }

  private static Location usesAt(Yaml.Mapping node) {
    return Objects.requireNonNull(PipelineFile.value(node, "uses")).at();
  }

  private @Nullable Stage stage(Yaml.Mapping node, Class<? extends Stage> type) {
    String uses = Objects.requireNonNull(PipelineFile.text(node, "uses"));
    Location at = usesAt(node);
    Yaml with = PipelineFile.value(node, "with");
    Yaml configuration = with == null ? new Yaml.Mapping(node.at(), Map.of()) : with;
    try {
      return binder.read(configuration, type, "'with'", problems);
    } catch (LinkageError e) {
      problems.add(at, StageTypes.unloadable(uses, e));
    } catch (IllegalStateException e) {
      // A stage of the user's own has a component that nothing can read.
      problems.add(at, uses + ": " + e.getMessage());
    }
    return null;
  }

  private StageDefinition definition(
      Yaml.Mapping node, String name, Stage stage, PipelineFile.Entry entry, Retry retry) {
    try {
      return new StageDefinition(name, stage, entry.after(), retry, entry.timeout(), entry.cache());
    } catch (IllegalArgumentException e) {
      problems.add(node.at(), String.valueOf(e.getMessage()));
      return new StageDefinition(name, stage, entry.after(), retry, null, entry.cache());
    }
  }

  /** The places of a stage's parts in its file. */
  private record YamlPlaces(Yaml.Mapping node) implements Places {
    @Override
    public Location stage() {
      Yaml name = PipelineFile.value(node, "name");
      return name == null ? node.at() : name.at();
    }

    @Override
    public Location port(String port) {
      String key = Keys.kebab(port.split("[\\[.]", 2)[0]);
      Yaml value =
          PipelineFile.value(node, "with") instanceof Yaml.Mapping with
              ? PipelineFile.value(with, key)
              : null;
      return value == null ? node.at() : value.at();
    }

    @Override
    public Location after(String name) {
      if (PipelineFile.value(node, "after") instanceof Yaml.Sequence names) {
        for (Yaml item : names.items()) {
          if (item instanceof Yaml.Scalar scalar && scalar.text().equals(name)) {
            return item.at();
          }
        }
      }
      Yaml single = PipelineFile.value(node, "after");
      return single == null ? node.at() : single.at();
    }
  }
}
