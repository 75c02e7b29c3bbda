package dev.weir.registry;

import java.util.Locale;

/** What people have said of a model version. */
public enum ModelState {
  /** It has its number, and nobody has judged it as it is. */
  REGISTERED,
  /** It may be used. */
  APPROVED,
  /** It may not be used. */
  REJECTED,
  /** It was taken out of use for good. */
  RETIRED;

  /** In a sentence: {@code approved}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
