package dev.weir.data;

import static org.apache.spark.sql.functions.array_size;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.isnull;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.unwrap_udt;
import static org.apache.spark.sql.functions.when;

import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/**
 * A row as a list of columns that Spark's hash tells apart from any other row's.
 *
 * <p>Spark's hash passes over nulls and knows no lengths, so {@code (null, 1)} hashes like {@code
 * (1, null)} and {@code [[1], [2]]} like {@code [[1, 2]]}. Here every value is led by whether it is
 * null, and every array by its length. Structs are spread out, maps become arrays of entries in
 * order. Nullability is never looked at, since a Delta table's columns are all nullable, except
 * where it saves work and gives the same.
 */
final class CanonicalRow {
  private record Field(String path, Column column, DataType type) {}

  private final List<Column> values = new ArrayList<>();

  private CanonicalRow() {}

  /** The columns to hash of rows of this schema. */
  static List<Column> of(StructType schema) {
    List<Field> fields = new ArrayList<>();
    for (StructField field : schema.fields()) {
      fields.add(new Field(field.name(), Identifiers.column(field.name()), field.dataType()));
    }
    return of(fields);
  }

  /** The names and types of a schema as one line, without nullability and metadata. */
  static String describe(DataType type) {
    if (type instanceof StructType struct) {
      return Stream.of(struct.fields())
          .map(f -> Identifiers.quote(f.name()) + " " + describe(f.dataType()))
          .collect(Collectors.joining(", ", "STRUCT<", ">"));
    }
    if (type instanceof ArrayType array) {
      return "ARRAY<" + describe(array.elementType()) + ">";
    }
    if (type instanceof MapType map) {
      return "MAP<" + describe(map.keyType()) + ", " + describe(map.valueType()) + ">";
    }
    if (type instanceof UserDefinedType<?> user) {
      return user.getClass().getName() + "<" + describe(user.sqlType()) + ">";
    }
    return type.sql();
  }

  private static List<Column> of(List<Field> fields) {
    CanonicalRow row = new CanonicalRow();
    fields.forEach(row::add);
    return row.values;
  }

  private void add(Field field) {
    values.add(isnull(field.column()));
    addValue(field);
  }

  private void addValue(Field field) {
    Column column = field.column();
    DataType type = field.type();
    if (type instanceof UserDefinedType<?> user) {
      addValue(new Field(field.path(), unwrap_udt(column), user.sqlType()));
    } else if (type instanceof StructType struct) {
      for (StructField inner : struct.fields()) {
        add(
            new Field(
                field.path() + "." + inner.name(),
                column.getField(inner.name()),
                inner.dataType()));
      }
    } else if (type instanceof ArrayType array) {
      addArray(field, array);
    } else if (type instanceof MapType map) {
      Column entries =
          transform(
              map_entries(column),
              e ->
                  pack(
                      List.of(
                          new Field(field.path() + ".key", e.getField("key"), map.keyType()),
                          new Field(
                              field.path() + ".value", e.getField("value"), map.valueType()))));
      // Keys are unique, so any total order of the entries is the same for the same map.
      values.add(array_size(entries));
      values.add(sort_array(entries));
    } else {
      values.add(scalar(field));
    }
  }

  private void addArray(Field field, ArrayType array) {
    Column column = field.column();
    DataType element = array.elementType();
    String path = field.path() + ".element";
    if (isNested(element)) {
      values.add(array_size(column));
      values.add(transform(column, x -> pack(List.of(new Field(path, x, element)))));
      return;
    }
    requireScalar(new Field(path, column, element));
    if (array.containsNull()) {
      // A negative length says that a flag for each element follows; without nulls nothing does,
      // as for an array that can have none.
      Column holes = exists(column, x -> isnull(x));
      values.add(when(holes, negate(array_size(column)).minus(1)).otherwise(array_size(column)));
      values.add(when(holes, transform(column, x -> isnull(x))));
    } else {
      values.add(array_size(column));
    }
    values.add(
        isHashedByItself(element)
            ? column
            : transform(column, x -> scalar(new Field(path, x, element))));
  }

  private static boolean isNested(DataType type) {
    return type instanceof StructType
        || type instanceof ArrayType
        || type instanceof MapType
        || type instanceof UserDefinedType<?>;
  }

  private static Column pack(List<Field> fields) {
    return struct(of(fields).toArray(Column[]::new));
  }

  private static Column scalar(Field field) {
    requireScalar(field);
    if (isHashedByItself(field.type())) {
      return field.column();
    }
    return field
        .column()
        .cast(field.type() instanceof StringType ? DataTypes.BinaryType : DataTypes.StringType);
  }

  private static boolean isHashedByItself(DataType type) {
    // How a collated string is hashed depends on a setting; its bytes don't. Spark's compiled hash
    // of a calendar interval leaves out its days.
    return type instanceof StringType string
        ? string.supportsBinaryEquality()
        : !(type instanceof CalendarIntervalType);
  }

  private static void requireScalar(Field field) {
    DataType type = field.type();
    if (!(type instanceof StringType
        || type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType
        || type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof DecimalType
        || type instanceof BinaryType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof TimeType
        || type instanceof CalendarIntervalType
        || type instanceof DayTimeIntervalType
        || type instanceof YearMonthIntervalType)) {
      throw refused(field);
    }
  }

  private static WeirException refused(Field field) {
    String what = "The column '%s' is of type %s".formatted(field.path(), field.type().sql());
    if (field.type() instanceof VariantType) {
      return WeirException.user(
          "undigestable-column",
          what + ", whose equal values may have different bytes, so its content has no digest.",
          "Parse it into columns with variant_get, or keep it as text with to_json.");
    }
    if (field.type() instanceof NullType) {
      return WeirException.user(
          "undigestable-column",
          what + ": it holds nothing but nulls and Delta would drop it.",
          "Give it a type, such as cast(null as string), or leave it out.");
    }
    return WeirException.user(
        "undigestable-column",
        what + ", which has no canonical form, so its content has no digest.",
        "Cast it to a type that has one, such as string or binary, or leave it out.");
  }
}
