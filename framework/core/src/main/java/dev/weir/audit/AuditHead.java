package dev.weir.audit;

import dev.weir.error.WeirException;
import org.jspecify.annotations.Nullable;

/**
 * The end of the chain at one moment. Whoever keeps it elsewhere can tell later whether anything
 * before it was changed or cut off.
 *
 * @param number the last row's number, 0 where there is none
 * @param hash the last row's hash, 64 zeros where there is none
 * @param signature the last row's signature, or null
 */
public record AuditHead(long number, String hash, @Nullable String signature) {
  public AuditHead {
    if (number < 0 || Hash.parse(hash) == null) {
      throw new IllegalArgumentException("No head of a chain: " + number + ":" + hash);
    }
  }

  /**
   * Reads {@code NUMBER:HASH}.
   *
   * @throws WeirException {@code invalid-head}
   */
  public static AuditHead parse(String text) {
    String[] parts = text.strip().split(":", -1);
    if (parts.length != 2 || !parts[0].matches("\\d{1,18}") || Hash.parse(parts[1]) == null) {
      throw WeirException.user(
          "invalid-head",
          "'%s' is no head of a chain.".formatted(text),
          "Write it as ./weir audit head printed it: a number, a colon and 64 hexadecimal digits.");
    }
    return new AuditHead(Long.parseLong(parts[0]), parts[1], null);
  }

  /** As it is kept: {@code 12:ab…}. */
  public String text() {
    return number + ":" + hash;
  }
}
