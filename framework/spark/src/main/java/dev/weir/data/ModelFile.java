package dev.weir.data;

import dev.weir.store.Sha256;
import java.io.Serializable;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A file of a fitted model.
 *
 * @param path where it lies under the model's folder, with slashes
 * @param sha256 of its content, 64 hexadecimal digits
 * @param bytes its length
 */
public record ModelFile(String path, String sha256, long bytes) implements Serializable {
  public ModelFile {
    Objects.requireNonNull(path);
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'" + sha256 + "' is not a sha-256 in hexadecimal");
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("A file has 0 bytes or more, not " + bytes);
    }
  }

  /**
   * The digest of a model: of the lines {@code <sha-256> <path>}, sorted by path, as {@code
   * sha256sum} would print them.
   */
  static String digest(Collection<ModelFile> files) {
    return Sha256.of(
        files.stream()
            .sorted(Comparator.comparing(ModelFile::path))
            .map(file -> file.sha256() + "  " + file.path() + "\n")
            .collect(Collectors.joining()));
  }
}
