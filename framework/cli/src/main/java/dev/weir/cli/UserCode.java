package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.WeirException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Where stages that are not Weir's own come from: {@code classpath:} in {@code conf/weir.yaml} and
 * {@code --jars}.
 *
 * @param paths jars and folders of classes
 */
record UserCode(List<Path> paths) {
  UserCode {
    paths = List.copyOf(paths);
  }

  static UserCode of(Project project, Workspace workspace, List<String> jars) {
    List<Path> paths = new ArrayList<>(project.classpath());
    for (String jar : jars) {
      Path path = workspace.path(jar);
      if (!Files.exists(path)) {
        throw WeirException.user(
            "missing-jar",
            "--jars names %s, which is not there: %s.".formatted(jar, path),
            "Build it first, or mend the path; it is relative to the folder you are in.");
      }
      paths.add(path);
    }
    return new UserCode(paths);
  }

  /** A loader that finds these classes after Weir's; also the calling thread's from now on. */
  ClassLoader install() {
    ClassLoader parent = UserCode.class.getClassLoader();
    if (paths.isEmpty()) {
      return parent;
    }
    URL[] urls = new URL[paths.size()];
    for (int i = 0; i < urls.length; i++) {
      try {
        urls[i] = paths.get(i).toUri().toURL();
      } catch (MalformedURLException e) {
        throw new IllegalStateException("Not a path of a class loader: " + paths.get(i), e);
      }
    }
    ClassLoader loader = new URLClassLoader("user-code", urls, parent);
    Thread.currentThread().setContextClassLoader(loader);
    return loader;
  }

  /** The jars, by URI, which Spark passes on. */
  List<String> jars() {
    return paths.stream().filter(Files::isRegularFile).map(UserCode::uri).toList();
  }

  /** Everything as jars, by URI: Spark takes no folders to its executors, so each becomes a jar. */
  List<String> packed() {
    List<String> jars = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isRegularFile(path)) {
        jars.add(uri(path));
      } else if (Files.isDirectory(path)) {
        try {
          jars.add(uri(pack(path)));
        } catch (IOException e) {
          throw new UncheckedIOException("Can't make a jar of the folder " + path, e);
        }
      }
    }
    return jars;
  }

  /** A jar of a folder's files, which goes with this process. */
  private static Path pack(Path folder) throws IOException {
    Path jar = Files.createTempFile("weir-classes-", ".jar");
    jar.toFile().deleteOnExit();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        out.putNextEntry(new JarEntry(name));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  private static String uri(Path path) {
    return path.toUri().toString();
  }
}
