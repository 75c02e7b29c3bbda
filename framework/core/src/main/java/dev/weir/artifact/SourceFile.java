package dev.weir.artifact;

import java.util.Objects;

/**
 * A file outside Weir as it was when it was read: {@code file:<path>@<sha-256>}.
 *
 * @param path where it was, as a URI or an absolute path
 * @param sha256 64 hexadecimal digits
 */
public record SourceFile(String path, String sha256) implements ArtifactVersion {
  public SourceFile {
    Objects.requireNonNull(path);
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'" + sha256 + "' is not a sha-256 in hexadecimal");
    }
  }

  static SourceFile parse(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("'file:" + text + "' names no sha-256");
    }
    return new SourceFile(text.substring(0, at), text.substring(at + 1));
  }

  @Override
  public String reference() {
    return "file:" + path + "@" + sha256;
  }

  @Override
  public String toString() {
    return reference();
  }
}
