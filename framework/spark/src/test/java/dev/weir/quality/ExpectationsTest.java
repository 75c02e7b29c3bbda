package dev.weir.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Each expectation where it holds and where it does not, and what becomes of it with no rows, with
 * nulls alone and with NaN: for each dataset all of them in one scan.
 */
class ExpectationsTest {
  private static final String ROWS =
      """
      select * from values
        (1, 10L, 100.0D, 20, 'ann@example.org', 'A1', date'2024-01-01', date'2024-02-01',
          timestamp'2024-02-28T12:00:00Z', 1.50, 'x'),
        (2, 20L, 200.0D, 30, 'bob@example.org', 'A2', date'2024-01-02', date'2024-02-02',
          timestamp'2024-02-27T12:00:00Z', 2.50, 'x'),
        (3, 30L, 300.0D, 40, 'not an address', 'B3', date'2024-01-03', null,
          timestamp'2024-02-26T12:00:00Z', 3.50, 'y'),
        (4, 40L, 400.0D, null, 'cy@example.org', 'B44', date'2024-01-04', date'2024-01-01',
          timestamp'2024-02-25T12:00:00Z', 4.50, 'y')
      as t(id, other, income, age, email, code, opened, closed, seen, amount, kind)
      """;

  private static final Map<String, String> COLUMNS =
      Map.ofEntries(
          Map.entry("id", "int"),
          Map.entry("other", "bigint"),
          Map.entry("income", "double"),
          Map.entry("age", "int"),
          Map.entry("email", "string"),
          Map.entry("code", "string"),
          Map.entry("opened", "date"),
          Map.entry("closed", "date"),
          Map.entry("seen", "timestamp"),
          Map.entry("amount", "decimal(3,2)"),
          Map.entry("kind", "string"));

  private static final double LN2 = Math.log(2);

  private final SparkSession spark = TestSpark.session();
  private final Dataset<Row> rows = spark.sql(ROWS);

  /** What is expected of a check: whether it holds, and the number found. */
  private record Case(Check check, boolean passes, @Nullable Double value) {}

  private static Case holds(Check check, double value) {
    return new Case(check, true, value);
  }

  private static Case broken(Check check, double value) {
    return new Case(check, false, value);
  }

  private static Check.Statistic figure(
      Measure measure, List<String> of, @Nullable Double min, @Nullable Double max) {
    return new Check.Statistic(
        measure, new Columns(of), measure == Measure.QUANTILE ? 0.5 : null, min, max, Terms.USUAL);
  }

  private static List<Case> cases() {
    List<Case> cases =
        new ArrayList<>(
            List.of(
                holds(Check.notNull("id"), 0),
                broken(Check.notNull("age"), 0.25),
                holds(new Check.NotNull(Columns.of("age"), 0.25), 0.25),
                holds(new Check.NotNull(Columns.of("age"), Rows.where("id < 4")), 0),
                broken(new Check.NotNull(Columns.of("age"), Rows.where("id > 2")), 0.5),
                holds(Check.range("income", 100, 400), 0),
                broken(Check.range("income", 150, null), 0.25),
                broken(Check.range("amount", null, 2.5), 0.5),
                holds(Check.allowed("kind", "x", "y"), 0),
                broken(Check.allowed("kind", "x"), 0.5),
                holds(Check.matches("code", "[AB]\\d+"), 0),
                broken(Check.matches("code", "[AB]\\d"), 0.25),
                broken(new Check.Conforms("email", Format.EMAIL, Rows.ALL), 0.25),
                holds(new Check.Conforms("email", Format.EMAIL, Rows.where("id <> 3")), 0),
                holds(new Check.Length("code", 2, 3, Rows.ALL), 0),
                broken(new Check.Length("code", null, 2, Rows.ALL), 0.25),
                holds(new Check.Compare("id", Comparison.LESS, "other", Rows.ALL), 0),
                broken(new Check.Compare("opened", Comparison.AT_MOST, "closed", Rows.ALL), 0.25),
                holds(Check.expression("income = 100 * id"), 0),
                broken(Check.expression("age > 20"), 0.25),
                holds(Check.unique("id"), 0),
                broken(Check.unique("kind"), 0.5),
                holds(Check.unique("kind", "age"), 0),
                holds(
                    new Check.References(
                        Columns.of("id"),
                        Input.from("other.ids"),
                        Columns.of("key"),
                        0,
                        Terms.USUAL),
                    0),
                broken(
                    new Check.References(
                        Columns.of("kind"), Input.from("other.ids"), null, 0.25, Terms.USUAL),
                    0.5),
                holds(
                    new Check.References(
                        Columns.of("kind"),
                        Input.from("other.ids"),
                        null,
                        0,
                        Terms.where("kind = 'x'")),
                    0),
                holds(Check.rowCount(4, 4), 4),
                broken(Check.rowCount(5), 4),
                holds(new Check.RowCount(new Limits(2L, 2L), Terms.where("kind = 'x'")), 2),
                holds(new Check.Fresh("seen", Duration.ofDays(2), Terms.USUAL), 2 * 86_400),
                broken(new Check.Fresh("seen", Duration.ofDays(1), Terms.USUAL), 2 * 86_400),
                broken(new Check.Fresh("closed", Duration.ofDays(28), Terms.USUAL), 28.5 * 86_400),
                holds(new Check.Schema(COLUMNS, Set.of(), Terms.USUAL), 0),
                broken(
                    new Check.Schema(
                        Map.of("id", "bigint", "gone", "int"),
                        Set.of(SchemaChange.ADDED, SchemaChange.RETYPED),
                        Terms.USUAL),
                    12),
                holds(
                    new Check.Schema(
                        Map.of("id", "bigint", "gone", "int"),
                        Set.of(SchemaChange.values()),
                        Terms.USUAL),
                    12)));
    statistic(cases, Measure.MIN, 100, "income");
    statistic(cases, Measure.MAX, 4.5, "amount");
    statistic(cases, Measure.MEAN, 250, "income");
    statistic(cases, Measure.SUM, 100, "other");
    statistic(cases, Measure.STANDARD_DEVIATION, Math.sqrt(12_500), "income");
    statistic(cases, Measure.QUANTILE, 200, "income");
    statistic(cases, Measure.CORRELATION, 1, "income", "id");
    statistic(cases, Measure.DISTINCT, 2, "kind");
    statistic(cases, Measure.APPROXIMATE_DISTINCT, 4, "kind", "id");
    statistic(cases, Measure.DISTINCTNESS, 0.5, "kind");
    statistic(cases, Measure.UNIQUENESS, 1, "age");
    statistic(cases, Measure.UNIQUE_VALUE_RATIO, 1, "code", "kind");
    statistic(cases, Measure.ENTROPY, LN2, "kind");
    statistic(cases, Measure.MUTUAL_INFORMATION, LN2, "kind", "id");
    cases.add(
        holds(
            new Check.Statistic(
                Measure.MEAN, Columns.of("income"), null, 150.0, 150.0, Terms.where("kind = 'x'")),
            150));
    return cases;
  }

  /** A figure within bounds around it, and below one. */
  private static void statistic(
      List<Case> cases, Measure measure, double value, String... columns) {
    List<String> of = List.of(columns);
    cases.add(holds(figure(measure, of, value - 1e-6, value + 1e-6), value));
    cases.add(broken(figure(measure, of, value + 0.1, null), value));
  }

  private List<Fact.Check> examined(Dataset<Row> of, List<Check> checks) {
    Dataset<Row> ids =
        spark.sql("select * from values (1L, 'x'), (2L, 'z'), (3L, 'x'), (4L, null) t(key, kind)");
    return Examination.of(
            new Subject(of, "dataset:a.b@1", "t"),
            checks,
            false,
            LocalContext.BEGAN,
            other -> new Subject(ids, "dataset:" + other + "@0", "ids"))
        .checks();
  }

  @Test
  void eachHoldsAndIsBroken() {
    List<Case> cases = cases();
    List<Fact.Check> found = examined(rows, cases.stream().map(Case::check).toList());
    assertThat(found).hasSameSizeAs(cases);
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < cases.size(); i++) {
      Case each = cases.get(i);
      softly
          .assertThat(found.get(i).passed())
          .as("%s: %s", each, found.get(i))
          .isEqualTo(each.passes());
      softly
          .assertThat(found.get(i).value())
          .as("%s: %s", each, found.get(i))
          .isCloseTo(each.value(), within(1e-7));
    }
    softly.assertAll();
  }

  @Test
  void noRowsBreakOnlyWhatAsksForSome() {
    List<Check> checks = cases().stream().map(Case::check).toList();
    List<Fact.Check> found = examined(rows.where("false"), checks);
    assertThat(found)
        .filteredOn(f -> !f.passed())
        .extracting(Fact.Check::name)
        .containsExactly(
            "row-count",
            "row-count",
            "row-count",
            "fresh",
            "fresh",
            "fresh",
            "schema",
            "distinct",
            "distinct",
            "approximate-distinct",
            "approximate-distinct");
    assertThat(found)
        .filteredOn(f -> f.name().equals("mean"))
        .hasSize(3)
        .allMatch(f -> f.value() == null && f.observed().startsWith("there is none"));
  }

  @Test
  void nullsBreakOnlyWhatAsksForValues() {
    List<Check> checks = cases().stream().map(Case::check).toList();
    String nulls =
        COLUMNS.entrySet().stream()
            .map(c -> "cast(null as %s) as %s".formatted(c.getValue(), c.getKey()))
            .collect(java.util.stream.Collectors.joining(", ", "select ", " from range(3)"));
    assertThat(examined(spark.sql(nulls), checks))
        .filteredOn(f -> !f.passed())
        .extracting(f -> f.column() == null ? f.name() : f.name() + " " + f.column())
        .containsExactly(
            "not-null id",
            "not-null age",
            "not-null age",
            "row-count",
            "row-count",
            "row-count",
            "fresh seen",
            "fresh seen",
            "fresh closed",
            "schema",
            "distinct kind",
            "distinct kind",
            "approximate-distinct kind, id",
            "approximate-distinct kind, id");
  }

  @Test
  void nanLiesInNoBoundsAndIsAValueLikeOthers() {
    Dataset<Row> nan =
        spark.sql(
            "select * from values (double('NaN'), 1.0D), (double('NaN'), 2.0D), (3.0D, double('NaN')) t(a, b)");
    List<Check> inBounds = new ArrayList<>();
    inBounds.add(Check.range("a", null, 10));
    for (Measure measure :
        List.of(
            Measure.MIN,
            Measure.MAX,
            Measure.MEAN,
            Measure.SUM,
            Measure.STANDARD_DEVIATION,
            Measure.QUANTILE)) {
      inBounds.add(figure(measure, List.of("a"), -1e9, 1e9));
    }
    inBounds.add(figure(Measure.CORRELATION, List.of("a", "b"), -1.0, 1.0));
    inBounds.add(Check.unique("a"));
    List<Check> likeOthers =
        List.of(
            Check.notNull("a"),
            Check.allowed("a", "NaN", "3"),
            Check.expression("a >= 3"),
            new Check.Compare("a", Comparison.GREATER, "b", Rows.where("not isnan(b)")),
            figure(Measure.DISTINCT, List.of("a"), 2.0, 2.0),
            figure(Measure.UNIQUENESS, List.of("a"), 0.333, 0.334));
    List<Check> all = new ArrayList<>(inBounds);
    all.addAll(likeOthers);

    List<Fact.Check> found = examined(nan, all);

    assertThat(found.subList(0, inBounds.size())).noneMatch(Fact.Check::passed);
    assertThat(found.get(3).observed()).isEqualTo("it is NaN");
    assertThat(found.get(3).value()).isNull();
    assertThat(found.subList(inBounds.size(), all.size())).allMatch(Fact.Check::passed);
  }

  @Test
  void formatsTellWhatIsOneFromWhatIsNot() {
    Map<Format, List<String>> good =
        Map.of(
            Format.INTEGRAL, List.of("0", "-12", "+3"),
            Format.NUMERIC, List.of("1", "-1.5", ".5", "2.", "1e-3"),
            Format.BOOLEAN, List.of("true", "FALSE"),
            Format.DATE, List.of("2024-02-29"),
            Format.TIMESTAMP, List.of("2024-02-29T12:00:00Z", "2024-02-29 12:00:00.5"),
            Format.EMAIL, List.of("a.b+c@x-y.example.org"),
            Format.URL, List.of("https://example.org/a?b#c", "ftp://10.0.0.1:21"),
            Format.UUID, List.of("123e4567-e89b-12d3-a456-426614174000"),
            Format.CREDIT_CARD, List.of("4111 1111 1111 1111", "378282246310005"),
            Format.SOCIAL_SECURITY_NUMBER, List.of("123-45-6789"));
    Map<Format, List<String>> bad =
        Map.of(
            Format.INTEGRAL, List.of("", "1.0", "1 ", "x"),
            Format.NUMERIC, List.of(".", "1e", "NaN", "1,5"),
            Format.BOOLEAN, List.of("yes", "true "),
            Format.DATE, List.of("2023-02-29", "2024-1-1"),
            Format.TIMESTAMP, List.of("2024-02-30T12:00:00Z", "2024-02-29"),
            Format.EMAIL, List.of("a@b", "a b@example.org", "a@-b.org", "@example.org"),
            Format.URL, List.of("example.org", "http://", "http://a b", "mailto:a@b.org"),
            Format.UUID, List.of("123e4567e89b12d3a456426614174000"),
            Format.CREDIT_CARD, List.of("4111 1111 1111 1112", "1234"),
            Format.SOCIAL_SECURITY_NUMBER, List.of("000-45-6789", "123-00-6789"));
    assertThat(good.keySet()).containsExactlyInAnyOrder(Format.values());
    List<Check> checks = new ArrayList<>();
    List<String> columns = new ArrayList<>();
    for (Format format : Format.values()) {
      columns.add(column("good", format, good.get(format)));
      columns.add(column("bad", format, bad.get(format)));
      checks.add(new Check.Conforms("good_" + format, format, Rows.ALL));
      checks.add(new Check.Conforms("bad_" + format, format, Rows.ALL));
    }
    List<Fact.Check> found =
        examined(
            spark.sql("select " + String.join(", ", columns)).selectExpr("inline(arrays_zip(*))"),
            checks);
    Iterator<Fact.Check> next = found.iterator();
    for (Format format : Format.values()) {
      Fact.Check conforms = next.next();
      Fact.Check differs = next.next();
      assertThat(conforms.failedRows()).as(conforms.toString()).isZero();
      assertThat(differs.failedRows()).as(differs.toString()).isEqualTo(bad.get(format).size());
    }
  }

  private static String column(String prefix, Format format, List<String> texts) {
    return texts.stream()
        .map(text -> "'" + text + "'")
        .collect(
            java.util.stream.Collectors.joining(
                ", ", "array(", ") as %s_%s".formatted(prefix, format)));
  }

  @Test
  void saysWhatCannotBeAsked() {
    assertThatThrownBy(
            () ->
                examined(
                    rows,
                    List.of(
                        figure(Measure.MEAN, List.of("kind"), 0.0, null),
                        figure(Measure.ENTROPY, List.of("knd"), 0.0, null),
                        new Check.Fresh("id", Duration.ofDays(1), Terms.USUAL),
                        new Check.Compare("id", Comparison.LESS, "kind", Rows.ALL),
                        new Check.Conforms("id", Format.EMAIL, Rows.ALL),
                        new Check.Length("id", 1, null, Rows.ALL),
                        new Check.NotNull(Columns.of("id"), Rows.where("rand() > 0.5")),
                        new Check.Schema(Map.of("id", "number"), Set.of(), Terms.USUAL),
                        new Check.References(
                            Columns.of("kind"),
                            Input.from("other.ids"),
                            Columns.of("key"),
                            0,
                            Terms.USUAL))))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("mean kind: it is of numbers, and the column kind is of type STRING")
        .hasMessageContaining(
            "entropy knd: dataset:a.b@1 has no column 'knd'; did you mean 'kind'?")
        .hasMessageContaining(
            "fresh id: it is of dates or timestamps, and the column is of type INT")
        .hasMessageContaining(
            "compare id: values of type INT can't be compared to those of kind, of type STRING")
        .hasMessageContaining("conforms id: a format is of text, and the column is of type INT")
        .hasMessageContaining("length id: a length is of text, and the column is of type INT")
        .hasMessageContaining(
            "not-null id: where rand() > 0.5: the function rand is not one that a check may use")
        .hasMessageContaining(
            "schema: 'number' of the column id is not a type; one is written as int or decimal(10,2)")
        .hasMessageContaining(
            "references kind: values of type STRING can't be looked for in key of dataset:other.ids@0, which is of type BIGINT");
  }

  @Test
  void figuresOfManyPartitionsAreThoseOfTheWhole() {
    Dataset<Row> many =
        spark
            .range(0, 20_000, 1, 7)
            .selectExpr(
                "id",
                "cast(id % 100 as double) as x",
                "cast(3 * (id % 100) + id % 7 as double) as y",
                "cast(id % 10 as string) as digit");
    List<Check> checks =
        List.of(
            figure(Measure.MEAN, List.of("x"), 0.0, null),
            figure(Measure.STANDARD_DEVIATION, List.of("x"), 0.0, null),
            figure(Measure.CORRELATION, List.of("x", "y"), 0.0, null),
            figure(Measure.ENTROPY, List.of("digit"), 0.0, null),
            figure(Measure.QUANTILE, List.of("x"), 0.0, null),
            figure(Measure.APPROXIMATE_DISTINCT, List.of("id"), 0.0, null),
            figure(Measure.DISTINCT, List.of("id"), 0.0, null),
            Check.unique("id"));
    Row expected =
        many.selectExpr("avg(x)", "stddev_pop(x)", "corr(x, y)", "ln(10)", "percentile(x, 0.5)")
            .head();

    List<Fact.Check> found = examined(many, checks);

    for (int i = 0; i < 4; i++) {
      assertThat(found.get(i).value())
          .as(found.get(i).name())
          .isCloseTo(expected.getDouble(i), within(1e-9));
    }
    assertThat(found.get(4).value()).isCloseTo(expected.getDouble(4), within(3.0));
    assertThat(found.get(5).value()).isCloseTo(20_000, within(20_000 * 0.03));
    assertThat(found.get(6).value()).isEqualTo(20_000);
    assertThat(found.get(7).passed()).isTrue();
  }
}
