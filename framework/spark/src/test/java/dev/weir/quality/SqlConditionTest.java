package dev.weir.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.session.TestSpark;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class SqlConditionTest {
  private final SparkSession spark = TestSpark.session().newSession();
  private final Dataset<Row> rows =
      spark.sql(
          """
          select 1 as id, 2.5D as amount, 'a' as name, true as flag, date'2024-01-01' as day,
            timestamp'2024-01-01 10:00:00' as seen, array('a') as tags,
            named_struct('zip', '10115') as address
          """);

  private static List<String> lines(String resource) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(SqlConditionTest.class.getResourceAsStream(resource)),
                StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }
  }

  @Test
  void hostileConditionsAreRefused() throws IOException {
    List<String> hostile = lines("hostile-conditions.txt");
    assertThat(hostile).hasSizeGreaterThanOrEqualTo(50).doesNotHaveDuplicates();
    SoftAssertions softly = new SoftAssertions();
    for (String condition : hostile) {
      softly.assertThat(SqlCondition.fault(rows, condition)).as(condition).isNotBlank();
    }
    softly.assertAll();
  }

  @Test
  void plainConditionsAreTaken() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (String condition : lines("plain-conditions.txt")) {
      softly.assertThat(SqlCondition.fault(rows, condition)).as(condition).isNull();
    }
    softly.assertAll();
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(SqlCondition.fault(rows, "reflect('java.lang.System', 'exit', 1) is null"))
        .isEqualTo(
            "the function reflect is not one that a check may use, which is of one row's values alone");
    assertThat(SqlCondition.fault(rows, "lenght(name) > 1"))
        .endsWith("which is of one row's values alone; did you mean 'length'?");
    assertThat(SqlCondition.fault(rows, "id in (select 1)"))
        .isEqualTo("it must be of one row: no subqueries");
    assertThat(SqlCondition.fault(rows, "current_date >= day"))
        .isEqualTo(
            "it must be the same in every run, and current_date is not; write the value out");
    assertThat(SqlCondition.fault(rows, "id + 1"))
        .isEqualTo("it must be boolean, and it is of type INT");
    assertThat(SqlCondition.fault(rows, "_metadata.file_path is null")).isNotBlank();
  }

  @Test
  void namesOfSparksOwnFunctionsStandForThoseOnly() {
    // A session may have another function of the name.
    spark.udf().register("upper", (UDF1<String, String>) text -> "mine", DataTypes.StringType);
    assertThat(SqlCondition.fault(rows, "upper(name) = 'mine'"))
        .contains("is not Spark's own function");
  }
}
