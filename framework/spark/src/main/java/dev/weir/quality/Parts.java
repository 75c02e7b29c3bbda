package dev.weir.quality;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parts of a dataset that are looked into each by itself.
 *
 * @param by the column that tells them apart
 * @param columns what is looked into, that column first
 */
record Parts(String by, List<String> columns) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** How many of them a dataset may have. */
  static final int MOST = 100;

  Parts {
    // A list that Java serializes.
    columns = new ArrayList<>(columns);
  }

  /** What expectations ask of parts: those of one column together, with no column but theirs. */
  static List<Parts> of(List<HistoryCheck> checks) {
    Map<String, Set<String>> columns = new LinkedHashMap<>();
    for (HistoryCheck check : checks) {
      String by = check.per();
      if (by != null) {
        Set<String> asked = columns.computeIfAbsent(by, b -> new LinkedHashSet<>(List.of(b)));
        String column = check.deviation().figure().column();
        if (column != null) {
          asked.add(column);
        }
      }
    }
    return columns.entrySet().stream()
        .map(entry -> new Parts(entry.getKey(), List.copyOf(entry.getValue())))
        .toList();
  }

  /** How a part is named, such as {@code region=north}. */
  String name(String value) {
    return by + "=" + value;
  }

  /** Whether a name is that of one of these. */
  boolean has(String part) {
    return part.startsWith(by + "=");
  }
}
