package dev.weir.run;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Makes ids of runs: the time in UTC and five random letters or digits, sortable and easy to say.
 */
public final class RunIds {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  // Without vowels and look-alikes: no words, no confusion of 0 with o or 1 with l.
  private static final String LETTERS = "23456789bcdfghjkmnpqrstvwxz";
  private static final SecureRandom RANDOM = new SecureRandom();

  private RunIds() {}

  /** A new id, such as {@code 20260131-174512-k3f9x}. */
  public static String next() {
    StringBuilder id = new StringBuilder(TIME.format(Instant.now())).append('-');
    for (int i = 0; i < 5; i++) {
      id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return id.toString();
  }
}
