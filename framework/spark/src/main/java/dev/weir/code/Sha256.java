package dev.weir.code;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** SHA-256 in hexadecimal; a file's is remembered while its size and modification time stay. */
final class Sha256 {
  private static final ConcurrentMap<FileState, String> FILES = new ConcurrentHashMap<>();

  private Sha256() {}

  private record FileState(Path path, long size, FileTime modified) {}

  static String of(byte[] bytes) {
    return hex(start(), bytes, bytes.length);
  }

  static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

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
    MessageDigest digest = start();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return hex(digest, buffer, 0);
  }

  private static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static String hex(MessageDigest digest, byte[] last, int length) {
    digest.update(last, 0, length);
    return HexFormat.of().formatHex(digest.digest());
  }
}
