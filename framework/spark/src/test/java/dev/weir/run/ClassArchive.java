package dev.weir.run;

import dev.weir.store.Sha256;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * What the processes that this module's tests start load their classes from: an archive (Java's
 * class data sharing), with which they need half the time. The first test that starts one makes it,
 * by a run that nobody disturbs; tests beside it wait.
 */
public final class ClassArchive {
  private static final Path FOLDER = Path.of("target", "class-archive").toAbsolutePath();

  private ClassArchive() {}

  /** The options of a JVM that say where its classes are. */
  public static synchronized List<String> options() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    Path made = FOLDER.resolve("made");
    String build = build();
    try (FileChannel lock =
        FileChannel.open(
            FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Until the channel is closed.
      var unused = lock.lock();
      if (!Files.exists(made) || !Files.readString(made).equals(build)) {
        Files.deleteIfExists(made);
        make(FOLDER.resolve("home-" + build));
        Files.writeString(made, build);
      }
    }
    return options("SharedArchiveFile", Files.readString(FOLDER.resolve("class-path")));
  }

  private static List<String> options(String use, String classPath) {
    return List.of("-XX:%s=%s".formatted(use, FOLDER.resolve("run.jsa")), "-cp", classPath);
  }

  /** By what an archive is known: classes that were compiled since are not in one of before. */
  private static String build() throws IOException {
    StringBuilder state = new StringBuilder();
    for (String entry : classPath()) {
      state.append(entry);
      if (Files.isDirectory(Path.of(entry))) {
        try (Stream<Path> files = Files.walk(Path.of(entry))) {
          for (Path file : files.sorted().toList()) {
            state.append(file).append(Files.getLastModifiedTime(file));
          }
        }
      }
    }
    return Sha256.of(state.toString()).substring(0, 16);
  }

  private static List<String> classPath() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).stream()
        .filter(entry -> !entry.isEmpty())
        .toList();
  }

  private static void make(Path home) throws IOException, InterruptedException {
    String classPath = packed();
    Files.writeString(FOLDER.resolve("class-path"), classPath);
    // Where no archive comes of it, tests are slower and nothing else.
    SignalledRun.start(
            home, Duration.ofMinutes(1), "KILL", "", options("ArchiveClassesAtExit", classPath))
        .waitFor();
  }

  /** The class path with folders of classes packed into jars: an archive holds none of folders. */
  private static String packed() throws IOException {
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    List<String> entries = new ArrayList<>();
    for (String entry : classPath()) {
      if (Files.isDirectory(Path.of(entry))) {
        String packed = FOLDER.resolve("classes-" + entries.size() + ".jar").toString();
        int code = jar.run(System.out, System.err, "--create", "--file", packed, "-C", entry, ".");
        if (code != 0) {
          throw new IOException("jar ended with %d for %s".formatted(code, entry));
        }
        entries.add(packed);
      } else {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }
}
