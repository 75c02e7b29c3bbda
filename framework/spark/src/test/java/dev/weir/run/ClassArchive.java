package dev.weir.run;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * This JVM's classes for processes of one kind: the first of them leaves what it loaded in an
 * archive (Java's class data sharing), with which the others need half the time.
 */
record ClassArchive(String classPath, Path file) {
  /** Has folders of classes packed into jars: an archive holds no classes of folders. */
  static ClassArchive in(Path folder) throws IOException {
    Files.createDirectories(folder);
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty() && Files.isDirectory(Path.of(entry))) {
        String packed = folder.resolve("classes-" + entries.size() + ".jar").toString();
        int code = jar.run(System.out, System.err, "--create", "--file", packed, "-C", entry, ".");
        if (code != 0) {
          throw new IOException("jar ended with %d for %s".formatted(code, entry));
        }
        entries.add(packed);
      } else {
        entries.add(entry);
      }
    }
    return new ClassArchive(String.join(File.pathSeparator, entries), folder.resolve("run.jsa"));
  }

  List<String> options() {
    String way = Files.exists(file) ? "SharedArchiveFile" : "ArchiveClassesAtExit";
    return List.of("-XX:%s=%s".formatted(way, file), "-cp", classPath);
  }
}
