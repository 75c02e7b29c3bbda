package dev.weir.ml;

import dev.weir.error.Nearest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.Bucketizer;
import org.jspecify.annotations.Nullable;

/** Finds the classes of MLlib and of users that a chain can hold, without starting Spark. */
final class MlCatalog {
  private static final String ROOT = "org.apache.spark.ml.";

  /** The packages of MLlib whose classes have short names. */
  private static final List<String> PACKAGES =
      List.of("feature", "classification", "regression", "clustering", "recommendation", "fpm");

  /** Classes that look like stages and are not for a chain, with the reason. */
  private static final Map<String, String> EXCLUDED =
      Map.of(
          ROOT + "Pipeline",
          "list its stages instead: a chain is one",
          ROOT + "tuning.CrossValidator",
          "its grid of parameters holds objects that text can't name",
          ROOT + "tuning.TrainValidationSplit",
          "its grid of parameters holds objects that text can't name",
          ROOT + "clustering.PowerIterationClusteringWrapper",
          "it serves Spark Connect only");

  private MlCatalog() {}

  /**
   * The class of a stage by its short name or its full one.
   *
   * @throws IllegalArgumentException if there is none, or it can't stand in a chain, with the
   *     reason
   */
  static Class<? extends PipelineStage> resolve(String name) {
    Class<?> found = find(name);
    if (found == null) {
      throw new IllegalArgumentException(
          name.contains(".")
              ? "'%s' is not a class on the class path; add its jar with --jars or under classpath: in conf/weir.yaml"
                  .formatted(name)
              : "'%s' is not a transformer or estimator of MLlib%s"
                  .formatted(name, Nearest.hint(name, stages().keySet())));
    }
    String reason = refusal(found);
    if (reason != null) {
      throw new IllegalArgumentException(
          "%s can't stand in a chain: %s".formatted(shortName(found), reason));
    }
    return found.asSubclass(PipelineStage.class);
  }

  /** The name that YAML takes: short for MLlib's own, full for others. */
  static String shortName(Class<?> type) {
    String name = type.getName();
    for (String inner : PACKAGES) {
      String prefix = ROOT + inner + ".";
      if (name.startsWith(prefix) && name.indexOf('.', prefix.length()) < 0) {
        return name.substring(prefix.length());
      }
    }
    return name;
  }

  /** Every class of MLlib that can stand in a chain, by its short name. */
  static SortedMap<String, Class<? extends PipelineStage>> stages() {
    SortedMap<String, Class<? extends PipelineStage>> found = new TreeMap<>();
    for (String name : classNames()) {
      Class<?> type = load(name);
      if (type != null && refusal(type) == null) {
        found.put(shortName(type), type.asSubclass(PipelineStage.class));
      }
    }
    return found;
  }

  /** Makes an instance with nothing set; a class without a constructor for it makes its own uid. */
  static PipelineStage instantiate(Class<? extends PipelineStage> type, String uid) {
    try {
      try {
        return type.getConstructor(String.class).newInstance(uid);
      } catch (NoSuchMethodException e) {
        return type.getConstructor().newInstance();
      }
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          "%s can't be made: %s".formatted(shortName(type), cause), cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("%s can't be made: %s".formatted(shortName(type), e), e);
    }
  }

  /** Why a class can't stand in a chain, or null if it can. */
  private static @Nullable String refusal(Class<?> type) {
    String excluded = EXCLUDED.get(type.getName());
    if (excluded != null) {
      return excluded;
    }
    // Bucketizer is what QuantileDiscretizer fits, and is made by hand as well.
    if (Model.class.isAssignableFrom(type) && type != Bucketizer.class) {
      return "it is a fitted model; name the estimator that makes it";
    }
    if (!PipelineStage.class.isAssignableFrom(type) || Pipeline.class.isAssignableFrom(type)) {
      return "it is neither a transformer nor an estimator";
    }
    if (Modifier.isAbstract(type.getModifiers())
        || !Modifier.isPublic(type.getModifiers())
        || !constructible(type)) {
      return "it has no public constructor without arguments";
    }
    return null;
  }

  private static boolean constructible(Class<?> type) {
    return Stream.of(type.getConstructors())
        .anyMatch(
            c ->
                c.getParameterCount() == 0
                    || (c.getParameterCount() == 1 && c.getParameterTypes()[0] == String.class));
  }

  private static @Nullable Class<?> find(String name) {
    if (name.contains(".")) {
      return load(name);
    }
    for (String inner : PACKAGES) {
      Class<?> type = load(ROOT + inner + "." + name);
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  private static @Nullable Class<?> load(String name) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    try {
      return Class.forName(
          name, false, context == null ? MlCatalog.class.getClassLoader() : context);
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  /** The names of the top-level classes of MLlib's packages, from the jar that Pipeline is in. */
  private static List<String> classNames() {
    try {
      Path where =
          Path.of(Pipeline.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(where)) {
        return classNames(where);
      }
      try (FileSystem jar = FileSystems.newFileSystem(where)) {
        return classNames(jar.getPath("/"));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("Can't list the classes of MLlib", e);
    }
  }

  private static List<String> classNames(Path root) throws IOException {
    List<String> found = new ArrayList<>();
    for (String inner : PACKAGES) {
      Path folder = root.resolve("org/apache/spark/ml/" + inner);
      try (Stream<Path> files = Files.list(folder)) {
        files
            .map(file -> String.valueOf(file.getFileName()))
            .filter(file -> file.endsWith(".class") && !file.contains("$"))
            .map(file -> ROOT + inner + "." + file.substring(0, file.length() - 6))
            .forEach(found::add);
      }
    }
    return found;
  }
}
