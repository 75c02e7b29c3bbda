package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What every check can be told beside what must hold.
 *
 * @param where a boolean SQL expression over one row; rows for which it is not true are not looked
 *     at
 * @param owner who looks after the check
 */
public record Terms(
    @Help(
            "A boolean SQL expression over the columns: only rows for which it is true are looked at.")
        @Nullable String where,
    @Help("error halts what comes after; warn is recorded only.") @Default("error")
        Severity severity,
    @Help("Who looks after the check.") @Nullable String owner,
    @Help("What the check is for, in a sentence.") @Nullable String description) {
  /** Of all rows, and in earnest. */
  public static final Terms USUAL = new Terms(null, Severity.ERROR, null, null);

  public Terms {
    Objects.requireNonNull(severity);
    requireText("where", where);
    requireText("owner", owner);
    requireText("description", description);
  }

  /** Those rows for which an SQL condition is true. */
  public static Terms where(String sql) {
    return new Terms(sql, Severity.ERROR, null, null);
  }

  /** The same, as a warning. */
  public Terms warning() {
    return new Terms(where, Severity.WARN, owner, description);
  }

  private static void requireText(String key, @Nullable String text) {
    if (text != null && text.isBlank()) {
      throw new IllegalArgumentException(key + " is blank");
    }
  }
}
