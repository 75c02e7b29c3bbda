package dev.weir.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;

/** SHA-256 in hexadecimal. */
final class Sha256 {
  private Sha256() {}

  static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The digest of a model: of the lines {@code <sha-256> <path>}, sorted by path, as {@code
   * sha256sum} would print them.
   */
  static String of(Collection<ModelFile> files) {
    MessageDigest digest = start();
    files.stream()
        .sorted(Comparator.comparing(ModelFile::path))
        .map(file -> file.sha256() + "  " + file.path() + "\n")
        .forEach(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
    return hex(digest);
  }
}
