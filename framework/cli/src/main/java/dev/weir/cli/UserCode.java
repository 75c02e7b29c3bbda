package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.WeirException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

  /** What Spark passes on to executors. */
  String sparkJars() {
    return String.join(
        ",",
        paths.stream().filter(Files::isRegularFile).map(path -> path.toUri().toString()).toList());
  }
}
