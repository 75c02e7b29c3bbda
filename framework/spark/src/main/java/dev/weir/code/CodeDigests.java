package dev.weir.code;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Sha256;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The code of stages, as a class loader has it: of each stage its class and all that is reached
 * from it in bytecode, whatever names it. Class files are read, each once; no class is loaded.
 *
 * <p>What is reached counts in one of three ways:
 *
 * <ul>
 *   <li><b>Class by class</b>: Weir's own classes; those in folders of classes; and those in the
 *       stage's own jar. A jar that holds a stage and what it needs in one is the stage's own jar
 *       too: a library in it changes with the classes that are reached of it, whereas the whole jar
 *       would change with every other stage in it.
 *   <li><b>By its jar</b>: any other library. Its classes are followed, to find the jars behind it,
 *       but only the jars count, as a whole: a library's own means (services, resources,
 *       reflection) can't be seen in bytecode.
 *   <li><b>Not at all</b>: the JDK; Spark, Delta and what comes with them, whose versions are in
 *       the fingerprint beside this; and those of Weir's packages that say what a stage is rather
 *       than what it does ({@code pipeline}, {@code lineage}, {@code run} and others). A class that
 *       has a name like Spark's but stands in a folder or jar of the stage's own that is not
 *       Spark's is the user's, and is read.
 * </ul>
 *
 * <p>Comments, formatting, names of parameters, debugging tables and {@code @Help} count for
 * nothing. (But a compiler told to write debugging tables also stores local constants that it
 * otherwise leaves out, which is different code.) A class that is not found, such as one made at
 * run time, counts by its name. What a stage loads by a name that is text, as a resource or as a
 * service is not seen: a caller that knows of such classes gives their names.
 *
 * <p>Safe for use by many threads.
 */
public final class CodeDigests {
  private final ClassLoader loader;
  private final ConcurrentMap<String, Optional<Found>> found = new ConcurrentHashMap<>();

  private CodeDigests(ClassLoader loader) {
    this.loader = Objects.requireNonNull(loader);
  }

  /** A class file that was read. */
  private record Found(Origin origin, ClassCode code) {}

  /** Of the classes that a class loader finds, as they are when each is first asked for. */
  public static CodeDigests of(ClassLoader loader) {
    return new CodeDigests(loader);
  }

  /** The code of a stage. */
  public StageCode of(Class<?> stage) {
    return of(stage, List.of());
  }

  /**
   * The code of a stage that is told to use classes by name, such as transformers of the user's.
   *
   * @param named full names of classes, which count as the stage's class does
   * @throws WeirException if a class or a jar that is there can't be read
   */
  public StageCode of(Class<?> stage, Collection<String> named) {
    // A hidden class, such as a lambda's, has no file; the body of a lambda is in its nest's host.
    String root = (stage.isHidden() ? stage.getNestHost() : stage).getName();
    try (OpenJars jars = new OpenJars()) {
      return walk(root, named, jars);
    } catch (IOException e) {
      throw unreadable(root, e);
    }
  }

  private StageCode walk(String root, Collection<String> named, OpenJars open) throws IOException {
    Set<String> seen = new LinkedHashSet<>(named);
    seen.add(root);
    Set<Origin> own = new HashSet<>();
    for (String name : seen) {
      // A class of Spark's that is named does not make Spark's jar the user's.
      if (name.equals(root) || Boundary.library(name).isEmpty()) {
        find(name, open).map(Found::origin).ifPresent(own::add);
      }
    }

    SortedMap<String, String> classes = new TreeMap<>();
    SortedMap<String, SortedSet<String>> jars = new TreeMap<>();
    Deque<String> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      String name = next.remove();
      if (!name.equals(root) && isOutside(name, own, open)) {
        continue;
      }
      Optional<Found> file = find(name, open);
      if (file.isEmpty()) {
        classes.put(name, StageCode.NOT_FOUND);
        continue;
      }
      Origin origin = file.get().origin();
      ClassCode code = file.get().code();
      Optional<Path> jar = origin.jar();
      if (jar.isEmpty() || own.contains(origin) || Boundary.isWeir(name)) {
        classes.put(name, code.digest());
      } else {
        jars.computeIfAbsent(jar.get().getFileName().toString(), key -> new TreeSet<>())
            .add(FileDigests.of(jar.get()));
      }
      code.references().stream().filter(seen::add).forEach(next::add);
    }

    SortedMap<String, String> digests = new TreeMap<>();
    // Jars of the same name in several folders count together.
    jars.forEach(
        (name, all) ->
            digests.put(name, all.size() == 1 ? all.first() : Sha256.of(String.join("\n", all))));
    return StageCode.of(classes, digests);
  }

  private boolean isOutside(String name, Set<Origin> own, OpenJars open) throws IOException {
    if (Boundary.isPlatform(name) || Boundary.isContract(name)) {
      return true;
    }
    Optional<String> library = Boundary.library(name);
    if (library.isEmpty()) {
      return false;
    }
    for (Origin origin : own) {
      if (open.holds(origin, resource(name)) && !open.holds(origin, resource(library.get()))) {
        return false;
      }
    }
    return true;
  }

  private Optional<Found> find(String name, OpenJars open) {
    return found.computeIfAbsent(name, key -> read(key, open));
  }

  private Optional<Found> read(String name, OpenJars open) {
    String resource = resource(name);
    URL url = loader.getResource(resource);
    if (url == null) {
      return Optional.empty();
    }
    Origin origin = Origin.of(url, resource);
    try {
      return Optional.of(new Found(origin, ClassCode.of(open.read(origin, url, resource))));
    } catch (IOException e) {
      throw unreadable(url.toString(), e);
    }
  }

  private static WeirException unreadable(String what, IOException e) {
    return new WeirException(
        "unreadable-code",
        ErrorKind.USER,
        "The code of a stage can't be read: %s: %s.".formatted(what, e),
        "Put back the folder or jar that it was in, or leave it off the class path.",
        e);
  }

  private static String resource(String name) {
    return name.replace('.', '/') + ".class";
  }
}
