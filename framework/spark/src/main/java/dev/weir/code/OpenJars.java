package dev.weir.code;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * Reads class files, with each jar opened once until this is closed. The JVM's own cache of open
 * jars would go on giving what a jar held before it was replaced.
 */
final class OpenJars implements AutoCloseable {
  private final Map<Path, JarFile> open = new HashMap<>();

  /** The bytes of a class file, from where a class loader found it. */
  byte[] read(Origin origin, URL url, String resource) throws IOException {
    Optional<Path> path = origin.jar();
    try (InputStream in = path.isPresent() ? inJar(path.get(), url, resource) : url.openStream()) {
      return in.readAllBytes();
    }
  }

  /** Whether an origin has a resource; never, where that can't be told without a network. */
  boolean holds(Origin origin, String resource) throws IOException {
    Optional<Path> path = origin.jar();
    if (path.isPresent()) {
      return jar(path.get()).getJarEntry(resource) != null;
    }
    return origin.isFolder()
        && Files.exists(Path.of(URI.create(origin.prefix())).resolve(resource));
  }

  @Override
  public void close() throws IOException {
    for (JarFile jar : open.values()) {
      jar.close();
    }
  }

  private InputStream inJar(Path path, URL url, String resource) throws IOException {
    JarFile jar = jar(path);
    JarEntry entry = jar.getJarEntry(resource);
    // Otherwise not as the class loader sees it; so it is asked.
    return entry == null ? url.openStream() : jar.getInputStream(entry);
  }

  private JarFile jar(Path path) throws IOException {
    JarFile jar = open.get(path);
    if (jar == null) {
      // As class loaders do: of several forms of a class the one for this Java.
      jar = new JarFile(path.toFile(), false, ZipFile.OPEN_READ, Runtime.version());
      open.put(path, jar);
    }
    return jar;
  }
}
