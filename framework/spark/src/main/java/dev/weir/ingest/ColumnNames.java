package dev.weir.ingest;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What columns are called in a dataset, from what files call them. */
final class ColumnNames {
  /** What Delta takes in no column's name. */
  private static final String REFUSED = " ,;{}()\n\t=";

  private ColumnNames() {}

  /**
   * The names in a dataset, in the same order.
   *
   * @param kept a column that is named by Weir and stays so, or null
   * @throws WeirException if two come out the same, one can't be stored, or a rename finds nothing
   */
  static List<String> of(Files files, List<String> found, @Nullable String kept) {
    for (String from : files.rename().keySet()) {
      if (!found.contains(from)) {
        throw WeirException.user(
            "unknown-column",
            "rename names the column '%s', which the source does not have%s"
                .formatted(from, Nearest.ending(from, found)),
            "It has " + String.join(", ", found) + ".");
      }
    }
    List<String> names = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (String from : found) {
      String name = from.equals(kept) ? from : one(files, from);
      String before = seen.put(name.toLowerCase(Locale.ROOT), from);
      if (before != null) {
        throw WeirException.user(
            "duplicate-column",
            "The columns '%s' and '%s' would both be called '%s'.".formatted(before, from, name),
            "Give one another name with rename.");
      }
      int refused = refused(name);
      if (refused >= 0) {
        throw WeirException.user(
            "column-name",
            "The column '%s' can't be stored in Delta under that name: it has '%s' in it."
                .formatted(name, String.valueOf(name.charAt(refused)).replace("\n", "\\n")),
            "Set columns: snake-case (it would be called '%s'), or give it a name with rename."
                .formatted(snake(name)));
      }
      names.add(name);
    }
    return names;
  }

  /** Checks that a column that Weir adds has a name of its own. */
  static void requireFree(String added, List<String> names) {
    if (new TreeSet<>(names.stream().map(n -> n.toLowerCase(Locale.ROOT)).toList())
        .contains(added.toLowerCase(Locale.ROOT))) {
      throw WeirException.user(
          "duplicate-column",
          "The source has a column '%s' already; position would add another.".formatted(added),
          "Call the position otherwise.");
    }
  }

  /** One column's name; naming a name again changes nothing. */
  static String one(Files files, String from) {
    String renamed = files.rename().get(from);
    if (renamed != null) {
      return renamed;
    }
    return files.columns() == Files.Naming.SNAKE_CASE ? snake(from) : from;
  }

  private static int refused(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (REFUSED.indexOf(name.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /**
   * {@code emp.var.rate} as {@code emp_var_rate}, {@code HoursPerWeek} as {@code hours_per_week}.
   */
  static String snake(String name) {
    String snake =
        name.replaceAll("([\\p{Ll}\\d])(\\p{Lu})", "$1_$2")
            .replaceAll("[^\\p{L}\\p{Nd}]+", "_")
            .toLowerCase(Locale.ROOT);
    String trimmed = snake.replaceAll("^_+|_+$", "");
    // Names that Spark gives, such as _c0, keep their underscore.
    return trimmed.isEmpty() ? name : name.startsWith("_") ? "_" + trimmed : trimmed;
  }
}
