package dev.weir.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the valid name that a mistyped one most likely meant. */
public final class Nearest {
  private Nearest() {}

  /**
   * The candidate nearest to {@code name} by edit distance, if it is near enough to be worth
   * offering: at most a third of the name's length away, and at least one edit is always allowed.
   */
  public static Optional<String> of(String name, Collection<String> candidates) {
    int limit = Math.max(1, (name.length() + 1) / 3);
    String lower = name.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(c -> distance(lower, c.toLowerCase(Locale.ROOT)) <= limit)
        .min(
            Comparator.<String>comparingInt(c -> distance(lower, c.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** {@code "; did you mean 'x'?"}, or an empty text. */
  public static String hint(String name, Collection<String> candidates) {
    return of(name, candidates).map(c -> "; did you mean '" + c + "'?").orElse("");
  }

  /** {@code "; did you mean 'x'?"}, or a full stop: either ends a sentence. */
  public static String ending(String name, Collection<String> candidates) {
    return of(name, candidates).map(c -> "; did you mean '" + c + "'?").orElse(".");
  }

  /** Damerau's edit distance with adjacent transpositions (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + cost);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
