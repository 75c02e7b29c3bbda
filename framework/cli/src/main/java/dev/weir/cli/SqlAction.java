package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.run.Failures;
import dev.weir.session.HomeSchema;
import dev.weir.session.SparkSessions;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Answers one SQL statement. */
final class SqlAction {
  private final SqlCommand command;
  private final PrintStream out;
  private final PrintStream err;

  SqlAction(SqlCommand command, PrintStream out, PrintStream err) {
    this.command = command;
    this.out = out;
    this.err = err;
  }

  int execute() {
    Project project = command.workspace.project();
    URI home = command.workspace.home(project);
    String log = SparkLog.to(project, home, "sql");
    try (HomeReader reader = HomeReader.open(home)) {
      List<HomeSchema.PinnedTable> tables = HomeTables.of(reader);
      UserCode code = UserCode.of(project, command.spark.jars);
      code.install();
      SparkSession spark =
          SparkSessions.start("weir sql", RunAction.settings(project, command.spark, code));
      HomeSchema.open(spark, tables);
      Dataset<Row> rows;
      try {
        rows = spark.sql(command.statement);
        print(rows);
      } catch (Exception e) {
        if (e instanceof AnalysisException || Failures.unwrap(e) instanceof AnalysisException) {
          throw WeirException.user(
              "invalid-sql",
              Failures.of(e).message(),
              "See ./weir sql \"show tables in lineage\" and \"show schemas\".");
        }
        throw new WeirException(
            "sql-failed",
            dev.weir.error.ErrorKind.DATA,
            Failures.of(e).message(),
            log == null ? "" : "Spark's log is " + log,
            e);
      }
      return ExitCode.DONE;
    }
  }

  private void print(Dataset<Row> rows) {
    ResultPrinter printer = new ResultPrinter(out, err);
    int limit = command.limit == null ? 0 : command.limit;
    Dataset<Row> limited = limit > 0 ? rows.limit(limit) : rows;
    switch (command.format) {
      case json -> printer.json(limited);
      case csv -> printer.csv(limited);
      case table -> printer.table(rows, limit);
    }
  }
}
