package dev.weir.ingest;

import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.feature.Split;
import dev.weir.feature.SplitBy;
import dev.weir.feature.Sql;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreditSampleTest {
  private static final String[] TEXTS = {
    "channel", "region", "marital_status", "education", "employment", "housing", "purpose"
  };
  private static final String[] NUMBERS = {
    "age",
    "is_young",
    "dependents",
    "employment_years",
    "months_at_address",
    "log_income",
    "debt_ratio",
    "open_loans",
    "late_payments",
    "credit_score",
    "credit_score_missing",
    "existing_customer",
    "log_loan_amount",
    "loan_term_months",
    "burden",
    "interest_rate",
    "winter"
  };

  private final SparkSession spark = TestSpark.session();

  @Test
  void aRowIsAFunctionOfSeedMonthAndNumber() {
    YearMonth month = YearMonth.of(2024, 5);
    assertThat(CreditApplication.of(7, month, 100)).isEqualTo(CreditApplication.of(7, month, 100));
    assertThat(CreditApplication.of(7, month, 100).incomeCents())
        .isNotEqualTo(CreditApplication.of(7, month, 101).incomeCents())
        .isNotEqualTo(CreditApplication.of(8, month, 100).incomeCents())
        .isNotEqualTo(CreditApplication.of(7, month.plusMonths(1), 100).incomeCents());
    // A change of the generator shows here, and needs a new number of it.
    assertThat(CreditCsv.line(Sample.credit(24, 2000, 7), month, 100)).isEqualTo(PINNED);
  }

  private static final String PINNED =
      "2024050000000101,2024-05-30,branch,north,40,married,2,bachelor,salaried,6,mortgage,3,"
          + "30118.06,5127.94,2,0,657,false,other,14600,48,5.39,0";

  private static Map<String, String> write(Sample sample, SparkSession spark, Path home)
      throws IOException {
    SampleFiles files = new SampleFiles(sample, home.toUri());
    files.write(spark, spark.sparkContext().hadoopConfiguration());
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> paths = Files.list(Path.of(files.folder().toUri()))) {
      for (Path path : paths.toList()) {
        if (!path.getFileName().toString().startsWith(".")) {
          texts.put(path.getFileName().toString(), Files.readString(path));
        }
      }
    }
    return texts;
  }

  @Test
  void filesAreTheSameHoweverTheWorkIsSplit(@TempDir Path one, @TempDir Path two)
      throws IOException {
    Sample sample = Sample.credit(3, 400, 7);
    Map<String, String> together = write(sample, spark, one);
    assertThat(together.keySet())
        .containsExactly(
            "applications-2024-01.csv", "applications-2024-02.csv", "applications-2024-03.csv");
    // A lone file, written by one task, and the rest by others.
    Path folder = Path.of(new SampleFiles(sample, two.toUri()).folder().toUri());
    write(sample, spark, two);
    Files.delete(folder.resolve("applications-2024-02.csv"));
    assertThat(write(sample, spark, two)).isEqualTo(together);
    // And line by line, in no task at all.
    List<String> lines = new ArrayList<>(List.of(CreditCsv.header(CreditCsv.SCHEMA)));
    for (int row = 0; row < 400; row++) {
      lines.add(CreditCsv.line(sample, YearMonth.of(2024, 2), row));
    }
    assertThat(together.getOrDefault("applications-2024-02.csv", "").lines())
        .containsExactlyElementsOf(lines);
  }

  @Test
  void filesThatAreThereAreNotWrittenAgain(@TempDir Path home) throws IOException {
    Sample sample = Sample.creditTruth(2, 10, 7);
    write(sample, spark, home);
    Path file =
        Path.of(new SampleFiles(sample, home.toUri()).folder().toUri())
            .resolve("truth-2024-01.csv");
    var before = Files.getLastModifiedTime(file);
    write(sample, spark, home);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
    assertThat(new SampleFiles(Sample.creditTruth(2, 11, 7), home.toUri()).folder())
        .isNotEqualTo(new SampleFiles(sample, home.toUri()).folder());
  }

  @Test
  void aBigMonthComesInParts(@TempDir Path home) throws IOException {
    Map<String, String> files = write(Sample.creditTruth(1, 250_001, 7), spark, home);
    assertThat(files.keySet())
        .containsExactly("truth-2024-01-part-00001.csv", "truth-2024-01-part-00002.csv");
    assertThat(files.getOrDefault("truth-2024-01-part-00002.csv", "").lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("2024010000250001,0.");
  }

  @Test
  void aFaultMonthHasIncomeInThousands() {
    Sample sample = Sample.credit(24, 2000, 7).withFault(YearMonth.of(2025, 3));
    String[] fault = CreditCsv.line(sample, YearMonth.of(2025, 3), 5).split(",", -1);
    String[] sound =
        CreditCsv.line(Sample.credit(24, 2000, 7), YearMonth.of(2025, 3), 5).split(",", -1);
    assertThat(Double.parseDouble(fault[12]) * 1000)
        .isCloseTo(Double.parseDouble(sound[12]), within(1e-6));
    fault[12] = sound[12];
    assertThat(fault).isEqualTo(sound);
    assertThatThrownBy(() -> Sample.credit(12, 10, 7).withFault(YearMonth.of(2025, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fault-month is one of the months delivered, 2024-01 to 2024-12, not 2025-03");
  }

  @Test
  void theWorldIsAsItsReadmeSays(@TempDir Path home) throws Exception {
    LocalContext context = new LocalContext(spark, home, Path.of("../..").toRealPath());
    context.run(new Ingest(Sample.credit(24, 2000, 42), to("credit.raw")));
    assertThat(context.metric("rows")).isEqualTo(48_000);
    assertThat(context.metric("corrupt-records")).isBetween(25.0, 80.0);
    assertThat(context.metric("files")).isEqualTo(24);
    context.run(new Ingest(Sample.creditTruth(24, 2000, 42), to("credit.truth")));

    Dataset<Row> raw = context.table("credit.raw");
    Dataset<Row> sound = raw.where("_corrupt_record is null");
    assertThat(raw.count() - sound.count()).isEqualTo((long) corrupt(context));
    assertThat(sound.where("channel = 'partner_app' and applied_on < '2025-01-01'").count())
        .isZero();
    assertThat(sound.where("channel = 'partner_app'").count()).isGreaterThan(4000);
    assertThat(sound.where("defaulted is null and applied_on <= '2025-10-02'").count()).isZero();
    assertThat(sound.where("defaulted is not null and applied_on > '2025-10-02'").count()).isZero();
    for (String column : List.of("dependents", "education", "employment_years", "credit_score")) {
      assertThat(sound.where(column + " is null").count()).as(column).isGreaterThan(1000);
    }
    assertThat(sound.where("income is null or debt is null or age is null").count()).isZero();

    context.run(
        new Sql(
            Input.from("credit.raw"),
            to("credit.clean"),
            Sql.statement(
                "select * except (_corrupt_record) from credit.raw where _corrupt_record is null")));
    context.run(
        new Sql(
            Input.from("credit.clean"),
            to("credit.features"),
            Sql.file("conf/pipelines/credit/features.sql")));
    context.run(
        new Split(
            Input.from("credit.features"),
            to("credit.train"),
            to("credit.test"),
            SplitBy.time("applied_on", "2025-04-01")));
    Dataset<Row> train = context.table("credit.train").cache();
    Dataset<Row> test =
        context.table("credit.test").join(context.table("credit.truth"), "application_id").cache();
    double rate = train.agg(org.apache.spark.sql.functions.avg("defaulted")).head().getDouble(0);
    double best = auc(test, "true_probability");
    double logistic = fitted(train, test, new LogisticRegression().setRegParam(0.001));
    System.out.printf(
        "credit: %d train, %d test, default rate %.4f; AUC best %.4f, logistic regression %.4f%n",
        train.count(), test.count(), rate, best, logistic);
    if (Boolean.getBoolean("weir.sweep")) {
      System.out.printf(
          "credit: boosted trees %.4f%n",
          fitted(train, test, new GBTClassifier().setMaxIter(20).setSeed(42)));
      for (String month :
          List.of("2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09")) {
        System.out.printf(
            "credit %s: AUC best %.4f%n",
            month,
            auc(
                test.where("date_format(applied_on, 'yyyy-MM') = '%s'".formatted(month)),
                "true_probability"));
      }
    }
    assertThat(rate).isBetween(0.08, 0.15);
    assertThat(best).isBetween(0.76, 0.82);
    assertThat(logistic).isBetween(0.72, 0.785).isLessThan(best);
  }

  private static List<CreditApplication> month(int year, int month) {
    return IntStream.range(0, 20_000)
        .mapToObj(row -> CreditApplication.of(42, YearMonth.of(year, month), row))
        .toList();
  }

  /** The mean of something over the applications that are meant. */
  private static double mean(
      List<CreditApplication> applications,
      Predicate<CreditApplication> meant,
      ToDoubleFunction<CreditApplication> value) {
    return applications.stream().filter(meant).mapToDouble(value).average().orElseThrow();
  }

  private static double share(
      List<CreditApplication> applications, Predicate<CreditApplication> which) {
    return mean(applications, a -> true, a -> which.test(a) ? 1 : 0);
  }

  @Test
  void riskAmountsAndPurposesHaveASeason() {
    List<CreditApplication> january = month(2024, 1);
    List<CreditApplication> july = month(2024, 7);
    assertThat(share(january, CreditApplication::defaulted))
        .isGreaterThan(share(july, CreditApplication::defaulted) + 0.01);
    assertThat(mean(january, a -> true, CreditApplication::probability))
        .isGreaterThan(mean(july, a -> true, CreditApplication::probability) + 0.015);
    assertThat(
            mean(january, a -> a.purpose().equals("other"), a -> Math.log((double) a.loanAmount())))
        .isGreaterThan(
            mean(july, a -> a.purpose().equals("other"), a -> Math.log((double) a.loanAmount()))
                + 0.06);
    assertThat(share(january, a -> a.purpose().equals("holiday"))).isBetween(0.03, 0.06);
    assertThat(share(july, a -> a.purpose().equals("holiday"))).isBetween(0.12, 0.16);
  }

  @Test
  void theApplicantsChangeWithTheYear2025() {
    Predicate<CreditApplication> app = a -> a.channel().equals("partner_app");
    List<CreditApplication> before = month(2024, 12);
    List<CreditApplication> after = month(2025, 1);
    assertThat(share(before, app)).isZero();
    assertThat(share(after, app)).isBetween(0.23, 0.27);
    assertThat(mean(after, app, CreditApplication::age))
        .isLessThan(mean(after, app.negate(), CreditApplication::age) - 10);
    assertThat(mean(after, app, a -> a.incomeCents() / 100.0))
        .isLessThan(mean(after, app.negate(), a -> a.incomeCents() / 100.0) * 0.9);
    assertThat(mean(after, app, a -> a.creditScore() == null ? 1 : 0)).isBetween(0.28, 0.32);
    assertThat(mean(after, app.negate(), a -> a.creditScore() == null ? 1 : 0))
        .isBetween(0.08, 0.12);
    assertThat(mean(after, app, a -> a.existingCustomer() ? 1 : 0)).isZero();
    assertThat(mean(after, app, CreditApplication::probability))
        .isGreaterThan(mean(after, app.negate(), CreditApplication::probability) + 0.05);
  }

  @Test
  void whatDebtSaysOfRiskChangesInJune2025() {
    List<CreditApplication> before = month(2025, 5);
    List<CreditApplication> after = month(2025, 6);
    assertThat(effectOfRatio(before)).isGreaterThan(0.06);
    assertThat(effectOfRatio(after)).isBetween(-0.01, 0.01);
    assertThat(effectOfLoans(before)).isBetween(-0.01, 0.01);
    assertThat(effectOfLoans(after)).isGreaterThan(0.06);
  }

  /** How much likelier those with much debt default than those with little. */
  private static double effectOfRatio(List<CreditApplication> applications) {
    return mean(applications, a -> ratio(a) > 0.8, CreditApplication::probability)
        - mean(applications, a -> ratio(a) > 0 && ratio(a) < 0.3, CreditApplication::probability);
  }

  private static double ratio(CreditApplication application) {
    return (double) application.debtCents() / application.incomeCents();
  }

  /**
   * How much likelier those with many loans default than those with one; elsewhere than the app.
   */
  private static double effectOfLoans(List<CreditApplication> applications) {
    Predicate<CreditApplication> elsewhere = a -> !a.channel().equals("partner_app");
    return mean(
            applications, elsewhere.and(a -> a.openLoans() >= 3), CreditApplication::probability)
        - mean(
            applications, elsewhere.and(a -> a.openLoans() == 1), CreditApplication::probability);
  }

  private static double corrupt(LocalContext context) {
    return context.metrics.stream()
        .filter(m -> m.name().equals("corrupt-records"))
        .findFirst()
        .orElseThrow()
        .value();
  }

  private static double auc(Dataset<Row> rows, String score) {
    return new BinaryClassificationEvaluator()
        .setLabelCol("defaulted")
        .setRawPredictionCol(score)
        .setNumBins(0)
        .evaluate(rows);
  }

  private static double fitted(Dataset<Row> train, Dataset<Row> test, PipelineStage predictor) {
    String[] indexed = Stream.of(TEXTS).map(t -> t + "_i").toArray(String[]::new);
    String[] vectors = Stream.of(TEXTS).map(t -> t + "_v").toArray(String[]::new);
    predictor.set("labelCol", "defaulted");
    PipelineModel model =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new StringIndexer()
                      .setInputCols(TEXTS)
                      .setOutputCols(indexed)
                      .setHandleInvalid("keep"),
                  new OneHotEncoder().setInputCols(indexed).setOutputCols(vectors),
                  new VectorAssembler()
                      .setInputCols(
                          Stream.concat(Stream.of(vectors), Stream.of(NUMBERS))
                              .toArray(String[]::new))
                      .setOutputCol("features"),
                  predictor
                })
            .fit(train);
    return auc(model.transform(test), "rawPrediction");
  }
}
