package dev.weir.quality;

import static org.apache.spark.sql.functions.expr;

import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.jspecify.annotations.Nullable;

/**
 * A column that was found in a dataset, or a field of one.
 *
 * @param sql as SQL writes it
 */
record Found(String sql, Column column, DataType type) {

  /** The column of a name, in any case if there is none in this one; null if there is none. */
  static @Nullable Found in(StructType schema, String name) {
    StructField whole = field(schema, name);
    if (whole != null) {
      return of(List.of(whole));
    }
    List<StructField> path = new ArrayList<>();
    DataType type = schema;
    for (String part : name.split("\\.", -1)) {
      StructField field = type instanceof StructType struct ? field(struct, part) : null;
      if (field == null) {
        return null;
      }
      path.add(field);
      type = field.dataType();
    }
    return of(path);
  }

  /** The names of all columns and their fields. */
  static List<String> names(StructType schema) {
    List<String> names = new ArrayList<>();
    names(schema, "", names);
    return names;
  }

  /** Whether values can be compared for being equal. */
  boolean hasEquality() {
    return hasEquality(type);
  }

  /** The values so that those of all types of whole numbers are equal. */
  Column key() {
    return type instanceof IntegralType ? column.cast("bigint") : column;
  }

  /** The type of {@link #key}. */
  String keyType() {
    return type instanceof IntegralType ? "BIGINT" : type.sql();
  }

  private static Found of(List<StructField> path) {
    String sql = path.stream().map(f -> quote(f.name())).collect(Collectors.joining("."));
    return new Found(sql, expr(sql), path.get(path.size() - 1).dataType());
  }

  private static boolean hasEquality(DataType type) {
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(f -> hasEquality(f.dataType()));
    }
    return !(type instanceof MapType || type instanceof VariantType);
  }

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
