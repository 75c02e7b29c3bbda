package dev.weir.lineage;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who did something. Weir knows people by what their system says of them and checks nothing: who
 * may write to a home decides what is said in it.
 *
 * @param name what {@code WEIR_ACTOR} says, or the operating system's user
 * @param host the machine that it was done on
 * @param claimed in whose name, as was said on the command line; or null
 */
public record Actor(String name, String host, @Nullable String claimed) {
  /** The environment variable that says who acts where the operating system's user does not. */
  public static final String VARIABLE = "WEIR_ACTOR";

  public Actor {
    if (name.isBlank()) {
      throw new IllegalArgumentException("Who did it is not said");
    }
    claimed = claimed == null || claimed.isBlank() ? null : claimed.strip();
  }

  /**
   * Who acts in this process.
   *
   * @param environment the process's environment variables
   * @param claimed in whose name, or null
   */
  public static Actor of(Map<String, String> environment, @Nullable String claimed) {
    Holder holder = Holder.current();
    String named = environment.get(VARIABLE);
    return new Actor(
        named == null || named.isBlank() ? holder.user() : named.strip(), holder.host(), claimed);
  }

  /** In words: {@code ada@ship}, or {@code ada@ship for Grace}. */
  public String text() {
    return claimed == null ? name + "@" + host : "%s@%s for %s".formatted(name, host, claimed);
  }
}
