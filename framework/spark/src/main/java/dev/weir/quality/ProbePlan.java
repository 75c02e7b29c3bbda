package dev.weir.quality;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.rlike;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.weir.config.Durations;
import dev.weir.config.Keys;
import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import dev.weir.pipeline.Input;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Asks checks of one dataset, or reports everything that can't be asked of it. */
final class ProbePlan {
  private final Dataset<Row> rows;
  private final String subject;
  private final Instant began;
  private final Function<Input, Subject> others;
  private final ScanPlan scan = new ScanPlan();
  private final Problems problems = new Problems();

  /**
   * @param began when the run began, which freshness is judged by
   * @param others opens another dataset
   */
  ProbePlan(Subject subject, Instant began, Function<Input, Subject> others) {
    this.rows = subject.rows();
    this.subject = subject.reference();
    this.began = began;
    this.others = others;
  }

  /**
   * Which rows are looked at.
   *
   * @param condition true for them, or null for all
   * @param counted the place of their number, or null for that of all
   */
  private record Filter(
      @Nullable String sql, @Nullable Column condition, @Nullable Integer counted) {
    Column and(Column other) {
      return condition == null ? other : condition.and(other);
    }

    /** The value for them, and null for the others. */
    Column of(Column value) {
      return condition == null ? value : when(condition, value);
    }

    String words() {
      return sql == null ? "" : " where " + sql;
    }

    String where(String more) {
      return sql == null ? "where " + more : "where (%s) and (%s)".formatted(sql, more);
    }
  }

  /** The probes, in the order of the checks; throws one error that lists every fault. */
  Questions plan(List<Check> checks) {
    List<Probe> probes = new ArrayList<>();
    for (Check check : checks) {
      if (check instanceof Check.NotNull c) {
        c.notNull().names().forEach(name -> add(probes, c, notNull(c, name)));
      } else {
        add(probes, check, probe(check));
      }
    }
    problems.throwIfAny("the checks on " + subject);
    return new Questions(probes, scan);
  }

  private @Nullable Probe probe(Check check) {
    if (check instanceof Check.Range c) {
      return range(c);
    } else if (check instanceof Check.Allowed c) {
      return allowed(c);
    } else if (check instanceof Check.Matches c) {
      return matches(c);
    } else if (check instanceof Check.Conforms c) {
      return conforms(c);
    } else if (check instanceof Check.Length c) {
      return lengths(c);
    } else if (check instanceof Check.Compare c) {
      return compare(c);
    } else if (check instanceof Check.Expression c) {
      return expression(c);
    } else if (check instanceof Check.Unique c) {
      return unique(c);
    } else if (check instanceof Check.References c) {
      return references(c);
    } else if (check instanceof Check.RowCount c) {
      return rowCount(c);
    } else if (check instanceof Check.Statistic c) {
      return statistic(c);
    } else if (check instanceof Check.Fresh c) {
      return fresh(c);
    } else if (check instanceof Check.Schema c) {
      return schema(c);
    }
    throw new IllegalStateException("A check that nothing asks: " + check);
  }

  private static void add(List<Probe> probes, Check check, @Nullable Probe probe) {
    if (probe != null) {
      probes.add(probe.of(check));
    }
  }

  // --- Single rows

  private Probe ofRows(
      String name,
      @Nullable String column,
      Check.OfRows check,
      Column broken,
      String words,
      String sql) {
    Filter filter = filter(column == null ? name : name + " " + column, check.terms());
    Column counted = filter.and(broken);
    int failed = scan.count(counted);
    double threshold = check.rows().threshold();
    return new Probe(
        name,
        column,
        check.terms(),
        counted,
        check.rows().onFailure(),
        figures ->
            fraction(
                figures.count(filter.counted()), figures.count(failed), threshold, filter, words),
        "*",
        filter.where(sql),
        "");
  }

  /** How many rows break a check, against how many may. */
  private static Probe.Outcome fraction(
      long rows, long failed, double threshold, Filter filter, String words) {
    boolean passed =
        BigDecimal.valueOf(failed)
                .compareTo(BigDecimal.valueOf(threshold).multiply(BigDecimal.valueOf(rows)))
            <= 0;
    return new Probe.Outcome(
        passed,
        rows,
        failed,
        rows == 0 ? 0 : (double) failed / rows,
        "%s of %s rows%s (%s) %s"
            .formatted(
                Texts.count(failed),
                Texts.count(rows),
                filter.words(),
                Texts.percent(failed, rows),
                words),
        "at most %s %s"
            .formatted(
                Texts.percent(BigDecimal.valueOf(threshold)),
                words.startsWith("are ") ? "may be" : "may"));
  }

  private @Nullable Probe notNull(Check.NotNull check, String name) {
    Found found = find("not-null " + name, name);
    return found == null
        ? null
        : ofRows(
            "not-null", name, check, found.column().isNull(), "are null", found.sql() + " is null");
  }

  private @Nullable Probe range(Check.Range check) {
    String title = "range " + check.range();
    Found found = find(title, check.range());
    if (found == null) {
      return null;
    }
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
    return ofRows(
        "range",
        check.range(),
        check,
        outside,
        "are " + outside(min, max, check.exclusive()),
        String.join(" or ", where));
  }

  private static String outside(@Nullable Object min, @Nullable Object max, boolean exclusive) {
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
    Found found = find("allowed " + check.allowed(), check.allowed());
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
    return ofRows(
        "allowed",
        check.allowed(),
        check,
        not(found.column().isin(values.toArray())),
        "are none of " + Texts.list(check.values()),
        "%s not in (%s)".formatted(found.sql(), String.join(", ", texts)));
  }

  private @Nullable Probe matches(Check.Matches check) {
    Found found = text("matches", check.matches(), "a regular expression");
    if (found == null) {
      return null;
    }
    return ofRows(
        "matches",
        check.matches(),
        check,
        not(matched(found, check.pattern())),
        "don't match " + check.pattern(),
        "not rlike(%s, %s)".formatted(found.sql(), Literals.quote(whole(check.pattern()))));
  }

  private static Column matched(Found found, String pattern) {
    // A collated column can't be matched as it is.
    return rlike(found.column().cast(DataTypes.StringType), lit(whole(pattern)));
  }

  private static String whole(String pattern) {
    return "\\A(?:" + pattern + ")\\z";
  }

  private @Nullable Probe conforms(Check.Conforms check) {
    Found found = text("conforms", check.conforms(), "a format");
    if (found == null) {
      return null;
    }
    Format format = check.to();
    Column matched = matched(found, format.pattern());
    String sql = "rlike(%s, %s)".formatted(found.sql(), Literals.quote(whole(format.pattern())));
    if (!format.more().isEmpty()) {
      String more = format.more().formatted(found.sql());
      matched = matched.and(expr(more));
      sql = "%s and %s".formatted(sql, more);
    }
    return ofRows(
        "conforms",
        check.conforms(),
        check,
        found.column().isNotNull().and(not(matched)),
        "are not " + Keys.of(format),
        "%s is not null and not (%s)".formatted(found.sql(), sql));
  }

  private @Nullable Probe lengths(Check.Length check) {
    Found found = text("length", check.length(), "a length");
    if (found == null) {
      return null;
    }
    Integer min = check.min();
    Integer max = check.max();
    Column outside = lit(false);
    List<String> where = new ArrayList<>();
    if (min != null) {
      outside = outside.or(length(found.column()).lt(min));
      where.add("length(%s) < %d".formatted(found.sql(), min));
    }
    if (max != null) {
      outside = outside.or(length(found.column()).gt(max));
      where.add("length(%s) > %d".formatted(found.sql(), max));
    }
    return ofRows(
        "length",
        check.length(),
        check,
        outside,
        "have a length " + outside(min, max, false),
        String.join(" or ", where));
  }

  private @Nullable Probe compare(Check.Compare check) {
    String title = "compare " + check.compare();
    Found left = find(title, check.compare());
    Found right = find(title, check.to());
    if (left == null || right == null) {
      return null;
    }
    boolean alike =
        left.type().sameType(right.type())
            || (Literals.isNumber(left.type()) && Literals.isNumber(right.type()))
            || (Literals.isTime(left.type()) && Literals.isTime(right.type()));
    if (!alike || !left.hasEquality()) {
      problems.add(
          "%s: values of type %s can't be compared to those of %s, of type %s"
              .formatted(title, left.type().sql(), check.to(), right.type().sql()));
      return null;
    }
    String sql = "%s %s %s".formatted(left.sql(), check.is().opposite(), right.sql());
    return ofRows(
        "compare",
        "%s, %s".formatted(check.compare(), check.to()),
        check,
        expr(sql),
        "are %s %s %s".formatted(check.compare(), check.is().opposite(), check.to()),
        sql);
  }

  private @Nullable Probe expression(Check.Expression check) {
    String sql = check.expression().strip();
    String name = Objects.requireNonNullElse(check.name(), sql);
    String fault = SqlCondition.fault(rows, sql);
    if (fault != null) {
      problems.add("expression %s: %s".formatted(name, fault));
      return null;
    }
    return ofRows(name, null, check, not(expr(sql)), "break it", "not (" + sql + ")");
  }

  // --- Values brought together

  private @Nullable Probe unique(Check.Unique check) {
    String title = "unique " + check.unique();
    List<Found> keys = keys(title, rows.schema(), subject, check.unique());
    Filter filter = filter(title, check.terms());
    if (keys.isEmpty()) {
      return null;
    }
    int place = group(title, filter, keys);
    return new Probe(
        "unique",
        check.unique().toString(),
        check.terms(),
        null,
        figures -> {
          Groups groups = figures.groups().get(place);
          return fraction(
              figures.count(filter.counted()),
              groups.rows() - groups.values(),
              check.threshold(),
              filter,
              "repeat another row's");
        },
        list(keys) + ", count(*) as rows",
        "%s group by %s having count(*) > 1".formatted(filter.where(complete(keys)), list(keys)));
  }

  private @Nullable Probe references(Check.References check) {
    String title = "references " + check.references();
    Subject other = others.apply(check.in());
    List<Found> here = keys(title, rows.schema(), subject, check.references());
    List<Found> there = keys(title, other.rows().schema(), other.reference(), check.there());
    Filter filter = filter(title, check.terms());
    if (here.isEmpty() || there.isEmpty()) {
      return null;
    }
    List<String> equal = new ArrayList<>();
    for (int i = 0; i < here.size(); i++) {
      if (!here.get(i).keyType().equals(there.get(i).keyType())) {
        problems.add(
            "%s: values of type %s can't be looked for in %s of %s, which is of type %s"
                .formatted(
                    title,
                    here.get(i).type().sql(),
                    check.there().names().get(i),
                    other.reference(),
                    there.get(i).type().sql()));
        return null;
      }
      equal.add("there.%s = here.%s".formatted(there.get(i).sql(), here.get(i).sql()));
    }
    int place =
        scan.groups(
            new ScanPlan.Grouping(
                here.stream().map(Found::key).toList(),
                filter.and(filled(here)),
                title,
                new ScanPlan.Elsewhere(other.rows(), there.stream().map(Found::key).toList())));
    return new Probe(
        "references",
        check.references().toString(),
        check.terms(),
        null,
        figures ->
            fraction(
                figures.count(filter.counted()),
                figures.groups().get(place).unknown(),
                check.threshold(),
                filter,
                "are not in %s of %s".formatted(check.there(), other.reference())),
        "*",
        "as here %s"
            .formatted(
                filter.where(
                    "%s and not exists (select 1 from %s as there where %s)"
                        .formatted(complete(here), other.table(), String.join(" and ", equal)))));
  }

  private List<Found> keys(String title, StructType schema, String of, Columns columns) {
    List<Found> keys = new ArrayList<>();
    for (String name : columns.names()) {
      Found found = find(title, schema, of, name);
      if (found != null && !found.hasEquality()) {
        problems.add(
            "%s: values of type %s can't be compared".formatted(title, found.type().sql()));
      } else if (found != null) {
        keys.add(found);
      }
    }
    return keys.size() < columns.names().size() ? List.of() : keys;
  }

  private int group(String title, Filter filter, List<Found> keys) {
    return group(title, filter, keys, keys);
  }

  /**
   * @param all columns of which none is null in the rows that are looked at
   */
  private int group(String title, Filter filter, List<Found> keys, List<Found> all) {
    return scan.groups(
        new ScanPlan.Grouping(
            keys.stream().map(Found::column).toList(), filter.and(filled(all)), title, null));
  }

  private static Column filled(List<Found> keys) {
    return keys.stream().map(k -> k.column().isNotNull()).reduce(lit(true), Column::and);
  }

  private static String complete(List<Found> keys) {
    return keys.stream().map(k -> k.sql() + " is not null").collect(Collectors.joining(" and "));
  }

  private static String list(List<Found> keys) {
    return keys.stream().map(Found::sql).collect(Collectors.joining(", "));
  }

  // --- The whole

  private Probe rowCount(Check.RowCount check) {
    Filter filter = filter("row-count", check.terms());
    Long min = check.rowCount().min();
    Long max = check.rowCount().max();
    return new Probe(
        "row-count",
        null,
        check.terms(),
        null,
        figures -> {
          long rows = figures.count(filter.counted());
          return new Probe.Outcome(
              (min == null || rows >= min) && (max == null || rows <= max),
              figures.rows(),
              null,
              (double) rows,
              "there are %s rows%s".formatted(Texts.count(rows), filter.words()),
              Texts.bounds(
                      min == null ? null : Texts.count(min), max == null ? null : Texts.count(max))
                  + " are expected");
        },
        "count(*)",
        filter.sql() == null ? "" : "where " + filter.sql());
  }

  private @Nullable Probe statistic(Check.Statistic check) {
    Measure measure = check.statistic();
    String name = Keys.of(measure);
    String title = name + " " + check.of();
    List<Found> found = keys(title, rows.schema(), subject, check.of());
    Filter filter = filter(title, check.terms());
    for (Found column : found) {
      if (measure.numeric() && !Literals.isNumber(column.type())) {
        problems.add(
            "%s: it is of numbers, and the column %s is of type %s"
                .formatted(title, column.sql(), column.type().sql()));
        return null;
      }
    }
    if (found.isEmpty()) {
      return null;
    }
    Function<Figures, @Nullable Double> value = figure(check, title, filter, found);
    String sql = measure.sql();
    return new Probe(
        name,
        check.of().toString(),
        check.terms(),
        null,
        figures ->
            bounded(value.apply(figures), check, figures.count(filter.counted()), filter.words()),
        sql.isEmpty() ? list(found) + ", count(*) as rows" : sql.formatted(list(found), check.at()),
        sql.isEmpty()
            ? "%s group by %s order by rows desc"
                .formatted(filter.where(complete(found)), list(found))
            : filter.sql() == null ? "" : "where " + filter.sql());
  }

  private static Probe.Outcome bounded(
      @Nullable Double value, Check.Statistic check, long rows, String filter) {
    Double min = check.min();
    Double max = check.max();
    String expected =
        Texts.bounds(min == null ? null : Texts.number(min), max == null ? null : Texts.number(max))
            + " is expected";
    return value == null
        ? new Probe.Outcome(true, rows, null, null, "there is none" + filter, expected)
        : new Probe.Outcome(
            // NaN is neither.
            (min == null || value >= min) && (max == null || value <= max) && !value.isNaN(),
            rows,
            null,
            value,
            "it is " + Texts.number(value) + filter,
            expected);
  }

  /** How a figure is found; null where there is none. */
  private Function<Figures, @Nullable Double> figure(
      Check.Statistic check, String title, Filter filter, List<Found> of) {
    return switch (check.statistic()) {
      case MIN -> numbers(filter, of, Numbers::min);
      case MAX -> numbers(filter, of, Numbers::max);
      case MEAN -> numbers(filter, of, Numbers::mean);
      case SUM -> numbers(filter, of, Numbers::sum);
      case STANDARD_DEVIATION -> numbers(filter, of, Numbers::deviation);
      case QUANTILE -> quantile(filter, of, Objects.requireNonNull(check.at()));
      case CORRELATION -> {
        int place = scan.pair(number(filter, of.get(0)), number(filter, of.get(1)));
        yield figures -> figures.tally().pairs(place).correlation();
      }
      case DISTINCT -> groups(title, filter, of, g -> (double) g.values());
      case APPROXIMATE_DISTINCT -> {
        Column hash = xxhash64(of.stream().map(Found::column).toArray(Column[]::new));
        int place = scan.distinct(when(filter.and(filled(of)), hash));
        yield figures -> figures.tally().distinct(place);
      }
      case DISTINCTNESS -> groups(title, filter, of, g -> ratio(g.values(), g.rows()));
      case UNIQUENESS -> groups(title, filter, of, g -> ratio(g.once(), g.rows()));
      case UNIQUE_VALUE_RATIO -> groups(title, filter, of, g -> ratio(g.once(), g.values()));
      case ENTROPY -> groups(title, filter, of, g -> g.rows() == 0 ? null : (Double) g.entropy());
      case MUTUAL_INFORMATION -> mutualInformation(title, filter, of);
    };
  }

  private static Column number(Filter filter, Found found) {
    return filter.of(found.column().cast(DataTypes.DoubleType));
  }

  private Function<Figures, @Nullable Double> numbers(
      Filter filter, List<Found> of, Function<Numbers, Double> figure) {
    int place = scan.numbers(number(filter, of.get(0)));
    return figures -> {
      Numbers numbers = figures.tally().numbers(place);
      if (numbers.count() == 0) {
        return null;
      }
      return numbers.nan() ? (Double) Double.NaN : figure.apply(numbers);
    };
  }

  private Function<Figures, @Nullable Double> quantile(Filter filter, List<Found> of, double at) {
    Column value = number(filter, of.get(0));
    int place = scan.quantiles(value);
    // The sketch takes no NaN, and would leave them out without a word.
    Function<Figures, @Nullable Double> nan = numbers(filter, of, Numbers::sum);
    return figures -> {
      var sketch = figures.tally().quantiles(place);
      Double sum = nan.apply(figures);
      if (sum == null || sketch.isEmpty()) {
        return sum == null ? null : (Double) Double.NaN;
      }
      return sum.isNaN() ? sum : (Double) sketch.getQuantile(at, QuantileSearchCriteria.INCLUSIVE);
    };
  }

  private Function<Figures, @Nullable Double> groups(
      String title, Filter filter, List<Found> of, Function<Groups, @Nullable Double> figure) {
    int place = group(title, filter, of);
    return figures -> figure.apply(figures.groups().get(place));
  }

  private Function<Figures, @Nullable Double> mutualInformation(
      String title, Filter filter, List<Found> of) {
    int together = group(title, filter, of);
    int left = group(title, filter, of.subList(0, 1), of);
    int right = group(title, filter, of.subList(1, 2), of);
    return figures -> {
      Groups both = figures.groups().get(together);
      if (both.rows() == 0) {
        return null;
      }
      double said = figures.groups().get(left).entropy() + figures.groups().get(right).entropy();
      return Math.max(0, said - both.entropy());
    };
  }

  private static @Nullable Double ratio(long part, long whole) {
    return whole == 0 ? null : (Double) ((double) part / whole);
  }

  private @Nullable Probe fresh(Check.Fresh check) {
    String title = "fresh " + check.fresh();
    Found found = find(title, check.fresh());
    Filter filter = filter(title, check.terms());
    if (found == null) {
      return null;
    }
    if (!Literals.isTime(found.type())) {
      problems.add(
          "%s: it is of dates or timestamps, and the column is of type %s"
              .formatted(title, found.type().sql()));
      return null;
    }
    int place = scan.newest(filter.of(unix_micros(found.column().cast(DataTypes.TimestampType))));
    return new Probe(
        "fresh",
        check.fresh(),
        check.terms(),
        null,
        figures -> age(check, figures.tally().newest(place), figures, filter),
        "max(%s)".formatted(found.sql()),
        filter.sql() == null ? "" : "where " + filter.sql());
  }

  private Probe.Outcome age(
      Check.Fresh check, @Nullable Long newest, Figures figures, Filter filter) {
    long rows = figures.count(filter.counted());
    String expected =
        "at most %s before the run began is expected".formatted(Durations.text(check.within()));
    if (newest == null) {
      return new Probe.Outcome(
          false, rows, null, null, "there is no newest value" + filter.words(), expected);
    }
    Instant time = Instant.EPOCH.plus(newest, ChronoUnit.MICROS);
    Duration age = Duration.between(time, began);
    return new Probe.Outcome(
        age.compareTo(check.within()) <= 0,
        rows,
        null,
        age.toMillis() / 1000.0,
        "the newest value%s is %s, %s the run began at %s"
            .formatted(
                filter.words(),
                time,
                age.isNegative()
                    ? Durations.text(age.negated()) + " after"
                    : Durations.text(age) + " before",
                began),
        expected);
  }

  private @Nullable Probe schema(Check.Schema check) {
    List<String> differences = new ArrayList<>();
    List<SchemaChange> changes = new ArrayList<>();
    List<String> named = new ArrayList<>();
    for (var expected : check.schema().entrySet()) {
      DataType type;
      try {
        type = DataType.fromDDL(expected.getValue());
      } catch (Exception e) {
        // Spark's errors of parsing are checked ones, which it does not declare.
        problems.add(
            "schema: '%s' of the column %s is not a type; one is written as int or decimal(10,2)"
                .formatted(expected.getValue(), expected.getKey()));
        return null;
      }
      Found found = Found.in(rows.schema(), expected.getKey());
      if (found == null) {
        changes.add(SchemaChange.MISSING);
        differences.add(expected.getKey() + " is missing");
      } else {
        named.add(found.sql());
        if (!found.type().catalogString().equals(type.catalogString())) {
          changes.add(SchemaChange.RETYPED);
          differences.add(
              "%s is %s, not %s"
                  .formatted(
                      expected.getKey(), found.type().catalogString(), type.catalogString()));
        }
      }
    }
    for (StructField field : rows.schema().fields()) {
      Found found = Objects.requireNonNull(Found.in(rows.schema(), field.name()));
      if (named.stream().noneMatch(n -> n.equals(found.sql()) || n.startsWith(found.sql() + "."))) {
        changes.add(SchemaChange.ADDED);
        differences.add(
            "%s %s was added".formatted(field.name(), field.dataType().catalogString()));
      }
    }
    String expected =
        "the %d columns that were named are expected%s"
            .formatted(
                check.schema().size(),
                check.allow().isEmpty()
                    ? ""
                    : check.allow().stream()
                        .map(Keys::of)
                        .sorted()
                        .collect(Collectors.joining(", ", "; what may differ: ", "")));
    return new Probe(
        "schema",
        null,
        check.terms(),
        null,
        figures ->
            new Probe.Outcome(
                check.allow().containsAll(changes),
                figures.rows(),
                null,
                (double) differences.size(),
                differences.isEmpty() ? "nothing differs" : Texts.list(differences),
                expected),
        "*",
        "limit 0");
  }

  // --- Columns

  private Filter filter(String title, Terms terms) {
    String sql = terms.where();
    if (sql == null) {
      return new Filter(null, null, null);
    }
    String fault = SqlCondition.fault(rows, sql.strip());
    if (fault != null) {
      problems.add("%s: where %s: %s".formatted(title, sql.strip(), fault));
      return new Filter(null, null, null);
    }
    Column condition = expr(sql.strip());
    return new Filter(sql.strip(), condition, scan.count(condition));
  }

  private @Nullable Found text(String name, String column, String what) {
    Found found = find(name + " " + column, column);
    if (found != null && !(found.type() instanceof StringType)) {
      problems.add(
          "%s %s: %s is of text, and the column is of type %s"
              .formatted(name, column, what, found.type().sql()));
      return null;
    }
    return found;
  }

  private @Nullable Found find(String title, String name) {
    return find(title, rows.schema(), subject, name);
  }

  private @Nullable Found find(String title, StructType schema, String of, String name) {
    Found found = Found.in(schema, name);
    if (found == null) {
      List<String> names = Found.names(schema);
      String hint = Nearest.hint(name, names);
      problems.add(
          "%s: %s has no column '%s'%s"
              .formatted(title, of, name, hint.isEmpty() ? "; it has " + Texts.list(names) : hint));
    }
    return found;
  }
}
