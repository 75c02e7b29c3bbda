package dev.weir.quality;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.weir.config.Problems;
import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * A rule by which rows that break a check are made anew. All new values are made of the row as it
 * was; SQL in it is held to what checks are held to.
 *
 * @param condition which rows it is about, or null for all
 */
public record Correction(List<Fact.Assignment> assignments, @Nullable String condition) {
  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\s*(`(?:[^`]|``)+`|[^=`]+?)\\s*=(?!=)\\s*(\\S.*)", Pattern.DOTALL);

  public Correction {
    assignments = List.copyOf(assignments);
    condition = condition == null ? null : condition.strip();
  }

  /** The correction that was decided on. */
  static Correction of(Fact.RowsCorrected decided) {
    return new Correction(decided.assignments(), decided.condition());
  }

  /**
   * Reads {@code column = expression}.
   *
   * @throws WeirException {@code invalid-correction} if it is none
   */
  public static Fact.Assignment assignment(String text) {
    Matcher matcher = ASSIGNMENT.matcher(text);
    if (!matcher.matches()) {
      throw WeirException.user(
          "invalid-correction",
          "'%s' gives no column a value.".formatted(text),
          "Write it as --set 'income = abs(income)'.");
    }
    String column = Objects.requireNonNull(matcher.group(1));
    return new Fact.Assignment(
        column.startsWith("`")
            ? column.substring(1, column.length() - 1).replace("``", "`")
            : column,
        Objects.requireNonNull(matcher.group(2)).strip());
  }

  /**
   * Throws unless it can be made of such rows; nothing is read.
   *
   * @param subject what the rows are called
   */
  public void require(Dataset<Row> rows, String subject) {
    Problems problems = new Problems();
    List<String> columns = Arrays.asList(rows.columns());
    List<String> seen = new ArrayList<>();
    for (Fact.Assignment assignment : assignments) {
      StructField field = field(rows, assignment.column());
      if (field == null) {
        problems.add(
            "%s: %s has no column '%s'%s"
                .formatted(
                    assignment.text(),
                    subject,
                    assignment.column(),
                    Nearest.hint(assignment.column(), columns)));
        continue;
      }
      if (seen.contains(field.name())) {
        problems.add("%s: the column is given a value twice".formatted(assignment.text()));
      }
      seen.add(field.name());
      String fault = SqlCondition.fault(rows, assignment.expression(), field.dataType());
      if (fault != null) {
        problems.add("%s: %s".formatted(assignment.text(), fault));
      }
    }
    if (assignments.isEmpty()) {
      problems.add("it gives no column a value");
    }
    String where = condition;
    if (where != null) {
      String fault = SqlCondition.fault(rows, where);
      if (fault != null) {
        problems.add("where %s: %s".formatted(where, fault));
      }
    }
    problems.throwIfAny("invalid-correction", "the correction of " + subject);
  }

  /** A column by its name, in any case if there is none in this one. */
  private static @Nullable StructField field(Dataset<Row> rows, String name) {
    StructField found = null;
    for (StructField field : rows.schema().fields()) {
      if (field.name().equals(name)) {
        return field;
      }
      found = field.name().equalsIgnoreCase(name) ? field : found;
    }
    return found;
  }

  /** How many of some rows it is about. */
  public long about(Dataset<Row> rows) {
    return condition == null ? rows.count() : rows.filter(condition).count();
  }

  /**
   * Makes it of all of some rows, and keeps nothing.
   *
   * @throws WeirException {@code invalid-correction} if one of them can't be corrected
   */
  public void rehearse(Dataset<Row> rows, String subject) {
    try {
      made(rows, lit(true)).write().format("noop").mode("overwrite").save();
    } catch (Exception e) {
      // Spark throws checked exceptions that it does not declare.
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new WeirException(
          "invalid-correction",
          ErrorKind.USER,
          "The correction fails on a row of %s: %s"
              .formatted(
                  subject, String.valueOf(cause.getMessage()).lines().findFirst().orElse("")),
          "Say with --where which rows it is about, or use functions that give null, such as try_divide.",
          e);
    }
  }

  /**
   * The rows, with those made anew that it is about.
   *
   * @param broken true for the rows that may be
   */
  Dataset<Row> made(Dataset<Row> rows, Column broken) {
    Column about = coalesce(broken, lit(false));
    if (condition != null) {
      about = about.and(coalesce(expr(condition), lit(false)));
    }
    List<Column> columns = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column column = col(Identifiers.quote(field.name()));
      for (Fact.Assignment assignment : assignments) {
        if (field.equals(field(rows, assignment.column()))) {
          column =
              when(about, expr(assignment.expression()).cast(field.dataType()))
                  .otherwise(column)
                  .as(field.name(), field.metadata());
        }
      }
      columns.add(column);
    }
    return rows.select(columns.toArray(Column[]::new));
  }
}
