package dev.weir.store;

import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.TimestampType;
import java.time.Instant;

/**
 * The types that a column of Weir's own tables can have, each with the Java class of its values.
 */
public enum ColumnType {
  /** Text: {@link String}. */
  STRING,
  /** A 32-bit whole number: {@link Integer}. */
  INT,
  /** A 64-bit whole number: {@link Long}. */
  LONG,
  /** A 64-bit floating-point number: {@link Double}. */
  DOUBLE,
  /** True or false: {@link Boolean}. */
  BOOLEAN,
  /** A moment in UTC, to the microsecond; what is finer is cut off: {@link Instant}. */
  TIMESTAMP,
  /** Bytes: {@code byte[]}. */
  BINARY;

  Class<?> valueClass() {
    return switch (this) {
      case STRING -> String.class;
      case INT -> Integer.class;
      case LONG -> Long.class;
      case DOUBLE -> Double.class;
      case BOOLEAN -> Boolean.class;
      case TIMESTAMP -> Instant.class;
      case BINARY -> byte[].class;
    };
  }

  DataType kernelType() {
    return switch (this) {
      case STRING -> StringType.STRING;
      case INT -> IntegerType.INTEGER;
      case LONG -> LongType.LONG;
      case DOUBLE -> DoubleType.DOUBLE;
      case BOOLEAN -> BooleanType.BOOLEAN;
      case TIMESTAMP -> TimestampType.TIMESTAMP;
      case BINARY -> BinaryType.BINARY;
    };
  }
}
