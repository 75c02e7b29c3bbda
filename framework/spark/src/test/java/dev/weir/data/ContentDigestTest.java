package dev.weir.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.rand;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.session.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDigestTest {
  private static final SparkSession SPARK = TestSpark.session();

  /** One column of every type that a digest takes, every seventh value null. */
  private static Dataset<Row> everyType(int rows) {
    Dataset<Row> ids = SPARK.range(rows).toDF();
    List<String> expressions =
        List.of(
            "id % 2 = 0 as a_boolean",
            "cast(id % 100 as tinyint) as a_byte",
            "cast(id as smallint) as a_short",
            "cast(id as int) as an_int",
            "id * 1000003 as a_long",
            "cast(id / 3 as float) as a_float",
            "cast(id / 3 as double) as a_double",
            "cast(id / 3 as decimal(10, 2)) as a_decimal",
            "cast(id / 3 as decimal(30, 2)) as a_wide_decimal",
            "concat('name ', id) as a_string",
            "concat('Name ', id) collate utf8_lcase as a_collated_string",
            "cast(concat('bytes ', id) as binary) as a_binary",
            "date_add(date'2024-01-01', cast(id as int)) as a_date",
            "timestamp_micros(id * 1000) as a_timestamp",
            "cast(timestamp_micros(id * 1000) as timestamp_ntz) as a_local_timestamp",
            "make_dt_interval(cast(id as int)) as an_interval_of_days",
            "make_ym_interval(cast(id as int)) as an_interval_of_years",
            "make_interval(0, 1, 0, cast(id as int)) as a_calendar_interval",
            "array(id, null, id + 1) as an_array",
            "array(array(id), array(id, 2)) as an_array_of_arrays",
            "named_struct('a', id, 'b', concat('b', id)) as a_struct",
            "array(named_struct('a', id, 'b', cast(null as int)), null) as an_array_of_structs",
            "map('one', id, 'two', null) as a_map",
            "map(id, map('in', array(id))) as a_map_of_maps");
    List<Column> columns = new ArrayList<>();
    columns.add(col("id"));
    for (int i = 0; i < expressions.size(); i++) {
      String[] parts = expressions.get(i).split(" as (?!.* as )", 2);
      columns.add(
          when(expr("id % 7 = " + i % 7), lit(null)).otherwise(expr(parts[0])).as(parts[1]));
    }
    return ids.select(columns.toArray(Column[]::new));
  }

  private static String digest(Dataset<Row> rows) {
    return ContentDigest.compute(rows).digest();
  }

  private static String digest(String sql) {
    return digest(SPARK.sql(sql));
  }

  @Test
  void isTheSameForRowsInAnyOrderAndPartitioning() {
    Dataset<Row> rows = everyType(500);
    ContentDigest.Content content = ContentDigest.compute(rows);

    assertThat(content.rows()).isEqualTo(500);
    assertThat(content.digest()).matches("[0-9a-f]{64}");
    assertThat(digest(rows.orderBy(rand(3)))).isEqualTo(content.digest());
    assertThat(digest(rows.repartition(7))).isEqualTo(content.digest());
    assertThat(digest(rows.coalesce(1))).isEqualTo(content.digest());
    assertThat(digest(rows.filter("id < 250").union(rows.filter("id >= 250"))))
        .isEqualTo(content.digest());
  }

  static Stream<String> columns() {
    return Stream.of(everyType(1).columns()).filter(c -> !c.equals("id"));
  }

  @ParameterizedTest
  @MethodSource("columns")
  void changesWithOneCell(String column) {
    Dataset<Row> rows = everyType(24);
    List<Row> values = rows.orderBy("id").collectAsList();
    int at = rows.schema().fieldIndex(column);
    String digest = digest(rows);
    assertThat(digest(SPARK.createDataFrame(values, rows.schema()))).isEqualTo(digest);
    int changes = 0;
    for (int donor = 11; donor < 14; donor++) {
      List<Object> cells = new ArrayList<>();
      for (int i = 0; i < rows.schema().size(); i++) {
        cells.add(values.get(i == at ? donor : 10).get(i));
      }
      if (!Objects.equals(cells.get(at), values.get(10).get(at))) {
        List<Row> changed = new ArrayList<>(values);
        changed.set(10, RowFactory.create(cells.toArray()));
        assertThat(digest(SPARK.createDataFrame(changed, rows.schema()))).isNotEqualTo(digest);
        changes++;
      }
    }
    assertThat(changes).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nulls swapped between columns | select cast(null as int) a, 1 b | select 1 a, cast(null as int) b",
        "a value moved across columns | select 'ab' a, 'c' b | select 'a' a, 'bc' b",
        "values swapped | select 1 a, 2 b | select 2 a, 1 b",
        "values swapped between rows | select * from values (1, 1), (2, 2) t(a, b) | select * from values (1, 2), (2, 1) t(a, b)",
        "a row twice | select 1 a | select explode(array(1, 1)) a",
        "a row twice and another once | select explode(array(1, 1, 2)) a | select explode(array(1, 2, 2)) a",
        "a column's name | select 1 a | select 1 b",
        "a column's type | select 1 a | select 1L a",
        "the order of columns | select 1 a, 1 b | select 1 b, 1 a",
        "empty text and null | select '' a | select cast(null as string) a",
        "false and null | select false a | select cast(null as boolean) a",
        "zero and null | select 0 a | select cast(null as int) a",
        "nesting | select array(array(1), array(2)) a | select array(array(1, 2)) a",
        "nesting with an empty array | select array(array(1), array()) a | select array(array(), array(1)) a",
        "an empty array and null | select cast(array() as array<int>) a | select cast(null as array<int>) a",
        "an array of a null and an empty one | select array(cast(null as int)) a | select cast(array() as array<int>) a",
        "where the null is in an array | select array(null, 1) a | select array(1, null) a",
        "an element moved between arrays | select array(1, 2) a, array(3) b | select array(1) a, array(2, 3) b",
        "a null struct and a struct of nulls | select cast(null as struct<x int>) a | select cast(named_struct('x', null) as struct<x int>) a",
        "a struct's null swapped | select named_struct('x', 1, 'y', cast(null as int)) a | select named_struct('x', cast(null as int), 'y', 1) a",
        "a struct's field name | select named_struct('x', 1) a | select named_struct('y', 1) a",
        "a map's value | select map('x', 1, 'y', 2) a | select map('x', 2, 'y', 1) a",
        "a map's null value | select map('x', 1, 'y', null) a | select map('x', null, 'y', 1) a",
        "an empty map and null | select cast(map() as map<string, int>) a | select cast(null as map<string, int>) a",
        "a null in an array in a map in a struct | select named_struct('m', map('k', array(null, 1))) a | select named_struct('m', map('k', array(1, null))) a",
        "the case of a collated text | select 'a' collate utf8_lcase a | select 'A' collate utf8_lcase a",
        "a collation | select 'a' a | select 'a' collate utf8_lcase a",
        "an interval's days | select make_interval(0, 0, 0, 1) a | select make_interval(0, 0, 0, 2) a",
        "the scale of a decimal | select cast(1 as decimal(5, 1)) a | select cast(1 as decimal(5, 2)) a",
        "no rows of another type | select 1 a where false | select 1L a where false",
      })
  void differsBy(String what, String one, String other) {
    assertThat(digest(one)).as(what).isNotEqualTo(digest(other));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "every NaN | select double('NaN') a | select double('Infinity') - double('Infinity') a",
        "both zeros | select 0.0D a | select -0.0D a",
        "both zeros of a float in an array | select array(0.0F) a | select array(-0.0F) a",
        "a map in another order | select map('x', 1, 'y', 2) a | select map('y', 2, 'x', 1) a",
        "a map of maps in another order | select map('k', map('x', array(1, 2), 'y', array(1))) a | select map('k', map('y', array(1), 'x', array(1, 2))) a",
        "an array that could hold nulls | select array(1, 2) a | select filter(array(1, 2, null), x -> x is not null) a",
      })
  void isTheSameFor(String what, String one, String other) {
    assertThat(digest(one)).as(what).isEqualTo(digest(other));
  }

  @Test
  void looksIntoVectors() {
    Dataset<Row> numbers = SPARK.sql("select * from values (1D, 2D, 3D), (0D, 0D, 4D) t(a, b, c)");
    Dataset<Row> two = assemble(assemble(numbers, "x", "a", "b"), "y", "c").select("x", "y");
    Dataset<Row> one = assemble(assemble(numbers, "x", "a"), "y", "b", "c").select("x", "y");

    assertThat(digest(two)).isNotEqualTo(digest(one));
    assertThat(digest(two.repartition(3))).isEqualTo(digest(two));
  }

  private static Dataset<Row> assemble(Dataset<Row> rows, String into, String... from) {
    return new VectorAssembler().setInputCols(from).setOutputCol(into).transform(rows);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select parse_json('1') v",
        "select array(parse_json('1')) v",
        "select named_struct('a', named_struct('b', parse_json('1'))) v",
        "select map('k', parse_json('1')) v",
      })
  void refusesVariantsAnywhere(String sql) {
    assertThatThrownBy(() -> digest(sql))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("undigestable-column");
              assertThat(e)
                  .hasMessageContaining("The column 'v")
                  .hasMessageContaining("is of type VARIANT");
              assertThat(e.remedy()).contains("variant_get").contains("to_json");
            });
  }

  @Test
  void refusesColumnsOfNothing() {
    assertThatThrownBy(() -> digest("select 1 a, null b"))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "The column 'b' is of type VOID: it holds nothing but nulls and Delta would drop it.");
  }

  @Test
  void takesNamesWithDotsAndBackticks() {
    assertThat(digest("select 1 as `a.b`, 2 as `c``d`, named_struct('e.f', 3) as g"))
        .isNotEqualTo(digest("select 2 as `a.b`, 1 as `c``d`, named_struct('e.f', 3) as g"));
  }

  @Test
  void isObservedTheSameAsItIsComputed() throws Exception {
    Dataset<Row> rows = everyType(200).drop("a_calendar_interval");
    ContentDigest digest = ContentDigest.of(rows.schema());
    var observation = new org.apache.spark.sql.Observation("digest");
    Dataset<Row> observable = digest.observe(rows, observation);
    observable.write().format("noop").mode("overwrite").save();
    Row observed =
        scala.concurrent.Await.result(
            observation.future(), scala.concurrent.duration.Duration.create(20, "s"));

    assertThat(digest.content(observed)).isEqualTo(ContentDigest.compute(rows));
    assertThat(observable.schema()).isEqualTo(rows.schema());
  }

  @Test
  void takesTwoThousandColumns() {
    Column[] columns =
        IntStream.range(0, 2000)
            .mapToObj(
                i -> expr("if(id %% 5 = %d, null, id * %d)".formatted(i % 5, i + 1)).as("c" + i))
            .toArray(Column[]::new);
    Dataset<Row> wide = SPARK.range(20).select(columns);

    assertThat(digest(wide.withColumn("c1999", expr("c1999 + if(c0 = 7, 1, 0)"))))
        .isNotEqualTo(digest(wide));
  }
}
