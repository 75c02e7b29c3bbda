package dev.weir.ingest;

import java.time.LocalDate;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * One invented application for a loan, with what happened to it. The constants are the world's
 * whole truth: the probability of default is a logistic function of what is known about the
 * applicant, so the best possible model is known too.
 *
 * <p>Three things change with time. Risk, purposes and amounts follow the season. From 2025-01
 * applications also come through {@code partner_app}, from younger people with lower incomes and
 * thinner files. From 2025-06 debt no longer weighs through its ratio to income but through the
 * number of open loans.
 */
record CreditApplication(
    long id,
    LocalDate appliedOn,
    String channel,
    String region,
    int age,
    String maritalStatus,
    @Nullable Integer dependents,
    @Nullable String education,
    String employment,
    @Nullable Integer employmentYears,
    String housing,
    int monthsAtAddress,
    long incomeCents,
    long debtCents,
    int openLoans,
    int latePayments,
    @Nullable Integer creditScore,
    boolean existingCustomer,
    String purpose,
    long loanAmount,
    int loanTermMonths,
    int interestBasisPoints,
    double probability,
    boolean defaulted) {
  /** Days after an application until it is known whether the loan defaulted. */
  static final int DAYS_TO_LABEL = 90;

  static final YearMonth FIRST_MONTH = YearMonth.of(2024, 1);
  static final YearMonth NEW_CHANNEL = YearMonth.of(2025, 1);
  static final YearMonth NEW_DEBT_EFFECT = YearMonth.of(2025, 6);

  private static final String[] CHANNELS = {"branch", "web", "broker", "partner_app"};
  private static final String[] REGIONS = {"north", "east", "south", "west", "centre", "islands"};
  private static final String[] EDUCATIONS = {"primary", "secondary", "bachelor", "master"};
  private static final String[] EMPLOYMENTS = {
    "salaried", "public", "self_employed", "unemployed", "student", "retired"
  };
  private static final String[] MARITAL = {"single", "married", "divorced", "widowed"};
  private static final String[] HOUSINGS = {"rent", "mortgage", "own", "family"};
  private static final String[] PURPOSES = {
    "car", "home_improvement", "debt_consolidation", "education", "holiday", "other"
  };
  private static final int[] TERMS = {12, 24, 36, 48, 60, 72, 84};

  /** The application that stands at a place: a function of its arguments and nothing else. */
  static CreditApplication of(long seed, YearMonth month, long row) {
    int number = month.getYear() * 12 + month.getMonthValue();
    Draws draws = new Draws(seed, number, row);
    long id = (month.getYear() * 100L + month.getMonthValue()) * 10_000_000_000L + row + 1;
    LocalDate day = month.atDay(1 + (int) (draws.uniform() * month.lengthOfMonth()));
    // From -1 in July to 1 in January.
    double winter = StrictMath.cos(2 * StrictMath.PI * (month.getMonthValue() - 1) / 12.0);

    double partner = month.isBefore(NEW_CHANNEL) ? 0 : 0.33;
    String channel = draws.pick(CHANNELS, 0.30, 0.45, 0.25, partner);
    boolean app = channel.equals("partner_app");
    String region = draws.pick(REGIONS, 0.24, 0.14, 0.22, 0.18, 0.15, 0.07);
    int age = clamp(app ? 27 + 6 * draws.normal() : 42 + 12 * draws.normal(), 18, 82);
    String education =
        draws.pick(EDUCATIONS, age > 60 ? 0.3 : 0.08, 0.47, 0.3, age < 25 ? 0.02 : 0.15);
    String employment =
        draws.pick(
            EMPLOYMENTS,
            age > 66 ? 0.05 : 0.66,
            age > 66 ? 0.01 : 0.15,
            app ? 0.22 : 0.13,
            0.05,
            age < 27 ? 0.2 : 0,
            age > 62 ? 0.9 : 0);
    boolean working = employment.equals("salaried") || employment.equals("public");
    boolean paid = working || employment.equals("self_employed");
    int employmentYears = paid ? clamp((age - 19) * draws.uniform() * draws.uniform(), 0, 45) : 0;
    String marital =
        draws.pick(
            MARITAL, age < 30 ? 0.75 : 0.25, age < 30 ? 0.22 : 0.53, 0.15, age > 60 ? 0.15 : 0.01);
    int dependents = Math.min(6, draws.poisson(marital.equals("married") ? 1.3 : 0.35));
    String housing = draws.pick(HOUSINGS, age < 35 ? 0.5 : 0.28, 0.32, age * 0.006, 0.12);
    int monthsAtAddress = clamp(-StrictMath.log(1 - draws.uniform()) * 70, 0, age * 12 - 200);

    double income =
        StrictMath.exp(
            StrictMath.log(29_500)
                + 0.011 * (Math.min(age, 55) - 40)
                + switch (education) {
                  case "primary" -> -0.22;
                  case "bachelor" -> 0.18;
                  case "master" -> 0.36;
                  default -> 0;
                }
                + switch (employment) {
                  case "unemployed" -> -0.75;
                  case "student" -> -0.9;
                  case "retired" -> -0.25;
                  default -> 0;
                }
                + 0.4 * draws.normal());
    boolean indebted = draws.chance(0.8);
    double debt =
        indebted ? Math.min(2.5, StrictMath.exp(-0.9 + 0.85 * draws.normal())) * income : 0;
    int openLoans = indebted ? 1 + Math.min(7, draws.poisson(app ? 1.4 : 0.9)) : 0;
    double strain = draws.normal();
    int latePayments =
        Math.min(12, draws.poisson(StrictMath.exp(-1.25 + 0.8 * strain + (app ? 0.2 : 0))));
    int score = clamp(662 - 42 * strain - 12 * latePayments + 38 * draws.normal(), 350, 850);
    boolean existing = !app && draws.chance(0.38);
    String purpose =
        draws.pick(PURPOSES, 0.3, 0.22 - 0.06 * winter, 0.2, 0.08, 0.1 - 0.06 * winter, 0.1);
    double amount =
        StrictMath.exp(StrictMath.log(9_000) + 0.55 * draws.normal() + 0.06 * winter)
            * (purpose.equals("holiday") ? 0.45 : purpose.equals("car") ? 1.3 : 1);
    long loanAmount = Math.max(500, Math.round(amount / 100) * 100);
    int term = TERMS[(int) (draws.uniform() * TERMS.length)];
    double burden = loanAmount * (12.0 / term) / income;
    int interest =
        clamp(520 + 1.1 * (700 - score) + (existing ? -40 : 0) + 45 * draws.normal(), 190, 1490);

    double ratio = debt / income;
    double debtEffect =
        month.isBefore(NEW_DEBT_EFFECT)
            ? 1.05 * (Math.min(ratio, 1.8) - 0.5)
            : 0.42 * (Math.min(openLoans, 5) - 1.5);
    double odds =
        -2.75
            + debtEffect
            + 1.9 * (Math.min(burden, 0.8) - 0.13)
            + 0.36 * Math.min(latePayments, 5)
            - 0.0105 * (score - 655)
            - 0.35 * (StrictMath.log(income) - StrictMath.log(30_000))
            + (age < 25 ? 0.3 : 0)
            - 0.03 * Math.min(employmentYears, 15)
            + (employment.equals("unemployed") ? 0.75 : 0)
            + (employment.equals("self_employed") ? 0.3 : 0)
            + (housing.equals("rent") ? 0.2 : 0)
            + (purpose.equals("debt_consolidation") ? 0.35 : 0)
            + (purpose.equals("holiday") ? 0.25 : 0)
            + (channel.equals("broker") ? 0.25 : 0)
            + (app ? 0.4 : 0)
            - (existing ? 0.3 : 0)
            + 0.05 * dependents
            + 0.16 * winter;
    double probability = 1 / (1 + StrictMath.exp(-odds));
    boolean defaulted = draws.chance(probability);

    return new CreditApplication(
        id,
        day,
        channel,
        region,
        age,
        marital,
        draws.chance(0.05) ? null : dependents,
        draws.chance(0.06) ? null : education,
        employment,
        !paid || draws.chance(0.03) ? null : employmentYears,
        housing,
        monthsAtAddress,
        Math.round(income * 100),
        Math.round(debt * 100),
        openLoans,
        latePayments,
        draws.chance(app ? 0.3 : 0.1) ? null : score,
        existing,
        purpose,
        loanAmount,
        term,
        interest,
        probability,
        defaulted);
  }

  private static int clamp(double value, int least, int most) {
    return (int) Math.max(least, Math.min(Math.max(least, most), Math.round(value)));
  }
}
