package dev.weir.pipeline;

import dev.weir.config.Codec;
import dev.weir.config.Keys;
import dev.weir.config.Location;
import dev.weir.config.Problems;
import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The stages that YAML can name: in short those of the libraries found, any other by its class. */
public final class StageTypes {
  /**
   * The property that names the libraries on the JVM's own class path, with commas between, where
   * whoever starts the JVM knows them: to look for them is to open every jar there.
   */
  public static final String LIBRARIES = "weir.libraries";

  private final ClassLoader loader;
  private final SortedMap<String, Class<? extends Stage>> names = new TreeMap<>();
  private final Map<Class<?>, Codec<?>> codecs = new HashMap<>();

  private StageTypes(ClassLoader loader, Iterable<StageLibrary> libraries) {
    this.loader = loader;
    for (StageLibrary library : libraries) {
      library.stages().forEach(this::add);
      codecs.putAll(library.codecs());
    }
  }

  /** The stages of the libraries that a class loader finds, and the classes that it loads. */
  public static StageTypes of(ClassLoader loader) {
    try {
      String known = System.getProperty(LIBRARIES);
      // There may be others in jars that were given for a command.
      return new StageTypes(
          loader,
          known == null || known.isEmpty() || loader != ClassLoader.getSystemClassLoader()
              ? ServiceLoader.load(StageLibrary.class, loader)
              : named(known));
    } catch (ServiceConfigurationError | ReflectiveOperationException | LinkageError e) {
      throw new WeirException(
          "broken-library",
          ErrorKind.USER,
          "A library of stages can't be loaded: %s."
              .formatted(e.getMessage() == null ? e.getCause() : e.getMessage()),
          "Check the jars given with --jars or under classpath: in conf/weir.yaml.",
          e);
    }
  }

  private static List<StageLibrary> named(String names) throws ReflectiveOperationException {
    List<StageLibrary> libraries = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      libraries.add(
          Class.forName(name)
              .asSubclass(StageLibrary.class)
              .getDeclaredConstructor()
              .newInstance());
    }
    return libraries;
  }

  /** The stages of given libraries, and the classes that a class loader loads. */
  public static StageTypes of(ClassLoader loader, List<StageLibrary> libraries) {
    return new StageTypes(loader, libraries);
  }

  /** Stage records by their short names. */
  public SortedMap<String, Class<? extends Stage>> names() {
    return Collections.unmodifiableSortedMap(names);
  }

  /** How types that the record binding can't describe are read. */
  public Map<Class<?>, Codec<?>> codecs() {
    return Collections.unmodifiableMap(codecs);
  }

  private void add(String name, Class<? extends Stage> type) {
    Class<?> other = names.put(name, type);
    if (other != null && other != type) {
      throw WeirException.user(
          "ambiguous-stage",
          "Two libraries have a stage '%s': %s and %s."
              .formatted(name, other.getName(), type.getName()),
          "Leave one of them off the class path.");
    }
  }

  /** The name that a stage has unless it is given one: what it uses, in words with dashes. */
  static String name(String uses) {
    return Keys.kebab(uses.substring(Math.max(uses.lastIndexOf('.'), uses.lastIndexOf('$')) + 1));
  }

  /** The class that {@code uses} names, or null with the fault noted. */
  @Nullable Class<? extends Stage> find(String uses, Location at, Problems problems) {
    Class<?> known = names.get(uses);
    if (known == null && !uses.contains(".")) {
      problems.add(
          at,
          "unknown stage '%s'%s"
              .formatted(
                  uses,
                  Nearest.of(uses, names.keySet())
                      .map(n -> "; did you mean '" + n + "'?")
                      .orElse(
                          "; there are %s; a stage of your own is named by its class, such as com.example.MyStage"
                              .formatted(String.join(", ", names.keySet())))));
      return null;
    }
    try {
      Class<?> type = known == null ? load(uses) : known;
      if (type == null) {
        problems.add(
            at,
            "no class '%s' is on the class path: give its jar with --jars, or list it under classpath: in conf/weir.yaml"
                .formatted(uses));
      } else if (!Stage.class.isAssignableFrom(type)) {
        problems.add(
            at, "%s is no stage: it does not implement %s".formatted(uses, Stage.class.getName()));
      } else if (!type.isRecord()) {
        problems.add(
            at,
            "%s is not a record: a stage is a record, so that its components are its configuration"
                .formatted(uses));
      } else {
        return type.asSubclass(Stage.class);
      }
    } catch (LinkageError e) {
      problems.add(at, unloadable(uses, e));
    }
    return null;
  }

  static String unloadable(String uses, LinkageError e) {
    return "%s can't be loaded: %s; give what it needs with --jars, or list it under classpath: in conf/weir.yaml"
        .formatted(uses, e);
  }

  private @Nullable Class<?> load(String name) {
    // A nested class may be written with a dot, as in Java's source.
    List<String> spellings = new ArrayList<>(List.of(name));
    for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      spellings.add(name.substring(0, dot) + name.substring(dot).replace('.', '$'));
    }
    for (String spelling : spellings) {
      try {
        return Class.forName(spelling, false, loader);
      } catch (ClassNotFoundException e) {
        // The next spelling may be it.
      }
    }
    return null;
  }
}
