package dev.weir.quality;

import static org.apache.spark.sql.functions.expr;

import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.BooleanType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** What may stand in an expression check: a deterministic boolean of one row. */
final class RowExpression {
  /** Spark calls these deterministic, but they give something else in the next run. */
  private static final Set<String> OF_THE_MOMENT =
      Set.of(
          "CurrentDate",
          "CurrentTime",
          "CurrentTimestamp",
          "CurrentTimestampLike",
          "Now",
          "LocalTimestamp",
          "CurrentUser",
          "CurrentCatalog",
          "CurrentDatabase",
          "CurrentTimeZone",
          "InputFileName",
          "UnixTimestampNow");

  private RowExpression() {}

  /** What is wrong with an expression over these rows, or null; nothing is read. */
  static @Nullable String fault(Dataset<Row> rows, String sql) {
    LogicalPlan plan;
    try {
      plan = analyzed(rows.select(expr(sql)));
    } catch (Exception e) {
      // Parse and analysis errors are checked exceptions that Spark does not declare.
      return firstLine(e);
    }
    if (!(plan instanceof Project project)
        || !project.child().fastEquals(analyzed(rows))
        || project.projectList().size() != 1) {
      return "it must be of one row: no aggregates, windows, generators or *";
    }
    // A named expression is an expression, which Java does not see.
    Expression expression = (Expression) project.projectList().head();
    if (!(expression.dataType() instanceof BooleanType)) {
      return "it must be boolean, and it is of type " + expression.dataType().sql();
    }
    return fault(expression);
  }

  private static @Nullable String fault(Expression expression) {
    if (expression instanceof SubqueryExpression) {
      return "it must be of one row: no subqueries";
    }
    if (OF_THE_MOMENT.contains(expression.getClass().getSimpleName())) {
      return "it must be the same in every run, and %s is not; write the value out"
          .formatted(expression.prettyName());
    }
    for (Expression child : CollectionConverters.asJava(expression.children())) {
      String fault = fault(child);
      if (fault != null) {
        return fault;
      }
    }
    return expression.deterministic()
        ? null
        : "it must be the same in every run, and %s is not".formatted(expression.prettyName());
  }

  private static LogicalPlan analyzed(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage()).strip();
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
