package dev.weir.quality;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static dev.weir.quality.Check.allowed;
import static dev.weir.quality.Check.expression;
import static dev.weir.quality.Check.matches;
import static dev.weir.quality.Check.notNull;
import static dev.weir.quality.Check.range;
import static dev.weir.quality.Check.rowCount;
import static dev.weir.quality.Check.unique;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.ModelOutput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.RunParams;
import dev.weir.pipeline.StageContext;
import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Moments;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValidateTest {
  @TempDir private static Path shared = Path.of("");

  private final SparkSession spark = TestSpark.session();
  private final Path home;
  private final LocalContext context;

  ValidateTest(@TempDir Path home) {
    this.home = home;
    this.context = new LocalContext(spark, home, home);
  }

  /** Eight loans; id, income and the like, with a fault of every kind. */
  private static final String LOANS =
      """
      select * from values
        (1, 1000.0D, 10, 'car',   'A-1', date'2024-01-01', timestamp'2024-01-01 10:00:00', named_struct('zip', '10115')),
        (2, 2000.0D, 20, 'home',  'A-2', date'2024-01-02', timestamp'2024-01-02 10:00:00', named_struct('zip', '10116')),
        (2, null,    30, 'home',  'B2',  date'2024-01-03', timestamp'2024-01-03 10:00:00', named_struct('zip', null)),
        (4, null,    40, 'yacht', 'A-4', date'2024-02-01', timestamp'2024-02-01 10:00:00', null),
        (5, double('NaN'), 50, null, null, null, null, named_struct('zip', 'x')),
        (6, -1.0D,   60, 'Car',   'A-6\\n', date'2024-02-03', timestamp'2024-02-03 10:00:00', named_struct('zip', '10117')),
        (null, 7000.0D, 70, 'car', 'A-7', date'2024-02-04', timestamp'2024-02-04 10:00:00', named_struct('zip', '10118')),
        (null, 8000.0D, 80, 'car', 'xA-8', date'2024-02-05', timestamp'2024-02-05 10:00:00', named_struct('zip', '10119'))
      as loans(id, income, age, purpose, code, applied, received, address)
      """;

  private void raw(Dataset<Row> rows) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(home.resolve("datasets/credit/raw").toString());
  }

  private void validate(Check... checks) throws Exception {
    context.run(new Validate(from("credit.raw"), to("credit.clean"), checks));
  }

  static Stream<Arguments> verdicts() {
    return Stream.of(
        Arguments.of(notNull("age"), null),
        Arguments.of(
            notNull("income"), "not-null income: 2 of 8 rows (25 %) are null; at most 0 % may be"),
        Arguments.of(new Check.NotNull(Columns.of("income"), 0.25), null),
        Arguments.of(
            new Check.NotNull(Columns.of("income"), 0.24),
            "not-null income: 2 of 8 rows (25 %) are null; at most 24 % may be"),
        Arguments.of(
            notNull("address.zip"),
            "not-null address.zip: 2 of 8 rows (25 %) are null; at most 0 % may be"),
        Arguments.of(unique("age"), null),
        Arguments.of(
            unique("id"), "unique id: 1 of 8 rows (12.5 %) repeat another row's; at most 0 % may"),
        Arguments.of(unique("id", "age"), null),
        Arguments.of(unique("id", "code"), null),
        Arguments.of(
            unique("id", "purpose"),
            "unique id, purpose: 1 of 8 rows (12.5 %) repeat another row's; at most 0 % may"),
        Arguments.of(range("age", 10, 80), null),
        Arguments.of(
            range("age", 10.5, null),
            "range age: 1 of 8 rows (12.5 %) are below 10.5; at most 0 % may be"),
        Arguments.of(
            range("age", null, 79),
            "range age: 1 of 8 rows (12.5 %) are above 79; at most 0 % may be"),
        Arguments.of(
            new Check.Range("age", Bound.of(10), Bound.of(80), true, 0),
            "range age: 2 of 8 rows (25 %) are outside 10 to 80 or equal to either; at most 0 % may be"),
        // NaN breaks every range, also where no bound would.
        Arguments.of(
            range("income", -1, null),
            "range income: 1 of 8 rows (12.5 %) are below -1; at most 0 % may be"),
        Arguments.of(
            range("income", 0, 7000),
            "range income: 3 of 8 rows (37.5 %) are outside 0 to 7000; at most 0 % may be"),
        Arguments.of(range("applied", "2024-01-01", "2024-02-05"), null),
        Arguments.of(
            range("applied", "2024-01-02", "2024-02-04"),
            "range applied: 2 of 8 rows (25 %) are outside 2024-01-02 to 2024-02-04; at most 0 % may be"),
        Arguments.of(range("received", "2024-01-01T10:00:00Z", "2024-02-06"), null),
        Arguments.of(
            range("received", "2024-01-01 10:00:01", null),
            "range received: 1 of 8 rows (12.5 %) are below 2024-01-01T10:00:01; at most 0 % may be"),
        Arguments.of(allowed("purpose", "car", "Car", "home", "yacht"), null),
        Arguments.of(
            allowed("purpose", "car", "home"),
            "allowed purpose: 2 of 8 rows (25 %) are none of car, home; at most 0 % may be"),
        Arguments.of(
            new Check.Allowed("age", List.of("10", "20.0", "30", "40", "50", "60", "70"), 0.2),
            null),
        Arguments.of(
            allowed("applied", "2024-01-01"),
            "allowed applied: 6 of 8 rows (75 %) are none of 2024-01-01; at most 0 % may be"),
        Arguments.of(
            matches("code", "[A-Z]-\\d"),
            "matches code: 3 of 8 rows (37.5 %) don't match [A-Z]-\\d; at most 0 % may"),
        Arguments.of(matches("code", "(?s).*"), null),
        Arguments.of(matches("code", "A|B2|xA-8|A-\\d\\n?"), null),
        Arguments.of(rowCount(8), null),
        Arguments.of(rowCount(8, 8), null),
        Arguments.of(rowCount(9), "row-count: there are 8 rows; at least 9 are expected"),
        Arguments.of(rowCount(0, 7), "row-count: there are 8 rows; from 0 to 7 are expected"),
        Arguments.of(
            new Check.RowCount(new Limits(null, 7L)),
            "row-count: there are 8 rows; at most 7 are expected"),
        Arguments.of(expression("age % 10 = 0 and received >= applied"), null),
        Arguments.of(
            expression("income > 0"), "income > 0: 1 of 8 rows (12.5 %) break it; at most 0 % may"),
        Arguments.of(
            new Check.Expression("age % 20 = 0 or length(purpose) > 3", "even or long", 0.1),
            "even or long: 2 of 8 rows (25 %) break it; at most 10 % may"));
  }

  /** The loans in a table of their own, written once. */
  private static String loans(Path folder) {
    String table = folder.resolve("loans").toString();
    if (!folder.resolve("loans").toFile().exists()) {
      TestSpark.session().sql(LOANS).coalesce(1).write().format("delta").save(table);
    }
    return table;
  }

  @Test
  void judges() throws Exception {
    SparkSession own = spark.newSession();
    Dataset<Row> rows = own.sql(LOANS);
    rows.createTempView("loans");
    List<Arguments> cases = verdicts().toList();
    List<Check> checks = cases.stream().map(c -> (Check) c.get()[0]).toList();
    List<Verdict> verdicts = examined(rows, false, checks).verdicts();
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < cases.size(); i++) {
      Verdict verdict = verdicts.get(i);
      String sentence = (String) cases.get(i).get()[1];
      softly.assertThat(verdict.passed()).as(verdict.sentence()).isEqualTo(sentence == null);
      if (sentence != null) {
        softly.assertThat(verdict.sentence()).isEqualTo(sentence);
        // The query finds what was counted.
        List<Row> found = own.sql(verdict.probe().query("loans")).collectAsList();
        if (checks.get(i) instanceof Check.RowCount) {
          softly.assertThat(found.get(0).getLong(0)).isEqualTo(8);
        } else if (checks.get(i) instanceof Check.Unique) {
          softly.assertThat(found.get(0).<Long>getAs("rows")).isEqualTo(2);
        } else {
          softly.assertThat((long) found.size()).isEqualTo(verdict.failedRows());
        }
      }
    }
    softly.assertAll();
  }

  private static Examination examined(Dataset<Row> rows, boolean profiled, List<Check> checks) {
    return Examination.of(
        new Subject(rows, "dataset:credit.raw@0", "t"),
        checks,
        profiled,
        LocalContext.BEGAN,
        other -> {
          throw new AssertionError("Nothing is looked for in " + other);
        });
  }

  @Test
  void tellsEveryFailureAndNotesEveryVerdict() {
    raw(spark.sql(LOANS));

    assertThatThrownBy(
            () ->
                validate(
                    new Check.NotNull(Columns.of("age", "income"), 0),
                    unique("id"),
                    rowCount(1),
                    new Check.Expression("income > 0", "positive", 0)))
        .isInstanceOfSatisfying(
            GateException.class,
            e -> {
              assertThat(e.code()).isEqualTo("checks-failed");
              assertThat(e.kind()).isEqualTo(ErrorKind.DATA);
              List<String> lines = e.remedy().lines().map(String::strip).toList();
              assertThat(lines).hasSize(5);
              assertThat(lines.get(4))
                  .isEqualTo(
                      "To accept it all the same: ./weir resume run --accept credit.raw --by NAME --reason WHY");
              assertThat(spark.sql(lines.get(1)).count()).isEqualTo(2);
              assertThat(spark.sql(lines.get(2)).count()).isEqualTo(1);
              assertThat(spark.sql(lines.get(3)).count()).isEqualTo(1);
            })
        .hasMessage(
            """
            3 of 5 checks failed on dataset:credit.raw@0, and credit.clean was left as it was:
              not-null income: 2 of 8 rows (25 %) are null; at most 0 % may be
              unique id: 1 of 8 rows (12.5 %) repeat another row's; at most 0 % may
              positive: 1 of 8 rows (12.5 %) break it; at most 0 % may"""
                .replace("\n", System.lineSeparator()));
    assertThat(context.checks)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("basis")
        .containsExactly(
            fact("not-null", "age", true, 0L, "0 of 8 rows (0 %) are null", "at most 0 % may be"),
            fact(
                "not-null",
                "income",
                false,
                2L,
                "2 of 8 rows (25 %) are null",
                "at most 0 % may be"),
            fact(
                "unique",
                "id",
                false,
                1L,
                "1 of 8 rows (12.5 %) repeat another row's",
                "at most 0 % may"),
            new Fact.Check(
                "row-count",
                "dataset:credit.raw@0",
                null,
                true,
                8,
                null,
                "there are 8 rows",
                "at least 1 are expected",
                "error",
                null,
                8.0),
            fact("positive", null, false, 1L, "1 of 8 rows (12.5 %) break it", "at most 0 % may"));
    assertThat(context.written).isEmpty();
    assertThat(home.resolve("datasets/credit/clean")).doesNotExist();
  }

  private static Fact.Check fact(
      String name,
      @Nullable String column,
      boolean passed,
      @Nullable Long failed,
      String observed,
      String expected) {
    return new Fact.Check(
        name,
        "dataset:credit.raw@0",
        column,
        passed,
        8,
        failed,
        observed,
        expected,
        "error",
        null,
        failed == null ? null : failed / 8.0);
  }

  @Test
  void reportsAllThatCannotBeAskedBeforeReading() throws Exception {
    Dataset<Row> rows = spark.read().format("delta").load(loans(shared));
    AtomicLong read =
        recordsRead(
            () ->
                assertThatThrownBy(
                        () ->
                            examined(
                                rows,
                                true,
                                List.of(
                                    notNull("incme"),
                                    notNull("address.zp"),
                                    unique("nothing_like_it"),
                                    range("purpose", 1, 2),
                                    range("age", "2024-01-01", null),
                                    range("applied", 1, null),
                                    matches("age", "\\d+"),
                                    allowed("age", "10", "ten", "1.5"),
                                    allowed("address", "x"),
                                    expression("incom > 0"),
                                    expression("age +"),
                                    expression("age + 1"),
                                    expression("sum(age) > 1"),
                                    expression("row_number() over (order by age) > 1"),
                                    expression("age in (select 1)"),
                                    expression("explode(array(true))"),
                                    expression("rand() < 2"),
                                    expression("applied <= current_date()"),
                                    expression("received <= now()"),
                                    expression("*"))))
                    .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> {
                          assertThat(e.code()).isEqualTo("invalid-configuration");
                          List<String> lines = e.getMessage().lines().map(String::strip).toList();
                          assertThat(lines.get(0))
                              .isEqualTo("21 faults in the checks on dataset:credit.raw@0:");
                          assertThat(lines)
                              .contains(
                                  "not-null incme: dataset:credit.raw@0 has no column 'incme'; did you mean 'income'?",
                                  "not-null address.zp: dataset:credit.raw@0 has no column 'address.zp'; did you mean 'address.zip'?",
                                  "unique nothing_like_it: dataset:credit.raw@0 has no column 'nothing_like_it'; it has id, income, age, purpose, code, applied, received, address, address.zip",
                                  "range purpose: a range is of numbers, dates or timestamps, and the column is of type STRING",
                                  "range age: '2024-01-01' is not a number, as a column of type INT needs",
                                  "range applied: '1' is not a date or a time, as a column of type DATE needs",
                                  "matches age: a regular expression is of text, and the column is of type INT",
                                  "allowed age: 'ten' is not a number, as a column of type INT needs",
                                  "allowed age: '1.5' is not a whole number, as a column of type INT needs",
                                  "allowed address: a column of type STRUCT<zip: STRING> can't be compared with a list of values",
                                  "expression age + 1: it must be boolean, and it is of type INT",
                                  "expression sum(age) > 1: the function sum is not one that a check may use, which is of one row's values alone",
                                  "expression row_number() over (order by age) > 1: the function row_number is not one that a check may use, which is of one row's values alone; did you mean 'to_number'?",
                                  "expression age in (select 1): it must be of one row: no subqueries",
                                  "expression explode(array(true)): the function explode is not one that a check may use, which is of one row's values alone",
                                  "expression rand() < 2: the function rand is not one that a check may use, which is of one row's values alone",
                                  "expression applied <= current_date(): it must be the same in every run, and current_date is not; write the value out",
                                  "expression received <= now(): it must be the same in every run, and now is not; write the value out",
                                  "expression *: it must be of one row: name the columns in the place of *");
                          assertThat(e.getMessage())
                              .contains("expression incom > 0: [UNRESOLVED_COLUMN.WITH_SUGGESTION]")
                              .contains("`income`")
                              .contains("expression age +: [PARSE_SYNTAX_ERROR]");
                        }));
    assertThat(read).hasValue(0);
  }

  @Test
  void readsEveryRowOnceForAllChecks() throws Exception {
    // Parquet, since Delta reads its log with Spark too.
    String files = home.resolve("rows").toString();
    spark
        .range(0, 10_000, 1, 4)
        .selectExpr("id", "id % 7 as k", "cast(id as string) as text")
        .write()
        .parquet(files);
    Dataset<Row> rows = spark.read().parquet(files);
    List<Check> rowChecks =
        List.of(
            notNull("id"),
            notNull("k"),
            range("id", 0, null),
            allowed("k", "0", "1", "2", "3", "4", "5", "6"),
            matches("text", "\\d+"),
            expression("k <= id"),
            rowCount(1));
    List<Check> withUnique = new ArrayList<>(rowChecks);
    withUnique.add(unique("id"));
    List<Check> withTwo = new ArrayList<>(withUnique);
    withTwo.add(unique("text", "k"));
    withTwo.add(Check.statistic(Measure.ENTROPY, "k", 1.0, null));
    withTwo.add(Check.statistic(Measure.MEAN, "id", 0.0, null));

    for (List<Check> checks : List.of(rowChecks, withUnique, withTwo)) {
      for (boolean profiled : new boolean[] {false, true}) {
        AtomicLong read =
            recordsRead(
                () ->
                    assertThat(examined(rows, profiled, checks).verdicts())
                        .allMatch(Verdict::passed));
        assertThat(read).as("rows read for %s", checks).hasValue(10_000);
      }
    }
  }

  @Test
  void readsOnceForTheVerdictAndOnceToPublish() throws Exception {
    String files = home.resolve("rows").toString();
    spark.range(0, 10_000, 1, 4).selectExpr("id", "id % 7 as k").write().parquet(files);
    Validate validate =
        new Validate(
            from("credit.raw"),
            to("credit.clean"),
            notNull("id"),
            unique("id"),
            range("k", 0, 6),
            expression("k <= id"),
            rowCount(10_000));

    AtomicLong read = recordsRead(() -> validate.run(parquet(files)));

    assertThat(read).hasValue(20_000);
    assertThat(spark.read().parquet(home.resolve("clean").toString()).count()).isEqualTo(10_000);
  }

  @Test
  void readsOnceToPublishWhatIsAcceptedAndWhatIsPutAside() throws Exception {
    String files = home.resolve("rows").toString();
    spark
        .range(0, 10_000, 1, 4)
        .selectExpr("id", "if(id % 10 = 0, -1, id % 7) as k")
        .write()
        .parquet(files);
    Validate validate =
        new Validate(
            from("credit.raw"),
            to("credit.clean"),
            to("credit.aside"),
            notNull("id"),
            new Check.Range("k", Bound.of(0), null, false, Rows.quarantined(0.1)));

    AtomicLong read = recordsRead(() -> validate.run(parquet(files)));

    assertThat(read).hasValue(20_000);
    assertThat(spark.read().parquet(home.resolve("clean").toString()).filter("k >= 0").count())
        .isEqualTo(9_000);
    assertThat(spark.read().parquet(home.resolve("aside").toString()).filter("k < 0").count())
        .isEqualTo(1_000);
    assertThat(home.resolve("tmp")).as("what tasks put aside").isEmptyDirectory();
  }

  /** A context over Parquet files, in which nothing but the stage reads. */
  private StageContext parquet(String files) {
    return new StageContext(
        () -> spark,
        new StageContext.Datasets() {
          @Override
          public Dataset<Row> read(Input input) {
            return spark.read().parquet(files);
          }

          @Override
          public Fact.DatasetWritten write(Output output, Dataset<Row> rows) {
            String name = output.name().name();
            Observation counted = new Observation();
            rows.observe(counted, expr("count(*)").as("rows"))
                .write()
                .parquet(home.resolve(name).toString());
            return new Fact.DatasetWritten(
                "into", "dataset:" + output + "@0", "table", name, rowsSeen(counted), "", "");
          }
        },
        new NoModels(),
        new StageContext.Versions() {
          @Override
          public DatasetVersion version(Input input) {
            return new DatasetVersion(input.name(), 0);
          }

          @Override
          public ArtifactVersion version(ModelInput input) {
            throw new UnsupportedOperationException("no models");
          }
        },
        note -> {},
        new RunParams(Map.of()),
        new StageContext.Settings(
            "run", LocalContext.BEGAN, "stage", 1, home.toUri(), home.toUri(), List.of()),
        new LocalContext.Unknown());
  }

  private static final class NoModels implements StageContext.Models {
    @Override
    public PipelineModel load(ModelInput input) {
      throw new UnsupportedOperationException("no models");
    }

    @Override
    public Fact.ModelWritten save(ModelOutput output, PipelineModel model, Dataset<Row> trainedOn) {
      throw new UnsupportedOperationException("no models");
    }

    @Override
    public ModelVersion register(ModelInput candidate, Input evaluation) {
      throw new UnsupportedOperationException("no models");
    }
  }

  private static long rowsSeen(Observation counted) {
    try {
      return (Long) counted.getAsJava().get("rows");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private AtomicLong recordsRead(Runnable action) throws TimeoutException {
    return tasks(action, end -> end.taskMetrics().inputMetrics().recordsRead());
  }

  /** What an action's tasks come to together. */
  private AtomicLong tasks(Runnable action, ToLongFunction<SparkListenerTaskEnd> metric)
      throws TimeoutException {
    AtomicLong read = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            read.addAndGet(metric.applyAsLong(end));
          }
        };
    spark.sparkContext().addSparkListener(listener);
    try {
      action.run();
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(listener);
    }
    return read;
  }

  @Test
  void bringsValuesTogetherInOneExchange() throws Exception {
    String files = home.resolve("rows").toString();
    spark.range(0, 1_000, 1, 2).selectExpr("id", "id % 7 as k").write().parquet(files);
    Dataset<Row> rows = spark.read().parquet(files);

    // The rows of an exchange, and the few sums of each of its tasks.
    assertThat(recordsExchanged(rows, notNull("id"), range("k", 0, 100))).isZero();
    assertThat(recordsExchanged(rows, notNull("id"), unique("id"))).isBetween(1_000L, 1_100L);
    assertThat(
            recordsExchanged(
                rows,
                unique("id"),
                unique("id", "k"),
                Check.statistic(Measure.ENTROPY, "k", 1.0, null)))
        .isBetween(2_000L, 2_200L);
    Examination examination =
        examined(
            rows, true, List.of(unique("id"), Check.statistic(Measure.ENTROPY, "k", 1.0, null)));
    assertThat(examination.effort())
        .isEqualTo(
            "2 checks and the profile by one scan of 1,000 rows, and one exchange for unique id, entropy k");
  }

  private long recordsExchanged(Dataset<Row> rows, Check... checks) throws TimeoutException {
    return tasks(
            () -> assertThat(examined(rows, false, List.of(checks)).verdicts()).isNotEmpty(),
            end -> end.taskMetrics().shuffleWriteMetrics().recordsWritten())
        .get();
  }

  @Test
  void publishesAndProfilesWhatWasAccepted() throws Exception {
    raw(spark.sql(LOANS));

    validate(rowCount(8), notNull("age"), range("age", 0, 100));

    assertThat(context.table("credit.clean").count()).isEqualTo(8);
    assertThat(context.checks).hasSize(3).allMatch(Fact.Check::passed);
    assertThat(context.written).hasSize(1);
    assertThat(context.profiles)
        .extracting(Fact.Profile::reference)
        .containsExactly("dataset:credit.raw@0");
    DatasetProfile profile = context.profiles.get(0).profile();

    assertThat(profile.rows()).isEqualTo(8);
    assertThat(profile.columns())
        .extracting(ColumnProfile::name)
        .containsExactly(
            "id", "income", "age", "purpose", "code", "applied", "received", "address");
    ColumnProfile income = profile.column("income").orElseThrow();
    assertThat(income.type()).isEqualTo("double");
    assertThat(income.nulls()).isEqualTo(2);
    assertThat(income.nans()).isEqualTo(1);
    assertThat(Objects.requireNonNull(income.moments()).max()).isEqualTo(8000);
    ColumnProfile purpose = profile.column("purpose").orElseThrow();
    assertThat(purpose.distinctValues()).isEqualTo(4);
    assertThat(Objects.requireNonNull(purpose.frequent()).items().get(0).value()).isEqualTo("car");
    assertThat(Objects.requireNonNull(profile.column("applied").orElseThrow().moments()).min())
        .isEqualTo((double) LocalDate.parse("2024-01-01").toEpochDay());
    assertThat(profile.column("address").orElseThrow().values()).isEqualTo(7);
  }

  @Test
  void profilesEveryTypeAsSparkAggregatesIt() {
    Dataset<Row> rows =
        spark
            .range(0, 3_000, 1, 3)
            .selectExpr(
                "if(id % 10 = 0, null, cast(id % 100 as tinyint)) as b",
                "cast(id as smallint) as s",
                "cast(id as int) as i",
                "id as l",
                "cast(id / 7 as float) as f",
                "id / 7D as d",
                "cast(id / 100 as decimal(6,2)) as small",
                "cast(id / 100 as decimal(16,2)) as middle",
                "cast(id / 100 as decimal(30,2)) as large",
                "id % 2 = 0 as even",
                "concat('ä', id) as t");
    DatasetProfile profile =
        Objects.requireNonNull(examined(rows, true, List.of(rowCount(3_000))).profile());
    for (String column : List.of("b", "s", "i", "l", "f", "d", "small", "middle", "large")) {
      Row found =
          rows.selectExpr(
                  "count(%1$s)".formatted(column),
                  "double(min(%s))".formatted(column),
                  "double(max(%s))".formatted(column),
                  "double(avg(double(%s)))".formatted(column))
              .head();
      ColumnProfile made = profile.column(column).orElseThrow();
      assertThat(made.values()).as(column).isEqualTo(found.getLong(0));
      Moments moments = Objects.requireNonNull(made.moments());
      assertThat(moments.min()).as(column).isEqualTo(found.getDouble(1));
      assertThat(moments.max()).as(column).isEqualTo(found.getDouble(2));
      assertThat(moments.mean()).as(column).isCloseTo(found.getDouble(3), within(1e-6));
    }
    assertThat(profile.column("even").orElseThrow().distinctValues()).isEqualTo(2);
    Moments lengths = Objects.requireNonNull(profile.column("t").orElseThrow().lengths());
    assertThat(lengths.min()).isEqualTo(2);
    assertThat(lengths.max()).isEqualTo(5);
  }

  @Test
  void aWarningIsRecordedAndHaltsNothing() throws Exception {
    raw(spark.sql(LOANS));

    validate(
        new Check.NotNull(
            Columns.of("income"),
            new Rows(0, new Terms("age < 40", Severity.WARN, "risk@example.org", "For scores."))));

    assertThat(context.table("credit.clean").count()).isEqualTo(8);
    assertThat(context.checks)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("basis")
        .containsExactly(
            new Fact.Check(
                "not-null",
                "dataset:credit.raw@0",
                "income",
                false,
                3,
                1L,
                "1 of 3 rows where age < 40 (33.33 %) are null",
                "at most 0 % may be",
                "warn",
                "risk@example.org",
                1 / 3.0));
  }

  @Test
  void acceptsNoRowsUnlessTheyAreCounted() throws Exception {
    raw(spark.sql(LOANS).limit(0));

    validate(
        notNull("income"),
        unique("id"),
        range("age", 1, 2),
        allowed("purpose", "x"),
        matches("code", "x"),
        expression("age > 5"));
    assertThat(context.table("credit.clean").count()).isZero();
    assertThat(context.checks)
        .hasSize(6)
        .allMatch(c -> c.passed() && c.rows() == 0 && c.failedRows() == 0L);

    assertThatThrownBy(() -> validate(rowCount(1)))
        .hasMessageContaining("row-count: there are 0 rows; at least 1 are expected");
  }

  @Test
  void takesColumnsOfNulls() throws Exception {
    raw(spark.sql("select id, cast(null as double) as x, cast(null as string) as t from range(3)"));

    validate(
        unique("x"), range("x", 0, 1), allowed("t", "a"), matches("t", "a"), expression("x > 1"));
    assertThat(context.checks).hasSize(5).allMatch(Fact.Check::passed);

    assertThatThrownBy(() -> validate(notNull("x")))
        .hasMessageContaining("not-null x: 3 of 3 rows (100 %) are null");
  }

  @Test
  void treatsNaNAsANumberThatIsInNoRange() throws Exception {
    raw(
        spark.sql(
            "select * from values (double('NaN'), float('NaN')), (double('NaN'), float(0.1)) t(d, f)"));

    validate(
        notNull("d"),
        allowed("d", "NaN"),
        new Check.Range("f", null, Bound.parse("0.1"), false, 0.5));
    assertThat(context.checks).extracting(Fact.Check::failedRows).containsExactly(0L, 0L, 1L);
    assertThatThrownBy(() -> validate(unique("d"), range("d", 0, null)))
        .hasMessageContaining("unique d: 1 of 2 rows (50 %) repeat another row's")
        .hasMessageContaining("range d: 2 of 2 rows (100 %) are below 0");
  }

  @Test
  void findsColumnsWithUnusualNames() throws Exception {
    raw(
        spark
            .sql("select 1 as `a.b`, 2 as `Select`, 3 as `group`")
            .withColumnRenamed("a.b", "a.b"));
    validate(notNull("a.b", "select", "group"));
    assertThat(context.checks).hasSize(3).allMatch(Fact.Check::passed);
  }

  @ParameterizedTest
  @MethodSource
  void refusesWhatMakesNoSense(Runnable making, String message) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  static Stream<Arguments> refusesWhatMakesNoSense() {
    return Stream.of(
        refused(() -> matches("a", "(x"), "'(x' is not a regular expression: Unclosed group"),
        refused(() -> range("a", (Number) null, null), "give min, max or both"),
        refused(() -> range("a", "soon", null), "'soon' is not a bound: it is a number, a date"),
        refused(() -> allowed("a"), "give at least one value"),
        refused(Check::notNull, "name at least one column"),
        refused(() -> unique("a", "a"), "a column is named twice: a, a"),
        refused(() -> new Limits(null, null), "give min, max or both"),
        refused(() -> rowCount(5, 3), "min 5 is more than max 3"),
        refused(
            () -> new Check.NotNull(Columns.of("a"), 1.5),
            "threshold is a fraction from 0 to 1, not 1.5"),
        refused(
            () -> new Check.Statistic(Measure.MEAN, Columns.of("a"), null, null, null, Terms.USUAL),
            "give min, max or both"),
        refused(
            () ->
                new Check.Statistic(
                    Measure.CORRELATION, Columns.of("a"), null, 0.0, null, Terms.USUAL),
            "it is of two columns, not of a"),
        refused(
            () ->
                new Check.Statistic(
                    Measure.QUANTILE, Columns.of("a"), null, 0.0, null, Terms.USUAL),
            "'at' is given for a quantile, and only for one"),
        refused(() -> new Check.Fresh("a", Duration.ZERO, Terms.USUAL), "within is longer than 0s"),
        refused(
            () -> new Check.Schema(Map.of("a", "int"), Set.of(), Terms.where("a > 0")),
            "a schema has no where: it is of the whole dataset"),
        refused(
            () ->
                new Check.References(
                    Columns.of("a", "b"), from("a.b"), Columns.of("c"), 0, Terms.USUAL),
            "2 columns (a, b) can't be looked for in 1 (c)"),
        refused(() -> new Check.Length("a", 3, 2, Rows.ALL), "min 3 is more than max 2"),
        refused(() -> new Terms(null, Severity.WARN, " ", null), "owner is blank"),
        refused(() -> new Validate(from("a.b"), to("a.c")), "give at least one check"));
  }

  private static Arguments refused(Runnable making, String message) {
    return Arguments.of(making, message);
  }
}
