package dev.weir.quality;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** Texts of a configuration as values that compare with a column of a type. */
final class Literals {
  private Literals() {}

  /**
   * A value.
   *
   * @param sql the value as SQL writes it
   */
  record Value(Column column, String sql) {}

  /** Whether a range can be asked of the type. */
  static boolean hasOrder(DataType type) {
    return isNumber(type) || isTime(type);
  }

  /**
   * A bound for a column of a type that {@link #hasOrder has an order}.
   *
   * @throws IllegalArgumentException when they do not fit together
   */
  static Value bound(Bound bound, DataType type) {
    String text = bound.text();
    boolean time = bound.isTime();
    if (isNumber(type)) {
      if (time) {
        throw mismatch(text, "a number", type);
      }
      return number(text, type);
    }
    if (!time) {
      throw mismatch(text, "a date or a time", type);
    }
    return time(text, type);
  }

  /**
   * One of the values that a column may have.
   *
   * @throws IllegalArgumentException when the text is no value of the type
   */
  static Value value(String text, DataType type) {
    if (type instanceof StringType) {
      return new Value(lit(text), quote(text));
    }
    if (type instanceof BooleanType) {
      if (!text.equals("true") && !text.equals("false")) {
        throw mismatch(text, "true or false", type);
      }
      return new Value(lit(Boolean.parseBoolean(text)), text);
    }
    try {
      if (isNumber(type)) {
        if (type instanceof IntegralType) {
          BigDecimal number = new BigDecimal(text).stripTrailingZeros();
          if (number.scale() > 0) {
            throw mismatch(text, "a whole number", type);
          }
          return number(number.toPlainString(), type);
        }
        return number(text, type);
      }
      if (isTime(type)) {
        return time(Bound.parse(text).text(), type);
      }
    } catch (NumberFormatException e) {
      throw mismatch(text, "a number", type);
    }
    throw new IllegalArgumentException(
        "a column of type %s can't be compared with a list of values".formatted(type.sql()));
  }

  /** Text as an SQL literal. */
  static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static Value number(String text, DataType type) {
    if (type instanceof FloatType) {
      // In the column's own precision, or a bound of 0.1 would refuse the float 0.1.
      return new Value(lit(Float.parseFloat(text)), "float(" + quote(text) + ")");
    }
    if (type instanceof DoubleType) {
      return new Value(lit(Double.parseDouble(text)), "double(" + quote(text) + ")");
    }
    BigDecimal number = new BigDecimal(text);
    if (type instanceof IntegralType && number.scale() <= 0 && fits(number)) {
      // As a decimal it would make one of every value of the column.
      long whole = number.longValueExact();
      return new Value(
          whole == (int) whole ? lit((int) whole) : lit(whole), number.toPlainString());
    }
    if (Math.max(number.precision(), number.scale()) > DecimalType.MAX_PRECISION()) {
      throw new IllegalArgumentException(
          "%s has more than %d digits".formatted(text, DecimalType.MAX_PRECISION()));
    }
    return new Value(lit(number), number.toPlainString());
  }

  private static boolean fits(BigDecimal whole) {
    return whole.toBigInteger().bitLength() < Long.SIZE;
  }

  private static Value time(String text, DataType type) {
    if (!text.contains("T")) {
      try {
        return new Value(lit(LocalDate.parse(text)), "date" + quote(text));
      } catch (DateTimeException e) {
        throw mismatch(text, "a date or a time", type);
      }
    }
    String kind = type instanceof TimestampNTZType ? "timestamp_ntz" : "timestamp";
    String sql = kind + quote(text);
    return new Value(expr(sql), sql);
  }

  /** Whether it is a number. */
  static boolean isNumber(DataType type) {
    return type instanceof IntegralType
        || type instanceof DecimalType
        || type instanceof FloatType
        || type instanceof DoubleType;
  }

  /** Whether it is a date or a timestamp. */
  static boolean isTime(DataType type) {
    return type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType;
  }

  private static IllegalArgumentException mismatch(String text, String wanted, DataType type) {
    return new IllegalArgumentException(
        "'%s' is not %s, as a column of type %s needs".formatted(text, wanted, type.sql()));
  }
}
