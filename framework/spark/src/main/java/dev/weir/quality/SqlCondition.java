package dev.weir.quality;

import static org.apache.spark.sql.functions.expr;

import dev.weir.error.Nearest;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What may stand in SQL that a check is written in: a boolean of one row's values that is the same
 * in every run. What the parser makes of a text is held to a list of what is allowed before
 * anything in it is looked up, so that nothing is called, loaded or read by being named.
 */
final class SqlCondition {
  /** Nodes that the parser makes. */
  private static final Set<String> NODES =
      Set.of(
          "UnresolvedAttribute",
          "UnresolvedExtractValue",
          "UnresolvedFunction",
          "UnresolvedNamedLambdaVariable",
          "LambdaFunction",
          "Literal",
          "Cast",
          "And",
          "Or",
          "Not",
          "EqualTo",
          "EqualNullSafe",
          "LessThan",
          "LessThanOrEqual",
          "GreaterThan",
          "GreaterThanOrEqual",
          "In",
          "Between",
          "IsNull",
          "IsNotNull",
          "Like",
          "ILike",
          "LikeAll",
          "LikeAny",
          "NotLikeAll",
          "NotLikeAny",
          "RLike",
          "CaseWhen",
          "If",
          "Add",
          "Subtract",
          "Multiply",
          "Divide",
          "IntegralDivide",
          "Remainder",
          "UnaryMinus",
          "UnaryPositive",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "BitwiseNot",
          "Concat",
          "Substring",
          "StringTrim",
          "StringTrimLeft",
          "StringTrimRight",
          "TimestampAdd",
          "TimestampDiff");

  /** Functions of one row's values alone. Those whose result may be far longer are left out. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          """
          abs ceil ceiling floor round bround sqrt cbrt exp expm1 ln log log10 log1p log2 pow power
          mod pmod sign signum sin cos tan asin acos atan atan2 sinh cosh tanh degrees radians hypot
          greatest least isnan nanvl positive negative width_bucket factorial bit_count
          try_add try_subtract try_multiply try_divide try_mod
          length char_length character_length octet_length bit_length len lower lcase upper ucase
          initcap trim ltrim rtrim btrim substring substr substring_index left right concat concat_ws
          replace translate reverse startswith endswith contains instr locate position charindex
          ascii levenshtein soundex like ilike rlike regexp regexp_like regexp_count regexp_extract
          regexp_instr regexp_substr regexp_replace split split_part luhn_check md5 sha sha1 sha2
          crc32 hash xxhash64 hex base64 is_valid_utf8
          if coalesce ifnull nvl nvl2 nullif isnull isnotnull equal_null between
          int integer bigint smallint tinyint float double decimal string boolean date timestamp
          binary to_date to_timestamp try_to_timestamp try_to_date to_number try_to_number
          year month day dayofmonth dayofweek dayofyear weekday weekofyear quarter hour minute second
          extract date_part datepart date_add dateadd date_sub datediff date_diff add_months
          months_between date_trunc trunc last_day next_day make_date try_make_date unix_date
          unix_seconds unix_millis unix_micros timestamp_seconds timestamp_millis timestamp_micros
          timestampadd timestampdiff
          size cardinality array_size array_contains array_position array_min array_max element_at
          try_element_at get array_distinct arrays_overlap map_keys map_values map_contains_key exists
          forall filter transform aggregate reduce named_struct struct array
          get_json_object json_array_length try_variant_get
          """
              .strip()
              .split("\\s+"));

  /**
   * Names that give something else in the next run, and the nodes that the analyser makes of them.
   */
  private static final Set<String> OF_THE_MOMENT =
      Set.of(
          "now",
          "curdate",
          "current_date",
          "current_time",
          "current_timestamp",
          "localtimestamp",
          "current_user",
          "session_user",
          "user",
          "current_catalog",
          "current_database",
          "current_schema",
          "current_timezone",
          "unix_timestamp");

  private SqlCondition() {}

  /** What is wrong with a condition over these rows, or null; nothing is read. */
  static @Nullable String fault(Dataset<Row> rows, String sql) {
    return fault(
        rows,
        sql,
        found ->
            found instanceof BooleanType
                ? null
                : "it must be boolean, and it is of type " + found.sql());
  }

  /** The same of an expression whose values go into a column of a type. */
  static @Nullable String fault(Dataset<Row> rows, String sql, DataType into) {
    return fault(
        rows,
        sql,
        found ->
            Cast.canANSIStoreAssign(found, into)
                ? null
                : "it is of type %s, and the column is of type %s"
                    .formatted(found.sql(), into.sql()));
  }

  private static @Nullable String fault(
      Dataset<Row> rows, String sql, Function<DataType, @Nullable String> type) {
    LogicalPlan plan;
    try {
      SparkSession session = (SparkSession) rows.sparkSession();
      String fault = parsedFault(session.sessionState().sqlParser().parseExpression(sql));
      if (fault != null) {
        return fault;
      }
      plan = analyzed(rows.select(expr(sql)));
    } catch (Exception e) {
      // Parse and analysis errors are checked exceptions that Spark does not declare.
      return firstLine(e);
    }
    if (!(plan instanceof Project project)
        || !project.child().fastEquals(analyzed(rows))
        || project.projectList().size() != 1) {
      return "it must be of one row's columns, and of nothing else";
    }
    // A named expression is an expression, which Java does not see.
    Expression expression = (Expression) project.projectList().head();
    String fault = type.apply(expression.dataType());
    return fault == null ? analyzedFault(expression) : fault;
  }

  private static @Nullable String parsedFault(Expression node) {
    if (node instanceof SubqueryExpression) {
      return "it must be of one row: no subqueries";
    }
    if (node instanceof UnresolvedStar) {
      return "it must be of one row: name the columns in the place of *";
    }
    if (node instanceof UnresolvedFunction function) {
      String fault = functionFault(function);
      if (fault != null) {
        return fault;
      }
    }
    String fault = childFault(node);
    if (fault != null) {
      return fault;
    }
    String kind = node.getClass().getSimpleName();
    return NODES.contains(kind)
        ? null
        : momentFault(node.prettyName(), "%s is not allowed in a check".formatted(kind));
  }

  private static @Nullable String functionFault(UnresolvedFunction function) {
    String name =
        String.join(".", CollectionConverters.asJava(function.nameParts()))
            .toLowerCase(Locale.ROOT);
    if (!FUNCTIONS.contains(name)) {
      return momentFault(
          name,
          "the function %s is not one that a check may use, which is of one row's values alone%s"
              .formatted(name, Nearest.hint(name, FUNCTIONS)));
    }
    boolean aggregate =
        function.isDistinct()
            || function.filter().isDefined()
            || function.ignoreNulls()
            || !function.orderingWithinGroup().isEmpty();
    return aggregate ? "it must be of one row: %s is no aggregate here".formatted(name) : null;
  }

  private static String momentFault(String name, String otherwise) {
    return OF_THE_MOMENT.contains(name)
        ? "it must be the same in every run, and %s is not; write the value out".formatted(name)
        : otherwise;
  }

  private static @Nullable String childFault(Expression node) {
    for (Expression child : CollectionConverters.asJava(node.children())) {
      String fault = parsedFault(child);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /**
   * A name may be a function's without brackets, and a session may have its own of a known name.
   */
  private static @Nullable String analyzedFault(Expression node) {
    if (OF_THE_MOMENT.contains(node.prettyName())) {
      return momentFault(node.prettyName(), "");
    }
    String kind = node.getClass().getName();
    if (!kind.startsWith("org.apache.spark.sql.catalyst.expressions.") || kind.contains("UDF")) {
      return "%s is not Spark's own function".formatted(node.prettyName());
    }
    for (Expression child : CollectionConverters.asJava(node.children())) {
      String fault = analyzedFault(child);
      if (fault != null) {
        return fault;
      }
    }
    return node.deterministic()
        ? null
        : "it must be the same in every run, and %s is not".formatted(node.prettyName());
  }

  private static LogicalPlan analyzed(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage()).strip();
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
