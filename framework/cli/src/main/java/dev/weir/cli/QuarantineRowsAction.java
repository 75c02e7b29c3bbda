package dev.weir.cli;

import dev.weir.config.Project;
import dev.weir.data.DatasetReader;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.pipeline.Input;
import dev.weir.session.SparkSessions;
import java.net.URI;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Shows rows that were put aside. */
final class QuarantineRowsAction {
  private final Workspace workspace;
  private final SparkOptions options;

  QuarantineRowsAction(Workspace workspace, SparkOptions options) {
    this.workspace = workspace;
    this.options = options;
  }

  int show(Input asked, int limit, boolean json) {
    Project project = workspace.project();
    URI location = workspace.home(project);
    try (HomeReader home = HomeReader.open(location)) {
      QuarantineVersion version =
          QuarantineVersion.find(home.lineage(), asked.name(), asked.version());
      SparkLog.ofCommand(project, location, "quarantine");
      UserCode code = UserCode.of(project, workspace, options.jars);
      code.install();
      SparkSession spark =
          SparkSessions.start("weir quarantine", RunAction.settings(project, options, code));
      Dataset<Row> rows = rows(version, spark);
      ResultPrinter printer = new ResultPrinter(System.out, System.err);
      if (json) {
        printer.json(rows.limit(limit));
      } else {
        printer.table(rows, limit);
      }
      return ExitCode.DONE;
    }
  }

  /** The rows of a version. */
  static Dataset<Row> rows(QuarantineVersion version, SparkSession spark) {
    return new DatasetReader(spark)
        .read(version.written().path(), version.version().version(), version.written().tableId());
  }
}
