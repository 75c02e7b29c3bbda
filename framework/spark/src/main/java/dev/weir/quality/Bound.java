package dev.weir.quality;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/**
 * An end of a range: a number, a date ({@code 2024-01-31}) or a time ({@code 2024-01-31T12:00:00},
 * with or without an offset).
 *
 * @param text the number without needless zeros, the date or the time
 */
public record Bound(String text) {
  public Bound {
    text = canonical(text.strip());
  }

  /** Reads a bound; throws {@link IllegalArgumentException} with what it may be. */
  public static Bound parse(String text) {
    return new Bound(text);
  }

  /** A number. */
  public static Bound of(Number number) {
    return new Bound(number.toString());
  }

  /** Whether it is a date or a time, not a number. */
  boolean isTime() {
    return text.indexOf('-', 1) > 0;
  }

  @Override
  public String toString() {
    return text;
  }

  private static String canonical(String text) {
    try {
      return new BigDecimal(text).stripTrailingZeros().toPlainString();
    } catch (NumberFormatException notANumber) {
      String iso = text.replace(' ', 'T');
      if (parses(() -> LocalDate.parse(iso))
          || parses(() -> LocalDateTime.parse(iso))
          || parses(() -> OffsetDateTime.parse(iso))) {
        return iso;
      }
      throw new IllegalArgumentException(
          "'%s' is not a bound: it is a number, a date such as 2024-01-31 or a time such as 2024-01-31T12:00:00"
              .formatted(text),
          notANumber);
    }
  }

  private static boolean parses(Runnable parse) {
    try {
      parse.run();
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }
}
