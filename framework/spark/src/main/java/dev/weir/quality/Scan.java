package dev.weir.quality;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ln;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.CollationKey;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.optimizer.NormalizeFloatingNumbers$;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.RowToColumnarExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Finds everything that a plan asks for in one scan. Each partition's batches go, without being
 * copied to rows, through one generated projection, whose conditions come out as bits of a few
 * longs; what is found of the partition goes to the driver as one small tally. Values that have to
 * be brought together go into one exchange for all of them.
 */
final class Scan {
  private static final StructType KEYS =
      new StructType()
          .add("grouping", DataTypes.IntegerType, false)
          .add("key", DataTypes.BinaryType, false)
          .add("rows", DataTypes.LongType, false)
          .add("known", DataTypes.BooleanType, false);

  private final SparkSession spark;

  private Scan(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * What the plan asks for.
   *
   * @param profiled whether the profile of all columns is made as well
   * @param parts the parts whose profiles are made with that
   */
  static Figures of(Dataset<Row> rows, ScanPlan plan, boolean profiled, List<Parts> parts) {
    return new Scan((SparkSession) rows.sparkSession()).find(rows, plan, profiled, parts);
  }

  private Figures find(Dataset<Row> rows, ScanPlan plan, boolean profiled, List<Parts> parts) {
    Layout layout = Layout.of(plan);
    Tallies tallies = new Tallies(layout);
    spark.sparkContext().register(tallies);
    Source source = source(rows, values(plan), keys(plan), profiled);
    JavaRDD<InternalRow> keys =
        source
            .batches()
            .mapPartitions(
                new ScanTask(
                    layout,
                    source.fixed(),
                    source.keys(),
                    IntStream.range(0, layout.groupings()).boxed().toList(),
                    profiled ? rows.schema() : null,
                    parts,
                    tallies));
    List<Groups> groups = List.of();
    if (plan.groupings().isEmpty()) {
      keys.count();
    } else {
      groups = groups(keys, plan.groupings());
    }
    if (tallies.partitions() != source.batches().getNumPartitions()) {
      throw new WeirException(
          "lost-tally",
          ErrorKind.INTERNAL,
          "The scan of %d partitions gave %d tallies."
              .formatted(source.batches().getNumPartitions(), tallies.partitions()),
          "");
    }
    return new Figures(tallies.value(), groups);
  }

  /** The values that {@link Layout} describes. */
  private static List<Column> values(ScanPlan plan) {
    List<Column> values = new ArrayList<>();
    List<Column> counts = plan.counts();
    for (int base = 0; base < counts.size(); base += Layout.CONDITIONS) {
      Column bits = lit(0L);
      for (int i = base; i < Math.min(base + Layout.CONDITIONS, counts.size()); i++) {
        bits = bits.bitwiseOR(when(counts.get(i), lit(1L << (i - base))).otherwise(lit(0L)));
      }
      values.add(bits);
    }
    values.addAll(plan.numbers());
    values.addAll(plan.quantiles());
    plan.pairs().forEach(pair -> Collections.addAll(values, pair.x(), pair.y()));
    values.addAll(plan.newest());
    values.addAll(plan.distinct());
    plan.groupings().forEach(each -> values.add(coalesce(each.asked(), lit(false))));
    return values;
  }

  private static List<List<Column>> keys(ScanPlan plan) {
    return plan.groupings().stream().map(ScanPlan.Grouping::keys).toList();
  }

  private List<Groups> groups(JavaRDD<InternalRow> keys, List<ScanPlan.Grouping> groupings) {
    JavaRDD<InternalRow> all = keys;
    for (int i = 0; i < groupings.size(); i++) {
      ScanPlan.Elsewhere elsewhere = groupings.get(i).elsewhere();
      if (elsewhere != null) {
        all = all.union(known(i, elsewhere));
      }
    }
    Column n = col("rows");
    Dataset<Row> found =
        spark
            .internalCreateDataFrame(all.rdd(), KEYS, false)
            .groupBy("grouping", "key")
            .agg(sum("rows").as("rows"), max("known").as("known"))
            .groupBy("grouping")
            .agg(
                sum(n),
                count(lit(1)),
                count_if(n.equalTo(1)),
                sum(when(n.gt(1), n.multiply(ln(n))).otherwise(0.0)),
                sum(when(not(col("known")), n).otherwise(0L)));
    Groups[] groups = new Groups[groupings.size()];
    Arrays.fill(groups, Groups.NONE);
    for (Row row : found.collectAsList()) {
      groups[row.getInt(0)] =
          new Groups(
              row.getLong(1), row.getLong(2), row.getLong(3), row.getDouble(4), row.getLong(5));
    }
    return List.of(groups);
  }

  /** The values of another dataset, which are known. */
  private JavaRDD<InternalRow> known(int grouping, ScanPlan.Elsewhere elsewhere) {
    Column complete =
        elsewhere.keys().stream().map(Column::isNotNull).reduce(lit(true), Column::and);
    Source source = source(elsewhere.rows(), List.of(complete), List.of(elsewhere.keys()), false);
    return source
        .batches()
        .mapPartitions(
            new ScanTask(
                new Layout(0, 0, 0, 0, 0, 0, 1),
                source.fixed(),
                source.keys(),
                List.of(grouping),
                null,
                List.of(),
                null));
  }

  /**
   * Rows as they are read, and what is made of each.
   *
   * @param fixed expressions of values of fixed width
   * @param keys expressions of the values of each grouping
   */
  private record Source(
      JavaRDD<ColumnarBatch> batches, List<Expression> fixed, List<List<Expression>> keys) {}

  /**
   * @param all whether all columns are read, or those only that the values are made of
   */
  private Source source(
      Dataset<Row> rows, List<Column> values, List<List<Column>> keys, boolean all) {
    List<Column> columns = new ArrayList<>(values);
    keys.forEach(columns::addAll);
    List<Attribute> used = new ArrayList<>();
    List<Expression> bound = new ArrayList<>();
    Project project = columns.isEmpty() ? null : project(rows.schema(), columns);
    if (project != null) {
      for (Attribute attribute : CollectionConverters.asJava(project.child().output())) {
        if (all || project.references().contains(attribute)) {
          used.add(attribute);
        }
      }
      for (var named : CollectionConverters.asJava(project.projectList())) {
        // A named expression is an expression, which Java does not see.
        Expression expression =
            named instanceof Alias alias ? alias.child() : (Expression) (Object) named;
        bound.add(bound(expression, used));
      }
    }
    List<List<Expression>> keyed = new ArrayList<>();
    int next = values.size();
    for (List<Column> key : keys) {
      keyed.add(bound.subList(next, next + key.size()).stream().map(Scan::comparable).toList());
      next += key.size();
    }
    Column[] read =
        all
            ? new Column[] {col("*")}
            : used.stream().map(a -> rows.col(Identifiers.quote(a.name()))).toArray(Column[]::new);
    return new Source(batches(rows.select(read)), bound.subList(0, values.size()), keyed);
  }

  /** An expression of a row's places in the stead of names. */
  private static Expression bound(Expression expression, List<Attribute> places) {
    if (expression instanceof AttributeReference reference) {
      int place =
          IntStream.range(0, places.size())
              .filter(i -> places.get(i).exprId().equals(reference.exprId()))
              .findFirst()
              .orElseThrow();
      return new BoundReference(place, reference.dataType(), reference.nullable());
    }
    return expression.mapChildren(child -> bound(child, places));
  }

  /**
   * Columns as the optimizer leaves them. It is shown the schema only: on the dataset itself it
   * would merge them with what the dataset is made by.
   */
  private Project project(StructType schema, List<Column> columns) {
    Dataset<Row> none =
        spark.internalCreateDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext()).<InternalRow>emptyRDD().rdd(),
            schema,
            false);
    return (Project)
        ((org.apache.spark.sql.classic.Dataset<Row>) none.select(named(columns)))
            .queryExecution()
            .optimizedPlan();
  }

  private static Column[] named(List<Column> columns) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> columns.get(i).as("value_" + i))
        .toArray(Column[]::new);
  }

  /** The same bytes for what is equal: NaN has many, zero two, and so has text by its collation. */
  private static Expression comparable(Expression value) {
    return value.dataType() instanceof StringType text && !text.supportsBinaryEquality()
        ? new CollationKey(value)
        : NormalizeFloatingNumbers$.MODULE$.normalize(value);
  }

  /** The rows in batches, as a reader of files makes them. */
  private static JavaRDD<ColumnarBatch> batches(Dataset<Row> rows) {
    SparkPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().executedPlan();
    SparkPlan inner = plan instanceof WholeStageCodegenExec stage ? stage.child() : plan;
    if (inner instanceof ColumnarToRowExec toRows && toRows.child().supportsColumnar()) {
      return toRows.child().executeColumnar().toJavaRDD();
    }
    // A plan belongs to the session that is its thread's own as it is made, and there may be none.
    return ((SparkSession) rows.sparkSession())
        .withActive(() -> new RowToColumnarExec(plan))
        .executeColumnar()
        .toJavaRDD();
  }
}
