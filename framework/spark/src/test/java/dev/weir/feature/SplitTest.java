package dev.weir.feature;

import static dev.weir.feature.SplitBy.hash;
import static dev.weir.feature.SplitBy.time;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTest {
  private final SparkSession spark = TestSpark.session();
  private Path folder;
  private LocalContext context;

  @BeforeEach
  void context(@TempDir Path dir) {
    folder = dir;
    context = new LocalContext(spark, folder.resolve("home"), folder);
  }

  private void save(Dataset<Row> rows) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", true)
        .save(folder.resolve("home/datasets/t/all").toString());
  }

  private void split(SplitBy by) throws Exception {
    context.run(new Split(Input.from("t.all"), to("t.train"), to("t.test"), by));
  }

  private Set<Object> keys(String table) {
    Set<Object> keys = new HashSet<>();
    context.table(table).select("id").collectAsList().forEach(row -> keys.add(row.get(0)));
    return keys;
  }

  @Test
  void byDate() throws Exception {
    save(spark.range(100).selectExpr("id", "date_add(date'2025-01-01', int(id)) as day"));
    split(time("day", "2025-02-01", "2025-03-01"));
    assertThat(context.table("t.train").count()).isEqualTo(31);
    assertThat(context.table("t.test").count()).isEqualTo(28);
    assertThat(context.metric("train_rows")).isEqualTo(31);
    assertThat(context.metric("test_rows")).isEqualTo(28);
    assertThat(context.metric("left-out-rows")).isEqualTo(41);
    assertThat(context.table("t.test").where("day < '2025-02-01'").count()).isZero();
  }

  @Test
  void byTimestampInUtcWhateverTheSessionsZone() throws Exception {
    save(
        spark
            .range(48)
            .selectExpr("id", "timestamp'2025-03-31T00:00:00Z' + make_dt_interval(0, id) as at"));
    spark.conf().set("spark.sql.session.timeZone", "America/New_York");
    try {
      split(time("at", "2025-04-01"));
    } finally {
      spark.conf().set("spark.sql.session.timeZone", "UTC");
    }
    assertThat(context.table("t.train").count()).isEqualTo(24);
    split(time("at", "2025-04-01T14:00:00+02:00"));
    assertThat(context.table("t.train").count()).isEqualTo(36);
  }

  @Test
  void byHashIsTheSameHoweverRowsLieAndWhateverTheIntegerType() throws Exception {
    Dataset<Row> rows = spark.range(0, 5000, 1, 1).selectExpr("id", "id % 7 as other");
    save(rows);
    split(hash(0.7, "id"));
    Set<Object> train = keys("t.train");
    assertThat(train.size() / 5000.0).isCloseTo(0.7, within(0.03));
    assertThat(keys("t.test")).hasSize(5000 - train.size()).doesNotContainAnyElementsOf(train);
    save(rows.repartition(7).orderBy("other").where("id < 4000"));
    split(hash(0.7, "id"));
    assertThat(train).containsAll(keys("t.train"));
    save(rows.selectExpr("int(id) as id"));
    split(hash(0.7, "id"));
    assertThat(keys("t.train"))
        .hasSameSizeAs(train)
        .contains(((Long) train.iterator().next()).intValue());
    save(rows);
    split(new SplitBy.Hash(List.of("id"), 0.7, "other"));
    assertThat(keys("t.train")).isNotEqualTo(train);
  }

  @Test
  void anUnknownColumnAWrongTypeNullsAndEmptySidesAreErrors() {
    save(
        spark
            .range(10)
            .selectExpr(
                "id",
                "date_add(date'2025-01-01', int(id)) as day",
                "if(id = 3, null, date'2025-01-01') as gap",
                "string(id) as text"));
    assertThat(error(time("dy", "2025-01-05")).text())
        .isEqualTo("t.all has no column 'dy'; did you mean 'day'? It has id, day, gap, text.");
    assertThat(error(time("text", "2025-01-05")))
        .hasMessage(
            "The column 'text' of t.all is of type string: a split by time needs dates or timestamps.");
    assertThat(error(time("gap", "2025-01-05")))
        .hasMessage("1 of 10 rows of t.all have no gap, so they are on no side.");
    assertThat(error(time("day", "2026-01-05")))
        .hasMessage(
            "No row of t.all goes into t.test: it has 10 rows, day from 2025-01-01 to 2025-01-10.");
    assertThat(error(time("day", "2025-01-05T12:00:00"))).hasMessageContaining("is a time of day");
    assertThatThrownBy(() -> time("day", "5 May"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "at is a date such as 2025-04-01 or a time such as 2025-04-01T12:00:00, not '5 May'");
    assertThatThrownBy(() -> time("day", "2025-04-01", "2025-03-01"))
        .hasMessage("until is after at");
    assertThatThrownBy(() -> hash(1.5, "id")).hasMessage("train is between 0 and 1, not 1.5");
  }

  private WeirException error(SplitBy by) {
    return catchThrowableOfType(WeirException.class, () -> split(by));
  }
}
