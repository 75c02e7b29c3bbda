package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.session.HomeSchema;
import dev.weir.session.LineageFunctions;
import dev.weir.session.LineageViews;
import dev.weir.session.SparkSessions;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.LoggerFactory;

/** Answers one SQL statement. */
final class SqlAction {
  private static final Pattern QUERY = Pattern.compile("\\s*(select|with|from|values|\\()");

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
    String log = SparkLog.ofCommand(project, home, "sql");
    try (HomeReader reader = HomeReader.open(home)) {
      List<HomeSchema.PinnedTable> tables = HomeTables.of(reader);
      UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
      code.install();
      SparkSession spark =
          SparkSessions.start("weir sql", RunAction.settings(project, command.spark, code));
      spark.conf().set(LineageFunctions.HOME, home.toString());
      try {
        print(rows(spark, tables));
      } catch (Exception e) {
        List<String> names =
            Stream.concat(
                    tables.stream().map(table -> table.schema() + "." + table.name()),
                    LineageViews.ALL.stream().map(view -> "lineage." + view.name()))
                .toList();
        throw SqlFailure.of(e, names, log);
      }
      return ExitCode.DONE;
    }
  }

  /**
   * Analyses the statement. A view costs a look at its table, so a query gets those that it may
   * mean, by their names in its text, and all of them only where these don't do.
   */
  private Dataset<Row> rows(SparkSession spark, List<HomeSchema.PinnedTable> tables) {
    String text = command.statement.toLowerCase(Locale.ROOT);
    List<LineageViews.View> views =
        LineageViews.ALL.stream().filter(view -> text.contains(view.name())).toList();
    if (QUERY.matcher(text).lookingAt()) {
      HomeSchema.open(
          spark,
          tables.stream()
              .filter(
                  table ->
                      text.contains(table.name().toLowerCase(Locale.ROOT))
                          || LineageViews.needed(views, table))
              .toList());
      LineageViews.open(spark, views);
      try {
        return spark.sql(command.statement);
      } catch (Exception e) {
        if (!(e instanceof AnalysisException)) {
          throw e;
        }
        // No field: a logger that is made before it is known where the log goes sets it up.
        LoggerFactory.getLogger(SqlAction.class)
            .debug("Looking again with every table of the home", e);
      }
    }
    HomeSchema.open(spark, tables);
    LineageViews.open(spark, LineageViews.ALL);
    return spark.sql(command.statement);
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
