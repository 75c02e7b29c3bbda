package dev.weir.quality;

import dev.weir.profile.ColumnAccumulator;
import dev.weir.profile.DatasetAccumulator;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.ValueKind;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Makes the profile of batches: of each the columns one after another, so that a column's sketches
 * stay in the processor's cache while they take its values.
 */
final class Profiler {
  private final DatasetAccumulator dataset;
  private final Reader[] readers;

  /** How the values of a column go from a vector into its profile. */
  interface Reader {
    void read(ColumnVector from, int row, ColumnAccumulator into);
  }

  Profiler(StructType schema) {
    dataset = accumulator(schema, List.of(schema.fieldNames()));
    readers =
        Arrays.stream(schema.fields())
            .map(StructField::dataType)
            .map(Profiler::reader)
            .toArray(Reader[]::new);
  }

  /** What takes the values of some columns. */
  static DatasetAccumulator accumulator(StructType schema, List<String> columns) {
    return new DatasetAccumulator(
        columns.stream()
            .map(name -> schema.apply(name))
            .map(
                field ->
                    ColumnAccumulator.of(
                        field.name(), field.dataType().catalogString(), kind(field.dataType())))
            .toList());
  }

  void add(ColumnarBatch batch) {
    int rows = batch.numRows();
    for (int column = 0; column < readers.length; column++) {
      add(batch.column(column), rows, readers[column], dataset.columns().get(column));
    }
    for (int row = 0; row < rows; row++) {
      dataset.endRow();
    }
  }

  private static void add(ColumnVector from, int rows, Reader reader, ColumnAccumulator into) {
    for (int row = 0; row < rows; row++) {
      if (from.isNullAt(row)) {
        into.updateNull();
      } else {
        reader.read(from, row, into);
      }
    }
  }

  DatasetProfile profile() {
    return dataset.profile();
  }

  static ValueKind kind(DataType type) {
    if (type instanceof BooleanType) {
      return ValueKind.BOOLEAN;
    } else if (type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType) {
      return ValueKind.INTEGER;
    } else if (type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof DecimalType) {
      return ValueKind.REAL;
    } else if (type instanceof DateType) {
      return ValueKind.DATE;
    } else if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return ValueKind.TIMESTAMP;
    }
    return type instanceof StringType ? ValueKind.TEXT : ValueKind.OTHER;
  }

  static Reader reader(DataType type) {
    if (type instanceof BooleanType) {
      return (from, row, into) -> into.update(from.getBoolean(row) ? 1L : 0L);
    } else if (type instanceof ByteType) {
      return (from, row, into) -> into.update((long) from.getByte(row));
    } else if (type instanceof ShortType) {
      return (from, row, into) -> into.update((long) from.getShort(row));
    } else if (type instanceof IntegerType || type instanceof DateType) {
      return (from, row, into) -> into.update((long) from.getInt(row));
    } else if (type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType) {
      return (from, row, into) -> into.update(from.getLong(row));
    } else if (type instanceof FloatType) {
      return (from, row, into) -> into.update((double) from.getFloat(row));
    } else if (type instanceof DoubleType) {
      return (from, row, into) -> into.update(from.getDouble(row));
    } else if (type instanceof DecimalType decimal) {
      return decimals(decimal);
    } else if (type instanceof StringType) {
      return Profiler::text;
    }
    return (from, row, into) -> into.updateOther();
  }

  private static Reader decimals(DecimalType type) {
    int precision = type.precision();
    int scale = type.scale();
    // As Spark keeps them: in an int, a long, or as bytes.
    double unit = new BigDecimal(1).scaleByPowerOfTen(scale).doubleValue();
    if (precision <= Decimal.MAX_INT_DIGITS()) {
      return (from, row, into) -> into.update(from.getInt(row) / unit);
    }
    if (precision <= Decimal.MAX_LONG_DIGITS()) {
      return (from, row, into) -> into.update(from.getLong(row) / unit);
    }
    return (from, row, into) -> into.update(from.getDecimal(row, precision, scale).toDouble());
  }

  private static void text(ColumnVector from, int row, ColumnAccumulator into) {
    UTF8String text = from.getUTF8String(row);
    if (text.getBaseObject() instanceof byte[] bytes) {
      into.update(
          bytes, (int) (text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET), text.numBytes());
    } else {
      byte[] copy = text.getBytes();
      into.update(copy, 0, copy.length);
    }
  }
}
