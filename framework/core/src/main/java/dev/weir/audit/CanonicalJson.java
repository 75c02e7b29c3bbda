package dev.weir.audit;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.IOException;
import org.erdtman.jcs.JsonCanonicalizer;

/** JSON in the one form that RFC 8785 gives it. */
final class CanonicalJson {
  private CanonicalJson() {}

  /**
   * The canonical form of a JSON object.
   *
   * @throws WeirException {@code fact-damaged} if it is none
   */
  static String of(String json) {
    try {
      return new JsonCanonicalizer(json).getEncodedString();
    } catch (IOException e) {
      throw new WeirException(
          "fact-damaged",
          ErrorKind.DATA,
          "The event table holds a body that is no JSON object: " + e.getMessage(),
          "Only Weir writes that table; restore it from a backup.",
          e);
    }
  }
}
