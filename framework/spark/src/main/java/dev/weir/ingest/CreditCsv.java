package dev.weir.ingest;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/** The lines of the credit sample's files. */
final class CreditCsv {
  /** The schema of {@code applications-*.csv} as DDL. */
  static final String SCHEMA =
      "application_id bigint, applied_on date, channel string, region string, age int,"
          + " marital_status string, dependents int, education string, employment string,"
          + " employment_years int, housing string, months_at_address int, income double,"
          + " debt double, open_loans int, late_payments int, credit_score int,"
          + " existing_customer boolean, purpose string, loan_amount double, loan_term_months int,"
          + " interest_rate double, defaulted int";

  /** The schema of {@code truth-*.csv} as DDL. */
  static final String TRUTH_SCHEMA = "application_id bigint, true_probability double";

  /** One line in so many is malformed. */
  private static final double MALFORMED = 1 / 1000.0;

  private CreditCsv() {}

  /** The first line of a file with this schema. */
  static String header(String schema) {
    return schema
        .replaceAll(" (bigint|int|double|date|string|boolean)(, |$)", ",")
        .replaceAll(",$", "");
  }

  /** The line of an application; a few are malformed, as in any delivery. */
  static String line(Sample sample, YearMonth month, long row) {
    CreditApplication a = CreditApplication.of(sample.seed(), month, row);
    boolean fault = month.toString().equals(sample.faultMonth());
    String income = BigDecimal.valueOf(a.incomeCents(), fault ? 5 : 2).toPlainString();
    String line =
        join(
            a.id(),
            a.appliedOn(),
            a.channel(),
            a.region(),
            a.age(),
            a.maritalStatus(),
            a.dependents(),
            a.education(),
            a.employment(),
            a.employmentYears(),
            a.housing(),
            a.monthsAtAddress(),
            income,
            BigDecimal.valueOf(a.debtCents(), 2).toPlainString(),
            a.openLoans(),
            a.latePayments(),
            a.creditScore(),
            a.existingCustomer(),
            a.purpose(),
            a.loanAmount(),
            a.loanTermMonths(),
            BigDecimal.valueOf(a.interestBasisPoints(), 2).toPlainString(),
            label(a, sample.asOf()));
    // Draws of its own, so that which lines are malformed says nothing of the applicants.
    Draws draws = new Draws(~sample.seed(), month.getYear() * 12L + month.getMonthValue(), row);
    if (!draws.chance(MALFORMED)) {
      return line;
    }
    double kind = draws.uniform();
    if (kind < 0.4) {
      return line.substring(0, 20 + (int) (draws.uniform() * 30));
    }
    return kind < 0.7 ? line + ",," : line.replace("," + income + ",", ",n/a,");
  }

  /** The line of an application's true probability of default, with 12 decimals. */
  static String truthLine(Sample sample, YearMonth month, long row) {
    CreditApplication a = CreditApplication.of(sample.seed(), month, row);
    // Whole numbers format alike on every machine and in every language.
    long scaled = Math.round(a.probability() * 1e12);
    return a.id() + "," + BigDecimal.valueOf(scaled, 12).toPlainString();
  }

  private static @Nullable Integer label(CreditApplication application, LocalDate asOf) {
    LocalDate known = application.appliedOn().plusDays(CreditApplication.DAYS_TO_LABEL);
    return known.isAfter(asOf) ? null : application.defaulted() ? 1 : 0;
  }

  private static String join(@Nullable Object... values) {
    StringBuilder line = new StringBuilder(200);
    for (Object value : values) {
      if (!line.isEmpty()) {
        line.append(',');
      }
      line.append(value == null ? "" : value);
    }
    return line.toString();
  }
}
