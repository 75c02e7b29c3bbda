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
    long[] numbers = new long[4];
    for (int i = 0; i < DIGITS; i++) {
      char digit = text.charAt(i);
      int value;
      if (digit >= '0' && digit <= '9') {
        value = digit - '0';
      } else if (digit >= 'a' && digit <= 'f') {
        value = digit - 'a' + 10;
      } else {
        return null;
      }
      numbers[i >> 4] = numbers[i >> 4] << 4 | value;
    }
    return new Hash(numbers[0], numbers[1], numbers[2], numbers[3]);
  }

  /** The 64 hexadecimal digits. */
  String hex() {
    HexFormat format = HexFormat.of();
    return format.toHexDigits(a)
        + format.toHexDigits(b)
        + format.toHexDigits(c)
        + format.toHexDigits(d);
  }

  /** Written out, as are equals and parsing: a chain has hundreds of thousands. */
  @Override
  public int hashCode() {
    return (int) a;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Hash hash && a == hash.a && b == hash.b && c == hash.c && d == hash.d;
  }

  @Override
  public String toString() {
    return hex();
  }
}
