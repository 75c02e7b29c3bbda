package dev.weir.config;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of YAML, strictly: a key that is not known, is missing, or holds a value of another
 * type is a fault, and all faults are noted before anything is given up.
 *
 * <p>A component {@code maxRows} is the key {@code max-rows}. It may be a String, a number, a
 * Boolean, an enum, a {@link java.time.Duration}, a {@link java.time.LocalDate}, a {@link
 * java.nio.file.Path}, a {@link java.net.URI}, anything with a {@code public static parse(String)},
 * a record, a List, Set or Map of such (a list of one single value needs no brackets), an Object
 * for any plain value, a {@link Yaml} for the node itself, or a type with a {@link Codec}. The
 * records of a sealed interface are variants of one thing, told apart by the key of their first
 * component. The keys of an {@link Inline} record stand among those of the record that holds it.
 */
public final class Binder {
  /** Stands for a value that could not be made, its faults noted. */
  static final Object FAULT = new Object();

  private final Map<Class<?>, Codec<?>> codecs;
  private final Map<String, Yaml> defaults = new ConcurrentHashMap<>();

  /** A binder that reads the types of {@code codecs} by those. */
  public Binder(Map<Class<?>, Codec<?>> codecs) {
    this.codecs = Map.copyOf(codecs);
  }

  /**
   * Makes a value of a node, or notes every fault and returns null.
   *
   * @param what the node's name in messages, such as {@code 'with'}
   */
  public <T> @Nullable T read(Yaml node, Class<T> type, String what, Problems problems) {
    Object value = bind(node, type, what, problems);
    return value == FAULT ? null : type.cast(value);
  }

  private Object bind(Yaml node, Type type, String what, Problems problems) {
    Class<?> raw = Types.raw(type);
    Codec<?> codec = codecs.get(raw);
    if ((node instanceof Yaml.Scalar || codec != null) && Substitution.unresolved(node)) {
      return FAULT;
    }
    if (codec != null) {
      Object value = codec.read(node, problems);
      return value == null ? FAULT : value;
    }
    if (raw == Yaml.class) {
      return node;
    }
    if (raw == Object.class) {
      return plain(node, what, problems);
    }
    Scalars.Reader scalars = Scalars.reader(raw);
    if (scalars != null) {
      return scalars.read(node, what, problems);
    }
    if (raw == List.class || raw == Collection.class) {
      List<Object> items = items(node, type, what, problems);
      return items == null ? FAULT : List.copyOf(items);
    }
    if (raw == Set.class) {
      return set(node, type, what, problems);
    }
    if (raw == Map.class) {
      return map(node, type, what, problems);
    }
    if (Types.variant(raw)) {
      return variant(node, raw, what, problems);
    }
    if (raw.isRecord()) {
      return record(node, raw, what, problems);
    }
    throw Types.unbindable(type);
  }

  private static Object plain(Yaml node, String what, Problems problems) {
    if (node instanceof Yaml.Scalar scalar) {
      return scalar.value() == null ? mistyped(node, what, "a value", problems) : scalar.value();
    }
    boolean whole = true;
    if (node instanceof Yaml.Sequence sequence) {
      List<Object> items = new ArrayList<>();
      for (Yaml item : sequence.items()) {
        items.add(plain(item, item(items.size(), what), problems));
      }
      return items.contains(FAULT) ? FAULT : List.copyOf(items);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (var entry : ((Yaml.Mapping) node).entries().entrySet()) {
      Object value = plain(entry.getValue().value(), quoted(entry.getKey()), problems);
      whole &= value != FAULT;
      values.put(entry.getKey(), value);
    }
    return whole ? Collections.unmodifiableMap(values) : FAULT;
  }

  private @Nullable List<Object> items(Yaml node, Type type, String what, Problems problems) {
    Type argument = Types.argument(type, 0);
    if (!(node instanceof Yaml.Sequence sequence)) {
      if (node instanceof Yaml.Scalar scalar && scalar.value() != null && single(argument)) {
        Object value = bind(node, argument, what, problems);
        return value == FAULT ? null : List.of(value);
      }
      mistyped(node, what, "a list", problems);
      return null;
    }
    List<Object> items = new ArrayList<>();
    boolean whole = true;
    for (Yaml item : sequence.items()) {
      Object value = bind(item, argument, item(items.size(), what), problems);
      whole &= value != FAULT;
      items.add(value);
    }
    return whole ? items : null;
  }

  /** True if items of the type are single values, so that a list of one needs no brackets. */
  private boolean single(Type item) {
    Class<?> raw = Types.raw(item);
    return !codecs.containsKey(raw) && Scalars.reader(raw) != null;
  }

  private Object set(Yaml node, Type type, String what, Problems problems) {
    List<Object> items = items(node, type, what, problems);
    if (items == null) {
      return FAULT;
    }
    Set<Object> values = new LinkedHashSet<>();
    boolean whole = true;
    for (int i = 0; i < items.size(); i++) {
      if (!values.add(items.get(i))) {
        whole = false;
        Yaml item = ((Yaml.Sequence) node).items().get(i);
        problems.add(item.at(), "%s holds %s twice".formatted(what, item.describe()));
      }
    }
    return whole ? Collections.unmodifiableSet(values) : FAULT;
  }

  private Object map(Yaml node, Type type, String what, Problems problems) {
    if (!(node instanceof Yaml.Mapping mapping)) {
      return mistyped(node, what, "a mapping", problems);
    }
    Map<Object, Object> values = new LinkedHashMap<>();
    boolean whole = true;
    for (var entry : mapping.entries().entrySet()) {
      // Only text has quotes to lose: a key of another type is read again as what it says.
      Yaml key = Scalars.unquoted(entry.getValue().key(), entry.getKey());
      Object name = bind(key, Types.argument(type, 0), "a key of " + what, problems);
      Object value =
          bind(entry.getValue().value(), Types.argument(type, 1), quoted(entry.getKey()), problems);
      whole &= name != FAULT && value != FAULT;
      values.put(name, value);
    }
    return whole ? Collections.unmodifiableMap(values) : FAULT;
  }

  private Object variant(Yaml node, Class<?> type, String what, Problems problems) {
    Map<String, Class<?>> variants = Types.variants(type);
    String expected = "a mapping with one of the keys " + String.join(", ", variants.keySet());
    if (!(node instanceof Yaml.Mapping mapping)) {
      return mistyped(node, what, expected, problems);
    }
    List<String> present =
        mapping.entries().keySet().stream().filter(variants::containsKey).toList();
    if (present.isEmpty()) {
      String keys = mapping.entries().isEmpty() ? "none" : listed(mapping.entries().keySet());
      Optional<String> near =
          mapping.entries().keySet().stream()
              .flatMap(k -> Nearest.of(k, variants.keySet()).stream())
              .findFirst();
      problems.add(
          node.at(),
          "%s expects %s, found %s%s"
              .formatted(
                  what, expected, keys, near.map(n -> "; did you mean '" + n + "'?").orElse("")));
      return FAULT;
    }
    // A later component of one variant may be named as the first of another: what stands first in
    // the file decides.
    String first = mapping.entries().keySet().iterator().next();
    if (present.size() > 1 && !present.contains(first)) {
      problems.add(
          node.at(),
          "%s is one of %s: put the key that says which first".formatted(what, listed(present)));
      return FAULT;
    }
    Class<?> chosen = variants.get(present.get(0));
    return record(mapping, Objects.requireNonNull(chosen), what, problems);
  }

  private Object record(Yaml node, Class<?> type, String what, Problems problems) {
    Yaml.Mapping mapping;
    if (node instanceof Yaml.Mapping given) {
      mapping = given;
    } else if (node instanceof Yaml.Scalar scalar && scalar.value() == null) {
      mapping = new Yaml.Mapping(node.at(), Map.of());
    } else {
      return mistyped(node, what, "a mapping", problems);
    }
    Map<String, RecordComponent> components = Keys.components(type);
    Set<String> meant = unknown(mapping, components.keySet(), problems);
    boolean whole = meant.isEmpty() && components.keySet().containsAll(mapping.entries().keySet());
    Object made = components(mapping, type, meant, problems);
    return whole ? made : FAULT;
  }

  /** A record of those entries of a mapping that it has components for. */
  private Object components(
      Yaml.Mapping mapping, Class<?> type, Set<String> meant, Problems problems) {
    boolean whole = true;
    List<@Nullable Object> values = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value =
          Keys.inline(component)
              ? components(mapping, component.getType(), meant, problems)
              : component(mapping, Keys.of(component), component, meant, problems);
      whole &= value != FAULT;
      values.add(value);
    }
    return whole ? construct(type, values.toArray(), mapping.at(), problems) : FAULT;
  }

  /** Notes keys that are not known, and returns the known ones that they most likely meant. */
  private static Set<String> unknown(Yaml.Mapping mapping, Set<String> known, Problems problems) {
    Set<String> free = new LinkedHashSet<>(known);
    free.removeAll(mapping.entries().keySet());
    Set<String> meant = new HashSet<>();
    for (var entry : mapping.entries().entrySet()) {
      if (known.contains(entry.getKey())) {
        continue;
      }
      Optional<String> near =
          Nearest.of(entry.getKey(), free).or(() -> Nearest.of(entry.getKey(), known));
      near.ifPresent(meant::add);
      problems.add(
          entry.getValue().key(),
          "unknown key '%s'%s"
              .formatted(
                  entry.getKey(),
                  near.map(n -> "; did you mean '" + n + "'?")
                      .orElse(
                          known.isEmpty()
                              ? "; there are none here"
                              : "; the keys here are " + String.join(", ", known))));
    }
    return meant;
  }

  private @Nullable Object component(
      Yaml.Mapping mapping,
      String key,
      RecordComponent component,
      Set<String> meant,
      Problems problems) {
    Yaml.Entry entry = mapping.entries().get(key);
    boolean nullable = Keys.nullable(component);
    if (entry != null) {
      boolean nothing = entry.value() instanceof Yaml.Scalar scalar && scalar.value() == null;
      return nothing && nullable
          ? null
          : bind(entry.value(), component.getGenericType(), quoted(key), problems);
    }
    Default absent = component.getAnnotation(Default.class);
    if (absent != null) {
      return absent(component, absent.value());
    }
    if (nullable) {
      return null;
    }
    if (!meant.contains(key)) {
      Help help = component.getAnnotation(Help.class);
      problems.add(
          mapping.at(),
          "the key '%s' is missing%s".formatted(key, help == null ? "" : ": " + help.value()));
    }
    return FAULT;
  }

  private Object absent(RecordComponent component, String yaml) {
    Problems problems = new Problems();
    Yaml node = defaults.get(yaml);
    if (node == null) {
      node = YamlReader.parse("@Default", yaml, problems);
    }
    Object value = FAULT;
    if (node != null) {
      defaults.put(yaml, node);
      value = bind(node, component.getGenericType(), "the default", problems);
    }
    if (value == FAULT || !problems.isEmpty()) {
      throw new IllegalStateException(
          "The default of %s in %s is faulty: %s"
              .formatted(
                  component.getName(),
                  component.getDeclaringRecord().getName(),
                  problems.messages()));
    }
    return value;
  }

  private static Object construct(
      Class<?> type, @Nullable Object[] values, Location at, Problems problems) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(parameters);
      // A stage may be a nested record that is not public.
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      problems.add(at, reason(cause == null ? e : cause));
      return FAULT;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Can't make a " + type.getName(), e);
    }
  }

  /** What a constructor or a parse method has to say against a value. */
  static String reason(Throwable cause) {
    if (cause instanceof WeirException weir) {
      return weir.text();
    }
    String message = cause.getMessage();
    boolean refusal =
        cause instanceof IllegalArgumentException || cause instanceof DateTimeException;
    return refusal && message != null ? message : cause.toString();
  }

  static Object mistyped(Yaml node, String what, String expected, Problems problems) {
    problems.add(node.at(), "%s expects %s, found %s".formatted(what, expected, node.describe()));
    return FAULT;
  }

  private static String item(int index, String what) {
    return "item %d of %s".formatted(index + 1, what);
  }

  private static String quoted(String key) {
    return "'" + key + "'";
  }

  private static String listed(Collection<String> names) {
    return names.stream().map(Binder::quoted).collect(Collectors.joining(", "));
  }
}
