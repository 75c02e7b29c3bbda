package dev.weir.ml;

import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Stages of a chain read from YAML by the codec under test. */
final class YamlText {
  private YamlText() {}

  /** The stage that a text says, or null with the faults in {@code problems}. */
  static @Nullable MlStage read(String text, Problems problems) {
    return new MlStageCodec().read(parse(text), problems);
  }

  /** The stage that a text without faults says. */
  static MlStage stage(String text) {
    Problems problems = new Problems();
    MlStage stage = read(text, problems);
    problems.throwIfAny("the test's text");
    if (stage == null) {
      throw new AssertionError("Nothing was read, and no fault noted");
    }
    return stage;
  }

  static Yaml parse(String text) {
    LoadSettings settings = LoadSettings.builder().setUseMarks(true).build();
    return yaml(new Compose(settings).composeString(text).orElseThrow());
  }

  private static Yaml yaml(Node node) {
    Location at = at(node);
    if (node instanceof MappingNode mapping) {
      Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        String key = ((ScalarNode) tuple.getKeyNode()).getValue();
        entries.put(key, new Yaml.Entry(at(tuple.getKeyNode()), yaml(tuple.getValueNode())));
      }
      return new Yaml.Mapping(at, entries);
    } else if (node instanceof SequenceNode sequence) {
      List<Yaml> items = new ArrayList<>();
      sequence.getValue().forEach(item -> items.add(yaml(item)));
      return new Yaml.Sequence(at, items);
    }
    ScalarNode scalar = (ScalarNode) node;
    return new Yaml.Scalar(at, value(scalar), scalar.getValue());
  }

  private static @Nullable Object value(ScalarNode node) {
    Tag tag = node.getTag();
    if (tag.equals(Tag.NULL)) {
      return null;
    } else if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(node.getValue());
    } else if (tag.equals(Tag.INT)) {
      return Long.valueOf(node.getValue());
    } else if (tag.equals(Tag.FLOAT)) {
      return Double.valueOf(node.getValue());
    }
    return node.getValue();
  }

  private static Location at(Node node) {
    return node.getStartMark()
        .map(mark -> new Location("p.yaml", mark.getLine() + 1, mark.getColumn() + 1))
        .orElseThrow();
  }
}
