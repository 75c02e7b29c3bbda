package dev.weir.store;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows as the columnar batch that Kernel reads and writes. */
final class RowBatch implements ColumnarBatch {
  private final StructType schema;
  private final List<? extends List<? extends @Nullable Object>> rows;

  /**
   * @param rows each with a value for each field of the schema
   * @throws IllegalArgumentException if a value's class is not what its column takes
   */
  RowBatch(StructType schema, List<? extends List<? extends @Nullable Object>> rows) {
    this.schema = schema;
    this.rows = rows;
    for (List<? extends @Nullable Object> row : rows) {
      if (row.size() != schema.length()) {
        throw new IllegalArgumentException(
            "A row has %d values for %d columns".formatted(row.size(), schema.length()));
      }
      for (int i = 0; i < row.size(); i++) {
        Object value = row.get(i);
        if (value == null && !schema.at(i).isNullable()) {
          throw new IllegalArgumentException(
              "Column %s has no value in %s".formatted(schema.at(i).getName(), row));
        }
        Class<?> expected = valueClass(schema.at(i).getDataType());
        if (value != null && !expected.isInstance(value)) {
          throw new IllegalArgumentException(
              "Column %s takes a %s, not the %s %s"
                  .formatted(
                      schema.at(i).getName(),
                      expected.getSimpleName(),
                      value.getClass().getSimpleName(),
                      value));
        }
      }
    }
  }

  /** Microseconds since 1970-01-01 UTC, what is finer cut off. */
  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1000);
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L);
  }

  private static Class<?> valueClass(DataType type) {
    for (ColumnType known : ColumnType.values()) {
      if (known.kernelType().equals(type)) {
        return known.valueClass();
      }
    }
    throw new IllegalArgumentException("Weir's own tables have no columns of type " + type);
  }

  /** One value of a vector that Kernel read. */
  static @Nullable Object value(ColumnVector vector, int row) {
    if (vector.isNullAt(row)) {
      return null;
    }
    DataType type = vector.getDataType();
    if (type instanceof StringType) {
      return vector.getString(row);
    } else if (type instanceof LongType) {
      return vector.getLong(row);
    } else if (type instanceof IntegerType) {
      return vector.getInt(row);
    } else if (type instanceof DoubleType) {
      return vector.getDouble(row);
    } else if (type instanceof BooleanType) {
      return vector.getBoolean(row);
    } else if (type instanceof TimestampType) {
      return instant(vector.getLong(row));
    } else if (type instanceof BinaryType) {
      return vector.getBinary(row);
    }
    throw new IllegalArgumentException("Columns of type " + type + " can't be read as rows");
  }

  @Override
  public StructType getSchema() {
    return schema;
  }

  @Override
  public ColumnVector getColumnVector(int ordinal) {
    return new Vector(ordinal, schema.at(ordinal).getDataType());
  }

  @Override
  public int getSize() {
    return rows.size();
  }

  private final class Vector implements ColumnVector {
    private final int ordinal;
    private final DataType type;

    Vector(int ordinal, DataType type) {
      this.ordinal = ordinal;
      this.type = type;
    }

    private Object value(int row) {
      return Objects.requireNonNull(rows.get(row).get(ordinal));
    }

    @Override
    public DataType getDataType() {
      return type;
    }

    @Override
    public int getSize() {
      return rows.size();
    }

    @Override
    public void close() {}

    @Override
    public boolean isNullAt(int row) {
      return rows.get(row).get(ordinal) == null;
    }

    @Override
    public boolean getBoolean(int row) {
      return (Boolean) value(row);
    }

    @Override
    public int getInt(int row) {
      return (Integer) value(row);
    }

    @Override
    public long getLong(int row) {
      Object value = value(row);
      return value instanceof Instant instant ? micros(instant) : (Long) value;
    }

    @Override
    public double getDouble(int row) {
      return (Double) value(row);
    }

    @Override
    public String getString(int row) {
      return (String) value(row);
    }

    @Override
    public byte[] getBinary(int row) {
      return (byte[]) value(row);
    }
  }
}
