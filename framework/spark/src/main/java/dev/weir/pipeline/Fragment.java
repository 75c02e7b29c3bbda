package dev.weir.pipeline;

import dev.weir.config.Binder;
import dev.weir.config.Keys;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import dev.weir.error.Nearest;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of the ports of stages whose configuration is faulty: those that can be read
 * from it all the same, and texts that may name what such a stage makes.
 */
final class Fragment {
  private static final Pattern PARAMETER = Pattern.compile("\\$\\{[^}]*}");
  private static final Set<Class<?>> MADE = Set.of(Output.class, ModelOutput.class);
  private static final Set<Class<?>> PORTS =
      Set.of(Input.class, Output.class, ModelInput.class, ModelOutput.class);

  private final Binder binder;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> malformed = new LinkedHashSet<>();
  private final List<Pattern> patterns = new ArrayList<>();

  Fragment(Binder binder) {
    this.binder = binder;
  }

  /**
   * The ports that can be read of a stage; what else it is told may name what it makes.
   *
   * @param type the stage's class, or null if there is none
   */
  Ports ports(@Nullable Class<? extends Stage> type, @Nullable Yaml configuration) {
    Ports none = new Ports(List.of(), List.of(), List.of(), List.of());
    if (!(configuration instanceof Yaml.Mapping with)) {
      return none;
    }
    Map<String, Yaml> rest = new LinkedHashMap<>();
    with.entries().forEach((key, entry) -> rest.put(key, entry.value()));
    Map<String, Object> read = new LinkedHashMap<>();
    if (type != null) {
      for (RecordComponent component : type.getRecordComponents()) {
        String key = Keys.of(component);
        Yaml value = rest.get(key);
        Class<?> port = port(component.getGenericType());
        if (value != null && port != null) {
          read.put(component.getName(), read(value, port));
        }
        if (port == null || !MADE.contains(port)) {
          rest.remove(key);
        }
      }
    }
    rest.values().forEach(this::remember);
    return Ports.of(read);
  }

  /** True if a stage that could not be read may make what has the name. */
  boolean mayMake(String name) {
    return names.contains(name)
        || Nearest.of(name, malformed).isPresent()
        || patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  /** The kind of port that a component holds, alone or many of them; null if it holds none. */
  private static @Nullable Class<?> port(Type type) {
    if (type instanceof ParameterizedType many) {
      Type[] arguments = many.getActualTypeArguments();
      return port(arguments[arguments.length - 1]);
    }
    return type instanceof Class<?> single && PORTS.contains(single) ? single : null;
  }

  private Object read(Yaml value, Class<?> port) {
    List<Object> found = new ArrayList<>();
    if (value instanceof Yaml.Mapping mapping) {
      Map<String, Object> named = new LinkedHashMap<>();
      mapping.entries().forEach((key, entry) -> named.put(key, read(entry.value(), port)));
      return named;
    }
    if (value instanceof Yaml.Sequence sequence) {
      sequence.items().forEach(item -> found.add(read(item, port)));
      return found;
    }
    // What is wrong with it was said when the whole was read.
    Object single = binder.read(value, port, "", new Problems());
    return single == null ? found : single;
  }

  private void remember(Yaml value) {
    if (value instanceof Yaml.Mapping mapping) {
      mapping.entries().values().forEach(entry -> remember(entry.value()));
    } else if (value instanceof Yaml.Sequence sequence) {
      sequence.items().forEach(this::remember);
    } else if (value instanceof Yaml.Scalar scalar) {
      String text = scalar.text();
      if (PARAMETER.matcher(text).find()) {
        patterns.add(
            Pattern.compile(
                Arrays.stream(PARAMETER.split(text, -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*"))));
      } else if (binder.read(value, Output.class, "", new Problems()) != null) {
        names.add(text);
      } else {
        malformed.add(text);
      }
    }
  }
}
