package dev.weir.code;

import dev.weir.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** SHA-256 of files, remembered while their size and modification time stay. */
final class FileDigests {
  private static final ConcurrentMap<FileState, String> FILES = new ConcurrentHashMap<>();

  private FileDigests() {}

  private record FileState(Path path, long size, FileTime modified) {}

  static String of(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    FileState state = new FileState(file, now.size(), now.lastModifiedTime());
    String known = FILES.get(state);
    if (known == null) {
      known = read(file);
      FILES.put(state, known);
    }
    return known;
  }

  private static String read(Path file) throws IOException {
    MessageDigest digest = Sha256.start();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return Sha256.hex(digest);
  }
}
