package dev.weir.config;

import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts parameters into YAML. A value that is <code>${seed}</code> and nothing else becomes the
 * parameter's value with its type; in a longer text it becomes text; <code>$${</code> stands for
 * the two characters without the first dollar. Keys are left alone.
 */
public final class Substitution {
  /**
   * The value of a scalar with a parameter that has none: {@link Binder} makes nothing of it and
   * has nothing to say about it.
   */
  static final Object UNRESOLVED = new Object();

  private final Map<String, Object> values;
  private final Set<String> withoutValue;
  private final Problems problems;

  /**
   * @param values parameters by name: a String, Long, Double or Boolean each
   * @param withoutValue parameters that exist but have no value, which was said elsewhere
   */
  public Substitution(Map<String, Object> values, Set<String> withoutValue, Problems problems) {
    this.values = Map.copyOf(values);
    this.withoutValue = Set.copyOf(withoutValue);
    this.problems = problems;
  }

  /** The node with parameters put in; what is faulty is noted and left as it is. */
  public Yaml apply(Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      List<Yaml> items = new ArrayList<>();
      sequence.items().forEach(item -> items.add(apply(item)));
      return new Yaml.Sequence(sequence.at(), items);
    }
    if (node instanceof Yaml.Mapping mapping) {
      Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
      mapping
          .entries()
          .forEach((k, entry) -> entries.put(k, new Yaml.Entry(entry.key(), apply(entry.value()))));
      return new Yaml.Mapping(mapping.at(), entries);
    }
    Yaml.Scalar scalar = (Yaml.Scalar) node;
    return scalar.value() instanceof String text && text.contains("${")
        ? scalar(scalar, text)
        : scalar;
  }

  /** True if the node or anything in it lacks the value of a parameter. */
  static boolean unresolved(Yaml node) {
    if (node instanceof Yaml.Sequence sequence) {
      return sequence.items().stream().anyMatch(Substitution::unresolved);
    }
    return node instanceof Yaml.Mapping mapping
        ? mapping.entries().values().stream().anyMatch(entry -> unresolved(entry.value()))
        : ((Yaml.Scalar) node).value() == UNRESOLVED;
  }

  private Yaml.Scalar scalar(Yaml.Scalar scalar, String text) {
    StringBuilder result = new StringBuilder();
    boolean resolved = true;
    int from = 0;
    for (int dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', from)) {
      result.append(text, from, dollar);
      if (text.startsWith("$${", dollar)) {
        result.append("${");
        from = dollar + 3;
      } else if (text.startsWith("${", dollar)) {
        int end = text.indexOf('}', dollar);
        Object value = value(scalar, text.substring(dollar), end - dollar);
        if (value != UNRESOLVED && dollar == 0 && end == text.length() - 1) {
          return new Yaml.Scalar(scalar.at(), value, value.toString());
        }
        resolved &= value != UNRESOLVED;
        result.append(value);
        from = end < 0 ? text.length() : end + 1;
      } else {
        result.append('$');
        from = dollar + 1;
      }
    }
    String whole = result.append(text, from, text.length()).toString();
    return resolved
        ? new Yaml.Scalar(scalar.at(), whole, whole)
        : new Yaml.Scalar(scalar.at(), UNRESOLVED, text);
  }

  private Object value(Yaml.Scalar scalar, String text, int end) {
    if (end < 0) {
      problems.add(
          scalar.at(),
          "'%s' has no closing brace; write $${ for the characters ${ themselves".formatted(text));
      return UNRESOLVED;
    }
    String name = text.substring(2, end);
    Object value = values.get(name);
    if (value != null) {
      return value;
    }
    if (!withoutValue.contains(name)) {
      List<String> names = new ArrayList<>(values.keySet());
      names.addAll(withoutValue);
      String known =
          names.isEmpty()
              ? "; the pipeline has no params"
              : "; the params are " + String.join(", ", names.stream().sorted().toList());
      String remedy =
          Nearest.of(name, names)
              .map(n -> "; did you mean '" + n + "'?")
              .orElse(known + "; write $${ for the characters ${ themselves");
      problems.add(scalar.at(), "unknown parameter '%s'%s".formatted(name, remedy));
    }
    return UNRESOLVED;
  }
}
