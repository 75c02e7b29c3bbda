package dev.weir.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideRowsTest {
  private final SparkSession spark = TestSpark.session();
  @TempDir Path folder;

  private static Dataset<Row> rest(Dataset<Row> rows, SideRows side, String broken) {
    return rows.filter(coalesce(when(expr(broken), side.keep(struct(expr("*")))), lit(true)));
  }

  @Test
  void keepsValuesOfAnyTypeAsTheyAre() {
    Dataset<Row> rows =
        spark
            .range(0, 100, 1, 3)
            .selectExpr(
                "id",
                "if(id % 4 = 0, null, cast(id as string)) as text",
                "cast(id as decimal(38, 10)) / 7 as amount",
                "timestamp_micros(-12219292800000000L + id * 86400000000) as at_the_gap",
                "date_add(date '1582-10-01', cast(id as int)) as day",
                "if(id % 2 = 0, double('NaN'), -0.0D) as number",
                "array(struct(id as a, map('k', id) as b)) as nested",
                "cast('' || id as binary) as bytes",
                "parse_json('{\"a\": ' || id || '}') as anything");
    try (SideRows side = SideRows.under(folder.toUri(), spark, rows.schema())) {
      Dataset<Row> rest = rest(rows, side, "id % 10 < 3");
      rest.write().format("parquet").save(folder.resolve("rest").toString());

      assertThat(spark.read().parquet(folder.resolve("rest").toString()).count()).isEqualTo(70);
      Dataset<Row> kept = side.rows(30).orElseThrow();
      assertThat(kept.schema()).isEqualTo(rows.schema());
      assertThat(seen(kept)).isEqualTo(seen(rows.filter("id % 10 < 3")));
      assertThat(side.rows(29)).as("not the rows that there must be").isEmpty();
    }
    assertThat(folder).isDirectoryNotContaining(file -> file.toString().endsWith("0-0"));
  }

  /** The rows as text; Java's types know no day between the two calendars. */
  private static List<String> seen(Dataset<Row> rows) {
    return rows
        .selectExpr(
            "* except (at_the_gap, day, bytes)",
            "unix_micros(at_the_gap)",
            "unix_date(day)",
            "hex(bytes)")
        .orderBy("id")
        .collectAsList()
        .stream()
        .map(Row::toString)
        .toList();
  }

  @Test
  void countsAPartitionOnceHoweverOftenItWasRead() {
    Dataset<Row> rows = spark.range(0, 40, 1, 4).toDF();
    try (SideRows side = SideRows.under(folder.toUri(), spark, rows.schema())) {
      Dataset<Row> rest = rest(rows, side, "id >= 35 or id = 0");

      assertThat(rest.count()).isEqualTo(34);
      assertThat(rest.count()).isEqualTo(34);

      assertThat(side.rows(6).orElseThrow().orderBy("id").collectAsList())
          .extracting(row -> row.getLong(0))
          .containsExactly(0L, 35L, 36L, 37L, 38L, 39L);
    }
  }

  @Test
  void keepsNothingOfATaskThatFails() {
    Dataset<Row> rows = spark.range(0, 10, 1, 1).toDF();
    try (SideRows side = SideRows.under(folder.toUri(), spark, rows.schema())) {
      Dataset<Row> rest =
          rest(rows, side, "id < 5").filter("if(id = 7, raise_error('broken'), true)");

      org.assertj.core.api.Assertions.assertThatThrownBy(rest::collectAsList)
          .hasMessageContaining("broken");

      assertThat(side.rows(5)).isEmpty();
      assertThat(side.rows(0).orElseThrow().count()).isZero();
    }
  }
}
