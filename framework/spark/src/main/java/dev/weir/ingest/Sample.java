package dev.weir.ingest;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.io.Serializable;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries that Weir makes itself, the same for the same parameters on any machine and any number
 * of cores. They are written as CSV files under {@code <home>/samples} and then read like anybody's
 * files.
 *
 * @param sample which
 * @param months how many months are delivered, from 2024-01
 * @param rows applications a month, malformed lines included
 * @param seed another seed, other applications
 * @param asOf the day of delivery: of applications less than 90 days old, it is not known yet
 *     whether they defaulted
 * @param faultMonth a month delivered with income in thousands, as {@code 2025-03}, or null
 */
@Help("Deliveries that Weir makes itself, the same for the same parameters everywhere.")
public record Sample(
    @Help("Which one: credit, or credit-truth for the true probability of each application.")
        Kind sample,
    @Help("How many months are delivered, from 2024-01.") @Default("24") int months,
    @Help("Applications a month, malformed lines included.") @Default("2000") long rows,
    @Help("Another seed gives other applications.") @Default("42") long seed,
    @Help("The day of delivery; what happens within 90 days of it is not known yet.")
        @Default("2025-12-31")
        LocalDate asOf,
    @Help("A month delivered with income in thousands, such as 2025-03, for gates to catch.")
        @Nullable String faultMonth)
    implements Source, Serializable {
  /** The samples there are. */
  public enum Kind {
    /** Applications for loans, and whether they defaulted. */
    CREDIT,
    /** The true probability of default of the same applications. */
    CREDIT_TRUTH
  }

  public Sample {
    Objects.requireNonNull(sample);
    Objects.requireNonNull(asOf);
    if (months < 1 || months > 1200) {
      throw new IllegalArgumentException("months is from 1 to 1200, not " + months);
    }
    if (rows < 1 || rows > 9_999_999_999L) {
      throw new IllegalArgumentException("rows is from 1 to 9999999999, not " + rows);
    }
    if (faultMonth != null && faultMonth.isBlank()) {
      // A pipeline's parameter that is left as it is.
      faultMonth = null;
    }
    if (faultMonth != null) {
      if (sample == Kind.CREDIT_TRUTH) {
        throw new IllegalArgumentException(
            "fault-month changes what is delivered, not the truth: leave it out of credit-truth");
      }
      YearMonth month;
      try {
        month = YearMonth.parse(faultMonth);
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException(
            "fault-month is a month such as 2025-03, not '" + faultMonth + "'", e);
      }
      YearMonth last = CreditApplication.FIRST_MONTH.plusMonths(months - 1L);
      if (month.isBefore(CreditApplication.FIRST_MONTH) || month.isAfter(last)) {
        throw new IllegalArgumentException(
            "fault-month is one of the months delivered, %s to %s, not %s"
                .formatted(CreditApplication.FIRST_MONTH, last, month));
      }
      faultMonth = month.toString();
    }
  }

  /** Applications for loans, delivered on 2025-12-31. */
  public static Sample credit(int months, long rows, long seed) {
    return new Sample(Kind.CREDIT, months, rows, seed, LocalDate.of(2025, 12, 31), null);
  }

  /** The true probability of default of the same applications. */
  public static Sample creditTruth(int months, long rows, long seed) {
    return new Sample(Kind.CREDIT_TRUTH, months, rows, seed, LocalDate.of(2025, 12, 31), null);
  }

  /** The same, with one month's income in thousands. */
  public Sample withFault(YearMonth month) {
    return new Sample(sample, months, rows, seed, asOf, month.toString());
  }
}
