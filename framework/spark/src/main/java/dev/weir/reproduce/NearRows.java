package dev.weir.reproduce;

import dev.weir.data.Gap;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How far two datasets are apart that should hold the same rows. Rows are paired in the order of
 * their columns, those that hold fractions last: rows that only fractions tell apart may be paired
 * wrongly where those differ, which makes the gap wider and never narrower than it is.
 */
final class NearRows {
  private NearRows() {}

  /** The widest gap between values of two datasets. */
  static Gap gap(Dataset<Row> then, Dataset<Row> now) {
    Gap schema = Gap.whole("the columns", types(then.schema()), types(now.schema()));
    if (schema.relative() > 0) {
      return schema;
    }
    String[] names = then.columns();
    Iterator<Row> before = ordered(then).toLocalIterator();
    Iterator<Row> after = ordered(now).toLocalIterator();
    Gap widest = Gap.NONE;
    while (before.hasNext() && after.hasNext()) {
      Row one = before.next();
      Row other = after.next();
      for (int i = 0; i < names.length; i++) {
        widest = widest.or(gap(names[i], one.get(i), other.get(i)));
      }
    }
    return before.hasNext() == after.hasNext()
        ? widest
        : Gap.whole(
            "rows", before.hasNext() ? "more" : "fewer", after.hasNext() ? "more" : "fewer");
  }

  private static List<String> types(StructType schema) {
    return Stream.of(schema.fields())
        .map(field -> field.name() + " " + field.dataType().catalogString())
        .toList();
  }

  private static Dataset<Row> ordered(Dataset<Row> rows) {
    List<StructField> fields =
        new ArrayList<>(
            Stream.of(rows.schema().fields())
                .filter(field -> RowOrdering.isOrderable(field.dataType()))
                .toList());
    fields.sort(Comparator.comparing(field -> hasFractions(field.dataType())));
    return rows.orderBy(
        fields.stream().map(field -> Identifiers.column(field.name())).toArray(Column[]::new));
  }

  private static boolean hasFractions(DataType type) {
    return type.existsRecursively(
        inner -> inner instanceof DoubleType || inner instanceof FloatType);
  }

  private static Gap gap(String where, @Nullable Object then, @Nullable Object now) {
    if (then == null || now == null) {
      return Gap.whole(where, then == null ? "null" : then, now == null ? "null" : now);
    }
    if (fraction(then) && fraction(now)) {
      return Gap.between(where, ((Number) then).doubleValue(), ((Number) now).doubleValue());
    }
    if (then instanceof Vector one && now instanceof Vector other) {
      return each(where, boxed(one), boxed(other));
    }
    if (then instanceof Row one && now instanceof Row other) {
      return each(where, values(one), values(other));
    }
    if (then instanceof Seq<?> one && now instanceof Seq<?> other) {
      return each(
          where,
          new ArrayList<>(CollectionConverters.asJava(one)),
          new ArrayList<>(CollectionConverters.asJava(other)));
    }
    if (then instanceof scala.collection.Map<?, ?> one
        && now instanceof scala.collection.Map<?, ?> other) {
      Map<?, ?> was = CollectionConverters.asJava(one);
      Map<?, ?> is = CollectionConverters.asJava(other);
      Gap widest = Gap.whole(where, was.keySet(), is.keySet());
      for (Map.Entry<?, ?> entry : was.entrySet()) {
        widest =
            widest.or(gap(where + "." + entry.getKey(), entry.getValue(), is.get(entry.getKey())));
      }
      return widest;
    }
    if (then instanceof byte[] one && now instanceof byte[] other) {
      return Gap.whole(where, Arrays.toString(one), Arrays.toString(other));
    }
    return Gap.whole(where, then, now);
  }

  private static boolean fraction(Object value) {
    return value instanceof Double || value instanceof Float;
  }

  private static List<Object> boxed(Vector vector) {
    return Arrays.stream(vector.toArray()).<Object>mapToObj(Double::valueOf).toList();
  }

  private static List<@Nullable Object> values(Row row) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.get(i));
    }
    return values;
  }

  private static Gap each(
      String where, List<? extends @Nullable Object> then, List<? extends @Nullable Object> now) {
    if (then.size() != now.size()) {
      return Gap.whole(where, then.size() + " values", now.size() + " values");
    }
    Gap widest = Gap.NONE;
    for (int i = 0; i < then.size(); i++) {
      widest = widest.or(gap(where + "[" + i + "]", then.get(i), now.get(i)));
    }
    return widest;
  }
}
