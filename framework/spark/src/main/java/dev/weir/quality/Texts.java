package dev.weir.quality;

import dev.weir.config.ConfigJson;
import dev.weir.store.Sha256;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and lists as verdicts say them. */
final class Texts {
  private static final int SHOWN = 10;

  private Texts() {}

  /** What tells one configuration of an expectation from another. */
  static String digest(Record expectation) {
    return Sha256.of(ConfigJson.text(ConfigJson.of(expectation))).substring(0, 12);
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Six digits of a number. */
  static String number(double number) {
    if (!Double.isFinite(number)) {
      return String.valueOf(number);
    }
    BigDecimal rounded = BigDecimal.valueOf(number).round(new MathContext(6)).stripTrailingZeros();
    return Math.abs(rounded.scale()) > 12 ? rounded.toString() : rounded.toPlainString();
  }

  static String percent(long part, long whole) {
    if (part == 0 || whole == 0) {
      return "0 %";
    }
    BigDecimal fraction =
        BigDecimal.valueOf(part).divide(BigDecimal.valueOf(whole), 8, RoundingMode.HALF_UP);
    BigDecimal rounded = fraction.movePointRight(2).setScale(2, RoundingMode.HALF_UP);
    if (rounded.signum() == 0) {
      return "less than 0.01 %";
    }
    if (part < whole && rounded.compareTo(BigDecimal.valueOf(100)) >= 0) {
      return "more than 99.99 %";
    }
    return percent(rounded.movePointLeft(2));
  }

  static String percent(BigDecimal fraction) {
    BigDecimal percent = fraction.movePointRight(2).stripTrailingZeros();
    return percent.toPlainString() + " %";
  }

  /** What lies between bounds, at least one of which is given. */
  static String bounds(@Nullable String min, @Nullable String max) {
    if (max == null) {
      return "at least " + min;
    }
    return min == null ? "at most " + max : "from %s to %s".formatted(min, max);
  }

  static String list(List<String> values) {
    return values.size() <= SHOWN
        ? String.join(", ", values)
        : "%s and %d more"
            .formatted(String.join(", ", values.subList(0, SHOWN)), values.size() - SHOWN);
  }
}
