package dev.weir.feature;

import static dev.weir.feature.Sql.file;
import static dev.weir.feature.Sql.statement;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlTest {
  private final SparkSession spark = TestSpark.session();
  private Path folder;
  private LocalContext context;

  @BeforeEach
  void tables(@TempDir Path dir) {
    folder = dir;
    context = new LocalContext(spark, folder.resolve("home"), folder);
    save("credit/clean", spark.range(5).selectExpr("id", "id * 10.0 as income"));
    save("bank/clean", spark.range(2).selectExpr("id", "'b' as kind"));
    save("credit/other", spark.range(3).selectExpr("id", "id % 2 = 0 as even"));
  }

  private void save(String name, org.apache.spark.sql.Dataset<Row> rows) {
    rows.write().format("delta").save(folder.resolve("home/datasets").resolve(name).toString());
  }

  private List<String> result(String sql, String... from) throws Exception {
    List<Input> inputs = java.util.Arrays.stream(from).map(Input::from).toList();
    context.run(new Sql(inputs, to("t.out"), statement(sql)));
    return context.table("t.out").collectAsList().stream().map(Row::toString).sorted().toList();
  }

  private WeirException error(String sql, String... from) {
    return catchThrowableOfType(WeirException.class, () -> result(sql, from));
  }

  @Test
  void anInputHasThreeNames() throws Exception {
    for (String name : List.of("credit.clean", "credit_clean", "clean", "CREDIT.Clean")) {
      assertThat(result("select count(*) as n from " + name, "credit.clean"))
          .containsExactly("[5]");
    }
    assertThat(
            result(
                "select clean.id, credit.clean.income from credit.clean where clean.id = 2",
                "credit.clean"))
        .containsExactly("[2,20.0]");
  }

  @Test
  void joinsSubqueriesCommonTablesAndSelfJoins() throws Exception {
    assertThat(
            result(
                """
                with big as (select * from clean where income > 10),
                     other as (select id from big where id in (select id from credit.other))
                select a.id, (select max(income) from clean) as top
                from other a join clean b on a.id = b.id
                where exists (select 1 from credit_other o where o.id = a.id and o.even)
                union all
                select x.id, y.income from clean x join clean y on x.id = y.id - 1 where x.id = 3
                """,
                "credit.clean",
                "credit.other"))
        .containsExactly("[2,40.0]", "[3,40.0]");
  }

  @Test
  void aShortNameMustBeTheOnlyOne() throws Exception {
    WeirException error = error("select * from clean", "credit.clean", "bank.clean");
    assertThat(error.text())
        .isEqualTo(
            "The statement, line 1: several inputs are called 'clean'. Write the whole name:"
                + " credit.clean or bank.clean.");
    assertThat(
            result(
                "select c.id from credit.clean c join bank.clean b using (id)",
                "credit.clean",
                "bank.clean"))
        .containsExactly("[0]", "[1]");
    assertThatThrownBy(
            () -> new Sql(List.of(Input.from("a.b"), Input.from("a.b@3")), to("a.c"), "x", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("from has a.b twice: a query could not tell them apart");
  }

  @Test
  void readingWhatIsNotDeclaredIsAnError() throws Exception {
    assertThat(error("select *\nfrom credit.clena", "credit.clean").text())
        .isEqualTo(
            "The statement, line 2: it reads 'credit.clena', which the stage does not declare; did"
                + " you mean 'credit.clean'? Declared are credit.clean. Correct the name or add it"
                + " to from; files are read by an ingest stage.");
    String path = folder.resolve("home/datasets/credit/other").toString();
    for (String sneaky :
        List.of(
            "select * from delta.`%s`".formatted(path),
            "select * from clean where id in (select id from parquet.`%s`)".formatted(path),
            "with a as (select * from csv.`%s`) select * from a".formatted(path),
            "select (select max(id) from delta.`%s`) as m from clean".formatted(path))) {
      assertThat(error(sneaky, "credit.clean"))
          .hasMessageContaining("which the stage does not declare");
    }
    assertThat(error("select * from identifier('delta.`%s`')".formatted(path), "credit.clean"))
        .isNotNull();
    spark.range(1).createOrReplaceGlobalTempView("leak");
    try {
      assertThat(error("select * from identifier('global_temp.leak')", "credit.clean"))
          .hasMessageContaining("does not declare");
    } finally {
      spark.catalog().dropGlobalTempView("leak");
    }
    assertThat(result("select * from range(2)")).containsExactly("[0]", "[1]");
  }

  @Test
  void onlyOneQueryIsTaken() {
    assertThat(error("create table x (a int)", "credit.clean"))
        .hasMessageContaining("is not a query");
    assertThat(error("insert into clean select * from clean", "credit.clean"))
        .hasMessageContaining("is not a query");
    assertThat(error("set x = 1", "credit.clean")).hasMessageContaining("is not a query");
    assertThat(error("select 1; select 2", "credit.clean"))
        .hasMessage(
            "The statement, line 1: Syntax error at or near 'select': extra input 'select'.");
  }

  @Test
  void errorsSayTheLineAndTheNearestColumn() throws Exception {
    assertThat(error("select id,\n  incom\nfrom clean", "credit.clean").text())
        .isEqualTo(
            "The statement, line 2: there is no column 'incom'; did you mean 'income'? Nearest"
                + " are income, id.");
    Files.writeString(folder.resolve("f.sql"), "select id\nfrm clean\nwhere id > 1");
    WeirException inFile =
        catchThrowableOfType(
            WeirException.class,
            () -> context.run(new Sql(Input.from("credit.clean"), to("t.out"), file("f.sql"))));
    assertThat(inFile.text()).startsWith("f.sql, line 2: Syntax error at or near 'clean'");
    assertThat(error("select nofunc(id) from clean", "credit.clean").text())
        .startsWith("The statement, line 1: ")
        .contains("nofunc");
    assertThat(error("select id + array(1) from clean", "credit.clean").text())
        .startsWith("The statement, line 1: Cannot resolve")
        .doesNotContain("Project");
  }

  @Test
  void parametersOfTheRunStandAsNames() throws Exception {
    Files.writeString(
        folder.resolve("f.sql"), "select id from clean where id >= :least and :name = 'x'");
    context.param("least", 3L).param("name", "x").param("unused", true);
    context.run(new Sql(Input.from("credit.clean"), to("t.out"), file("f.sql")));
    assertThat(context.table("t.out").count()).isEqualTo(2);
    assertThat(context.reads.get(0).port()).isEqualTo("file");
    assertThat(context.reads.get(0).reference())
        .startsWith("file:" + folder.resolve("f.sql") + "@");
    assertThat(error("select * from clean where id > :leest", "credit.clean").text())
        .isEqualTo(
            "The statement, line 1: there is no parameter 'leest'; did you mean 'least'? Declare it"
                + " under params.");
  }

  @Test
  void aMissingFileSaysWhereItWasLookedFor() {
    assertThatThrownBy(
            () -> context.run(new Sql(Input.from("credit.clean"), to("t.out"), file("g.sql"))))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("There is no 'g.sql': looked for " + folder.resolve("g.sql"));
    assertThatThrownBy(() -> new Sql(List.of(Input.from("a.b")), to("a.c"), null, null))
        .hasMessage("Give either statement or file");
  }
}
