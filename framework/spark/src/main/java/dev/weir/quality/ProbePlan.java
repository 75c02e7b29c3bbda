package dev.weir.quality;

import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.rlike;

import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.jspecify.annotations.Nullable;

/** Turns checks into probes of one dataset, or reports everything that can't be asked of it. */
final class ProbePlan {
  private final Dataset<Row> rows;
  private final String subject;
  private final Problems problems = new Problems();

  /**
   * @param subject the dataset's reference, for messages
   */
  ProbePlan(Dataset<Row> rows, String subject) {
    this.rows = rows;
    this.subject = subject;
  }

  /** A column that was found: as SQL writes it, and its type. */
  private record Found(String sql, Column column, DataType type) {}

  /** The probes, in the order of the checks; throws one error that lists every fault. */
  List<Probe> plan(List<Check> checks) {
    List<Probe> probes = new ArrayList<>();
    for (Check check : checks) {
      if (check instanceof Check.NotNull c) {
        c.notNull().names().forEach(name -> add(probes, notNull(c, name)));
      } else if (check instanceof Check.Unique c) {
        add(probes, unique(c));
      } else if (check instanceof Check.Range c) {
        add(probes, range(c));
      } else if (check instanceof Check.Allowed c) {
        add(probes, allowed(c));
      } else if (check instanceof Check.Matches c) {
        add(probes, matches(c));
      } else if (check instanceof Check.RowCount c) {
        probes.add(new Probe("row-count", null, null, c.rowCount(), 0, "", "count(*)", ""));
      } else if (check instanceof Check.Expression c) {
        add(probes, expression(c));
      }
    }
    problems.throwIfAny("the checks on " + subject);
    return probes;
  }

  private static void add(List<Probe> probes, @Nullable Probe probe) {
    if (probe != null) {
      probes.add(probe);
    }
  }

  private @Nullable Probe notNull(Check.NotNull check, String name) {
    Found found = find("not-null", name);
    return found == null
        ? null
        : Probe.ofRows(
            "not-null",
            name,
            count_if(found.column().isNull()),
            check.threshold(),
            "are null",
            found.sql() + " is null");
  }

  private @Nullable Probe unique(Check.Unique check) {
    List<Found> keys = new ArrayList<>();
    for (String name : check.unique().names()) {
      Found found = find("unique", name);
      if (found != null && !hasEquality(found.type())) {
        problems.add(
            "unique %s: values of type %s can't be compared".formatted(name, found.type().sql()));
      }
      if (found != null) {
        keys.add(found);
      }
    }
    if (keys.size() < check.unique().names().size()) {
      return null;
    }
    Column complete = keys.stream().map(k -> k.column().isNotNull()).reduce(lit(true), Column::and);
    Column distinct =
        count_distinct(
            keys.get(0).column(), keys.stream().skip(1).map(Found::column).toArray(Column[]::new));
    String list = keys.stream().map(Found::sql).collect(Collectors.joining(", "));
    String nonNull =
        keys.stream().map(k -> k.sql() + " is not null").collect(Collectors.joining(" and "));
    return new Probe(
        "unique",
        check.unique().toString(),
        count_if(complete).minus(distinct),
        null,
        check.threshold(),
        "repeat another row's",
        list + ", count(*) as rows",
        "where %s group by %s having count(*) > 1".formatted(nonNull, list));
  }

  private @Nullable Probe range(Check.Range check) {
    Found found = find("range", check.range());
    if (found == null) {
      return null;
    }
    String title = "range " + check.range();
    if (!Literals.hasOrder(found.type())) {
      problems.add(
          "%s: a range is of numbers, dates or timestamps, and the column is of type %s"
              .formatted(title, found.type().sql()));
      return null;
    }
    Column column = found.column();
    Bound min = check.min();
    Bound max = check.max();
    Column outside = lit(false);
    List<String> where = new ArrayList<>();
    if (min != null) {
      Literals.Value value = bound(title, min, found.type());
      outside =
          outside.or(check.exclusive() ? column.leq(value.column()) : column.lt(value.column()));
      where.add(found.sql() + (check.exclusive() ? " <= " : " < ") + value.sql());
    }
    if (max != null) {
      Literals.Value value = bound(title, max, found.type());
      outside =
          outside.or(check.exclusive() ? column.geq(value.column()) : column.gt(value.column()));
      where.add(found.sql() + (check.exclusive() ? " >= " : " > ") + value.sql());
    }
    if (found.type() instanceof DoubleType || found.type() instanceof FloatType) {
      outside = outside.or(isnan(column));
      where.add("isnan(" + found.sql() + ")");
    }
    return Probe.ofRows(
        "range",
        check.range(),
        count_if(outside),
        check.threshold(),
        "are " + outside(min, max, check.exclusive()),
        String.join(" or ", where));
  }

  private static String outside(@Nullable Bound min, @Nullable Bound max, boolean exclusive) {
    String strictly = exclusive ? " or equal to it" : "";
    if (min == null) {
      return "above %s%s".formatted(max, strictly);
    }
    return max == null
        ? "below %s%s".formatted(min, strictly)
        : "outside %s to %s%s".formatted(min, max, exclusive ? " or equal to either" : "");
  }

  private Literals.Value bound(String title, Bound bound, DataType type) {
    try {
      return Literals.bound(bound, type);
    } catch (IllegalArgumentException e) {
      problems.add(title + ": " + e.getMessage());
      return new Literals.Value(lit(null), "null");
    }
  }

  private @Nullable Probe allowed(Check.Allowed check) {
    Found found = find("allowed", check.allowed());
    if (found == null) {
      return null;
    }
    List<Column> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (String text : check.values()) {
      try {
        Literals.Value value = Literals.value(text, found.type());
        values.add(value.column());
        texts.add(value.sql());
      } catch (IllegalArgumentException e) {
        problems.add("allowed %s: %s".formatted(check.allowed(), e.getMessage()));
      }
    }
    if (values.isEmpty()) {
      return null;
    }
    Column outside = not(found.column().isin(values.toArray()));
    return Probe.ofRows(
        "allowed",
        check.allowed(),
        count_if(outside),
        check.threshold(),
        "are none of " + list(check.values()),
        "%s not in (%s)".formatted(found.sql(), String.join(", ", texts)));
  }

  private @Nullable Probe matches(Check.Matches check) {
    Found found = find("matches", check.matches());
    if (found == null) {
      return null;
    }
    if (!(found.type() instanceof StringType)) {
      problems.add(
          "matches %s: a regular expression is of text, and the column is of type %s"
              .formatted(check.matches(), found.type().sql()));
      return null;
    }
    String whole = "\\A(?:" + check.pattern() + ")\\z";
    // A collated column can't be matched as it is.
    Column text = found.column().cast(DataTypes.StringType);
    return Probe.ofRows(
        "matches",
        check.matches(),
        count_if(not(rlike(text, lit(whole)))),
        check.threshold(),
        "don't match " + check.pattern(),
        "not rlike(%s, %s)".formatted(found.sql(), Literals.quote(whole)));
  }

  private @Nullable Probe expression(Check.Expression check) {
    String sql = check.expression().strip();
    String name = Objects.requireNonNullElse(check.name(), sql);
    String fault = RowExpression.fault(rows, sql);
    if (fault != null) {
      problems.add("expression %s: %s".formatted(name, fault));
      return null;
    }
    return Probe.ofRows(
        name, null, count_if(not(expr(sql))), check.threshold(), "break it", "not (" + sql + ")");
  }

  private static String list(List<String> values) {
    int shown = 10;
    return values.size() <= shown
        ? String.join(", ", values)
        : "%s and %d more"
            .formatted(String.join(", ", values.subList(0, shown)), values.size() - shown);
  }

  private static boolean hasEquality(DataType type) {
    if (type instanceof StructType struct) {
      return java.util.Arrays.stream(struct.fields()).allMatch(f -> hasEquality(f.dataType()));
    }
    return !(type instanceof MapType || type instanceof VariantType);
  }

  private @Nullable Found find(String check, String name) {
    StructField whole = field(rows.schema(), name);
    if (whole != null) {
      return found(List.of(whole));
    }
    List<StructField> path = new ArrayList<>();
    DataType type = rows.schema();
    for (String part : name.split("\\.", -1)) {
      StructField field = type instanceof StructType struct ? field(struct, part) : null;
      if (field == null) {
        List<String> names = new ArrayList<>();
        names(rows.schema(), "", names);
        String hint = Nearest.hint(name, names);
        problems.add(
            "%s %s: %s has no column '%s'%s"
                .formatted(
                    check, name, subject, name, hint.isEmpty() ? "; it has " + list(names) : hint));
        return null;
      }
      path.add(field);
      type = field.dataType();
    }
    return found(path);
  }

  private Found found(List<StructField> path) {
    String sql = path.stream().map(f -> quote(f.name())).collect(Collectors.joining("."));
    return new Found(sql, expr(sql), path.get(path.size() - 1).dataType());
  }

  /** The field of this name, in any case if there is none in this one. */
  private static @Nullable StructField field(StructType type, String name) {
    StructField found = null;
    for (StructField field : type.fields()) {
      if (field.name().equals(name)) {
        return field;
      }
      if (field.name().equalsIgnoreCase(name)) {
        found = field;
      }
    }
    return found;
  }

  private static void names(StructType type, String prefix, List<String> into) {
    for (StructField field : type.fields()) {
      into.add(prefix + field.name());
      if (field.dataType() instanceof StructType struct) {
        names(struct, prefix + field.name() + ".", into);
      }
    }
  }

  /** A name as SQL takes it, without quotes where it needs none. */
  private static String quote(String name) {
    return name.matches("[a-z_][a-z0-9_]*") && !name.toUpperCase(Locale.ROOT).equals("ROWS")
        ? name
        : Identifiers.quote(name);
  }
}
