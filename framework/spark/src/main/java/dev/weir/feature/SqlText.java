package dev.weir.feature;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A query, written down or in a file.
 *
 * @param statement the query, or null if it is in a file
 * @param file where it is, or null
 */
public record SqlText(@Nullable String statement, @Nullable String file) {
  public SqlText {
    if ((statement == null) == (file == null)) {
      throw new IllegalArgumentException("Give either statement or file");
    }
  }

  /** A query in a file; a relative path stands against the project's folder. */
  public static SqlText file(String path) {
    return new SqlText(null, Objects.requireNonNull(path));
  }

  /** A query as it is. */
  public static SqlText statement(String sql) {
    return new SqlText(Objects.requireNonNull(sql), null);
  }
}
