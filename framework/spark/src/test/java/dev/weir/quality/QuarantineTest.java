package dev.weir.quality;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
  private static final String ROWS =
      """
      select * from values
        (1, 10.0D, 30, 'a'), (2, -5.0D, 40, 'b'), (3, null, 50, 'c'), (4, double('NaN'), 60, null),
        (5, -1.0D, -1, 'e'), (6, 60.0D, null, 'f'), (7, 70.0D, 20, 'g'), (8, 80.0D, 20, 'h')
      as rows(id, income, age, code)
      """;

  private final SparkSession spark = TestSpark.session();
  private final Path home;
  private final LocalContext context;

  QuarantineTest(@TempDir Path home) {
    this.home = home;
    this.context = new LocalContext(spark, home, home);
  }

  private void raw(Dataset<Row> rows) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(home.resolve("datasets/t/raw").toString());
  }

  private static Check range(String column, double threshold) {
    return new Check.Range(column, Bound.of(0), null, false, Rows.quarantined(threshold));
  }

  private void validate(Check... checks) throws Exception {
    context.run(new Validate(from("t.raw"), to("t.clean"), to("t.aside"), checks));
  }

  @Test
  void putsAsideWhatBreaksARuleAndAcceptsTheRest() throws Exception {
    raw(spark.sql(ROWS));

    validate(
        range("income", 0.5),
        range("age", 0.25),
        new Check.NotNull(Columns.of("income"), Rows.quarantined(0.25)),
        new Check.NotNull(Columns.of("code"), 0.5),
        new Check.Expression(
            "income < 100", null, new Rows(0.1, OnFailure.QUARANTINE, Terms.where("id > 4"))),
        Check.rowCount(8));

    assertThat(context.written)
        .extracting(Fact.DatasetWritten::reference)
        .as("what is put aside comes last")
        .containsExactly("dataset:t.clean@0", "dataset:t.aside@0");
    // A code that is null breaks a check that accepts it; an age that is null breaks none.
    assertThat(context.table("t.clean").orderBy("id").collectAsList())
        .extracting(row -> row.getInt(0))
        .containsExactly(1, 6, 7, 8);
    assertThat(context.table("t.clean").columns()).containsExactly("id", "income", "age", "code");
    Dataset<Row> aside = context.table("t.aside").orderBy("id");
    assertThat(aside.columns())
        .containsExactly(
            "id", "income", "age", "code", "broken_rules", "source_version", "source_run");
    assertThat(aside.collectAsList())
        .extracting(
            row -> "%s %s %s %s".formatted(row.get(0), row.getList(4), row.get(5), row.get(6)))
        .containsExactly(
            "2 [range income] dataset:t.raw@0 run",
            "3 [not-null income] dataset:t.raw@0 run",
            "4 [range income] dataset:t.raw@0 run",
            "5 [range income, range age] dataset:t.raw@0 run");
    assertThat(context.metric("rows-quarantined")).isEqualTo(4);
    assertThat(context.checks).allMatch(Fact.Check::passed);
    assertThat(Quarantine.own(aside).columns()).containsExactly("id", "income", "age", "code");
  }

  @Test
  void aboveTheThresholdNothingIsAcceptedAndNothingPutAside() {
    raw(spark.sql(ROWS));

    assertThatThrownBy(() -> validate(range("income", 0.3), range("age", 0.2)))
        .isInstanceOf(GateException.class)
        .hasMessage(
            """
            1 of 2 checks failed on dataset:t.raw@0, and t.clean was left as it was:
              range income: 3 of 8 rows (37.5 %) are below 0; at most 30 % may be"""
                .replace("\n", System.lineSeparator()));
    assertThat(context.written).isEmpty();

    // What is of the whole halts as ever.
    assertThatThrownBy(() -> validate(range("income", 0.5), Check.rowCount(9)))
        .isInstanceOf(GateException.class)
        .hasMessageContaining("row-count: there are 8 rows; at least 9 are expected");
    assertThat(context.written).isEmpty();
  }

  @Test
  void withoutARowThatBreaksARuleAnEmptyVersionIsPutAside() throws Exception {
    raw(spark.sql(ROWS).filter("id in (1, 7)"));

    validate(range("income", 0.5));

    assertThat(context.table("t.aside").count()).isZero();
    assertThat(context.table("t.aside").schema().apply("broken_rules").dataType().sql())
        .isEqualTo("ARRAY<STRING>");
    assertThat(context.table("t.clean").count()).isEqualTo(2);

    raw(spark.sql(ROWS).withColumnRenamed("code", "Source_Run"));
    assertThatThrownBy(() -> validate(range("income", 0.5)))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "dataset:t.raw@1 has a column source_run, and so have the rows that are put aside: it names what became of them.");
  }

  @Test
  void refusesWhatCanNotBeMeant() {
    Check aside = range("income", 0.1);
    assertThatThrownBy(() -> new Validate(from("t.raw"), to("t.clean"), aside))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a check says on-failure: quarantine, and no dataset is named for the rows: add quarantine: t.quarantine");
    assertThatThrownBy(() -> new Validate(from("t.raw"), to("t.clean"), to("t.clean"), aside))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("t.clean is both what is accepted and what is put aside: name two datasets");
    assertThatThrownBy(() -> range("income", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("on-failure: quarantine needs a threshold");
    assertThatThrownBy(() -> new Rows(0.1, OnFailure.QUARANTINE, Terms.USUAL.warning()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a check of severity warn is recorded only");
  }

  // --- Corrections

  private static Correction correction(@Nullable String condition, String... assignments) {
    return new Correction(
        List.of(assignments).stream().map(Correction::assignment).toList(), condition);
  }

  @Test
  void readsAssignments() {
    assertThat(Correction.assignment("income = abs(income)"))
        .isEqualTo(new Fact.Assignment("income", "abs(income)"));
    assertThat(Correction.assignment(" `a = b`=if(id = 1, 'x = y', null) "))
        .isEqualTo(new Fact.Assignment("a = b", "if(id = 1, 'x = y', null)"));
    for (String wrong : List.of("income", "= 3", "income =", "income == 3")) {
      assertThatThrownBy(() -> Correction.assignment(wrong))
          .isInstanceOf(WeirException.class)
          .hasMessage("'%s' gives no column a value.".formatted(wrong));
    }
  }

  @Test
  void makesRowsAnewOfWhatTheyWere() {
    Dataset<Row> rows = spark.sql(ROWS);
    Correction correction =
        correction("income < 0 or age < 0", "income = abs(age)", "age = -income");

    correction.require(rows, "t.aside@0");
    Dataset<Row> made =
        correction.made(rows, org.apache.spark.sql.functions.expr("id <> 2")).orderBy("id");

    assertThat(correction.about(rows)).isEqualTo(2);
    assertThat(made.schema().simpleString()).isEqualTo(rows.schema().simpleString());
    assertThat(made.collectAsList().get(1).mkString(" ")).as("not broken").isEqualTo("2 -5.0 40 b");
    assertThat(made.collectAsList().get(4).mkString(" ")).isEqualTo("5 1.0 1 e");
    assertThat(made.collectAsList().get(2).mkString(" ")).isEqualTo("3 null 50 c");
  }

  @Test
  void holdsTheirSqlToWhatChecksMaySay() {
    Dataset<Row> rows = spark.sql(ROWS);
    assertThatThrownBy(
            () ->
                correction(
                        "reflect('java.lang.System', 'exit', 1) = 'x'",
                        "incme = 1",
                        "income = rand()",
                        "age = code",
                        "code = (select 1)",
                        "id = 1",
                        "id = 2")
                    .require(rows, "t.aside@0"))
        .isInstanceOf(WeirException.class)
        .satisfies(
            e -> {
              assertThat(((WeirException) e).code()).isEqualTo("invalid-correction");
              assertThat(e.getMessage().lines().map(String::strip))
                  .containsExactlyInAnyOrder(
                      "6 faults in the correction of t.aside@0:",
                      "incme = 1: t.aside@0 has no column 'incme'; did you mean 'income'?",
                      "income = rand(): the function rand is not one that a check may use, which is of one row's values alone",
                      "age = code: it is of type STRING, and the column is of type INT",
                      "code = (select 1): it must be of one row: no subqueries",
                      "id = 2: the column is given a value twice",
                      "where reflect('java.lang.System', 'exit', 1) = 'x': the function reflect is not one that a check may use, which is of one row's values alone");
            });
    // What fails on a row is seen before the rule is decided on.
    assertThatThrownBy(
            () -> correction(null, "age = cast(code as int)").rehearse(rows, "t.aside@0"))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("The correction fails on a row of t.aside@0: [CAST_INVALID_INPUT]");
  }
}
