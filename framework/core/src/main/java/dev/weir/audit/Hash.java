package dev.weir.audit;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A sha-256 as four numbers, of which millions can be held and compared. */
record Hash(long a, long b, long c, long d) {
  /** What stands before the first row of a chain. */
  static final Hash NONE = new Hash(0, 0, 0, 0);

  private static final int DIGITS = 64;

  /** The hash of what a digest was given; the digest starts anew. */
  static Hash of(MessageDigest digest) {
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
    return new Hash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  /** Reads 64 lower-case hexadecimal digits; null for anything else. */
  static @Nullable Hash parse(@Nullable String text) {
    if (text == null || text.length() != DIGITS) {
      return null;
    }
    for (int i = 0; i < DIGITS; i++) {
      char digit = text.charAt(i);
      if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
        return null;
      }
    }
    return new Hash(number(text, 0), number(text, 16), number(text, 32), number(text, 48));
  }

  private static long number(String text, int from) {
    return HexFormat.fromHexDigitsToLong(text, from, from + 16);
  }

  /** The 64 hexadecimal digits. */
  String hex() {
    HexFormat format = HexFormat.of();
    return format.toHexDigits(a)
        + format.toHexDigits(b)
        + format.toHexDigits(c)
        + format.toHexDigits(d);
  }

  @Override
  public String toString() {
    return hex();
  }
}
