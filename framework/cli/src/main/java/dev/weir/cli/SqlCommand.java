package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the home in SQL. */
@Command(
    name = "sql",
    description = "Ask the home in SQL: the schema lineage, and every dataset under its name.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir sql \"show tables in lineage\"",
      "  ./weir sql \"select name, value from lineage.metrics order by at desc\"",
      "  ./weir sql --format csv \"select * from credit.predictions\" > predictions.csv"
    })
final class SqlCommand implements Callable<Integer> {
  /** How a result is printed. */
  enum Format {
    /** Columns for people. */
    table,
    /** One JSON object a row. */
    json,
    /** RFC 4180, with a header. */
    csv
  }

  @Parameters(paramLabel = "SQL", description = "One statement of Spark SQL.")
  String statement = "";

  @Option(
      names = "--format",
      description = "table, json (an object a line) or csv. Default: ${DEFAULT-VALUE}.")
  Format format = Format.table;

  @Option(
      names = "--limit",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "At most so many rows; 1000 for a table unless set, all for json and csv.")
  @Nullable Integer limit;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() {
    return new SqlAction(this, System.out, System.err).execute();
  }
}
