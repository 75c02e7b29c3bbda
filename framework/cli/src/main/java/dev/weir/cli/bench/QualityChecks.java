package dev.weir.cli.bench;

import static dev.weir.quality.Check.allowed;
import static dev.weir.quality.Check.expression;
import static dev.weir.quality.Check.matches;
import static dev.weir.quality.Check.notNull;
import static dev.weir.quality.Check.range;
import static dev.weir.quality.Check.rowCount;
import static dev.weir.quality.Check.statistic;

import dev.weir.quality.Check;
import dev.weir.quality.Columns;
import dev.weir.quality.Comparison;
import dev.weir.quality.Measure;
import dev.weir.quality.Rows;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The rows and the checks that the quality bench measures with. */
final class QualityChecks {
  private QualityChecks() {}

  /** Loans: 20 columns of numbers, decimals, dates, times, truth values and texts. */
  static Dataset<Row> rows(SparkSession spark, long rows) {
    return spark
        .range(rows)
        .selectExpr("id", "abs(xxhash64(id)) as h", "abs(xxhash64(id, 1)) as g")
        .selectExpr(
            "id",
            "h % 1000000 as customer",
            "cast(18 + h % 80 as int) as age",
            "if(g % 50 = 0, null, cast(300 + g % 551 as int)) as score",
            "cast(12 * (1 + h % 5) as int) as months",
            "round(1000 + (h % 9000000) / 97D, 2) as income",
            "if(g % 20 = 0, null, (g % 5000000) / 53D) as debt",
            "cast((h % 2000) / 100D as float) as rate",
            "(g % 1000003) / 1000003D as ratio",
            "cast((h % 100000000) / 100D as decimal(12,2)) as balance",
            "cast((g % 1000000000000) / 10000D as decimal(18,4)) as amount",
            "date_add(date'2020-01-01', cast(h % 1500 as int)) as opened",
            "date_add(date'2020-01-01', cast(h % 1500 + g % 365 as int)) as closed",
            "timestamp_seconds(1577836800 + g % 126144000) as seen",
            "element_at(array('branch', 'web', 'broker', 'app'), cast(1 + h % 4 as int)) as channel",
            "concat('region-', g % 50) as region",
            "concat('customer', h % 1000000, '@example', g % 100, '.org') as email",
            "concat('+49 ', 100 + h % 900, ' ', 1000000 + g % 9000000) as phone",
            "concat(char(65 + h % 26), char(65 + g % 26), '-', 100000 + h % 900000) as code",
            "h % 3 = 0 as active");
  }

  /** Forty checks, each column in at least two, four of them regular expressions. */
  static List<Check> all() {
    return List.of(
        rowCount(1),
        notNull("id", "customer", "age", "income", "balance", "channel", "email"),
        new Check.NotNull(Columns.of("score"), 0.05),
        new Check.NotNull(Columns.of("debt"), 0.1),
        range("id", 0, null),
        range("customer", 0, 999_999),
        range("age", 18, 120),
        range("score", 300, 850),
        allowed("months", "12", "24", "36", "48", "60"),
        range("months", 12, 60),
        range("income", 1000, 1_000_000),
        range("debt", 0, null),
        range("rate", 0, 20),
        statistic(Measure.MEAN, "rate", 9.0, 11.0),
        range("ratio", 0, 1),
        statistic(Measure.STANDARD_DEVIATION, "ratio", 0.2, 0.4),
        range("balance", 0, 1_000_000),
        range("amount", 0, 100_000_000),
        statistic(Measure.MAX, "amount", 0.0, 1e8),
        range("opened", "2020-01-01", "2030-01-01"),
        range("closed", "2020-01-01", "2031-01-01"),
        new Check.Compare("opened", Comparison.AT_MOST, "closed", Rows.ALL),
        range("seen", "2020-01-01", "2025-01-01"),
        expression("seen >= timestamp'2020-01-01 00:00:00Z'"),
        allowed("channel", "branch", "web", "broker", "app"),
        matches("region", "region-[0-9]{1,2}"),
        new Check.Length("region", 8, 9, Rows.ALL),
        matches("email", "[a-z0-9]+@[a-z0-9]+[.]org"),
        matches("phone", "[+]49 [0-9]{3} [0-9]{7}"),
        new Check.Length("phone", 15, 15, Rows.ALL),
        matches("code", "[A-Z]{2}-[0-9]{6}"),
        notNull("code"),
        expression("active or months >= 12"),
        notNull("active"));
  }
}
