package dev.weir.quality;

import java.util.LinkedHashSet;
import java.util.List;

/** The names of one or more columns; a field of a struct is named {@code struct.field}. */
public record Columns(List<String> names) {
  public Columns {
    names = List.copyOf(names);
    if (names.isEmpty() || names.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("name at least one column");
    }
    if (new LinkedHashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("a column is named twice: " + String.join(", ", names));
    }
  }

  /** These columns. */
  public static Columns of(String... names) {
    return new Columns(List.of(names));
  }

  @Override
  public String toString() {
    return String.join(", ", names);
  }
}
