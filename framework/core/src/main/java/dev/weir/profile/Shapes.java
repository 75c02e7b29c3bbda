package dev.weir.profile;

/**
 * The shape of a text: 9 for a digit, A for an upper and a for a lower letter of ASCII, x for any
 * other character beyond ASCII, a space for white space, and punctuation as it is; cut where it is
 * long.
 */
final class Shapes {
  static final int LONGEST = 40;

  private Shapes() {}

  /** Writes the shape of UTF-8 and returns how long it is. */
  static int write(byte[] utf8, int offset, int length, byte[] shape) {
    int written = 0;
    for (int at = offset; at < offset + length; at++) {
      byte next = utf8[at];
      if ((next & 0xC0) == 0x80) {
        continue;
      }
      if (written == LONGEST) {
        // A text that goes on is another shape than one that ends here.
        shape[LONGEST - 1] = '+';
        return LONGEST;
      }
      shape[written++] = of(next);
    }
    return written;
  }

  private static byte of(byte next) {
    if (next < 0) {
      return 'x';
    }
    if (next >= '0' && next <= '9') {
      return '9';
    }
    if (next >= 'A' && next <= 'Z') {
      return 'A';
    }
    if (next >= 'a' && next <= 'z') {
      return 'a';
    }
    return next <= ' ' || next == 127 ? (byte) ' ' : next;
  }
}
