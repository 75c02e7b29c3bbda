package dev.weir.cli.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * The one jar that goes to a cluster, and what the cluster has without it.
 *
 * @param path where it is
 */
public record ShippedJar(Path path) {
  /** The classes in it, as its entries name them. */
  public Set<String> classes() throws IOException {
    return classes(path);
  }

  private static Set<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  /**
   * What of this process's class path a Spark distribution has: the jars that share no class with
   * the shipped one, which would otherwise go unnoticed if it lacked one.
   */
  public List<Path> spark() throws IOException {
    Set<String> inside = classes();
    List<Path> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (entry.endsWith(".jar")
          && Files.isRegularFile(path)
          && classes(path).stream().noneMatch(inside::contains)) {
        jars.add(path);
      }
    }
    return List.copyOf(jars);
  }
}
