package dev.weir.code;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Folders and jars of classes, compiled from sources as text; each is made in a folder anew. */
public final class Compiled {
  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  /** Of all, since it remembers what is in the many jars of the class path. */
  private static final StandardJavaFileManager MANAGER =
      COMPILER.getStandardFileManager(null, null, null);

  private final Path temporary;
  private int made;

  public Compiled(Path temporary) {
    this.temporary = temporary;
  }

  /** Compiles sources by class name into a folder, with other folders and jars to compile with. */
  public Path folder(Map<String, String> sources, Path... libraries) {
    return folder(List.of(), sources, libraries);
  }

  /** The same with options for the compiler. */
  Path folder(List<String> options, Map<String, String> sources, Path... libraries) {
    try {
      Path folder = Files.createDirectory(temporary.resolve("classes" + made++));
      List<String> classPath = new ArrayList<>();
      Arrays.stream(libraries).map(Path::toString).forEach(classPath::add);
      classPath.add(System.getProperty("java.class.path"));
      List<String> all = new ArrayList<>(options);
      all.addAll(List.of("-proc:none", "-d", folder.toString(), "-classpath"));
      all.add(String.join(System.getProperty("path.separator"), classPath));
      List<JavaFileObject> files = new ArrayList<>();
      sources.forEach((name, text) -> files.add(new Source(name, text)));
      StringWriter messages = new StringWriter();
      boolean compiled = COMPILER.getTask(messages, MANAGER, null, all, null, files).call();
      assertThat(compiled).as(messages.toString()).isTrue();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts folders of classes into a jar. */
  Path jar(String name, Path... folders) {
    Map<String, byte[]> entries = new HashMap<>();
    try {
      for (Path folder : folders) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            entries.put(
                folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
          }
        }
      }
      Path jar = Files.createDirectory(temporary.resolve("jars" + made++)).resolve(name);
      try (OutputStream out = Files.newOutputStream(jar);
          JarOutputStream stream = new JarOutputStream(out)) {
        for (Map.Entry<String, byte[]> entry : new TreeMap<>(entries).entrySet()) {
          JarEntry made = new JarEntry(entry.getKey());
          made.setTime(1_700_000_000_000L);
          stream.putNextEntry(made);
          stream.write(entry.getValue());
          stream.closeEntry();
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A class loader of folders and jars, below Weir's. */
  public static URLClassLoader loader(Path... places) {
    return loader(Compiled.class.getClassLoader(), places);
  }

  /** A class loader of folders and jars, below another. */
  static URLClassLoader loader(ClassLoader parent, Path... places) {
    return new URLClassLoader(Arrays.stream(places).map(Compiled::url).toArray(URL[]::new), parent);
  }

  /** The code of a stage in folders and jars. */
  static StageCode code(String stage, Path... places) {
    try (URLClassLoader loader = loader(places)) {
      return CodeDigests.of(loader).of(Class.forName(stage, false, loader));
    } catch (IOException | ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("memory:///" + name.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
