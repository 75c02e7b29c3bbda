package dev.weir.quality;

import dev.weir.profile.ColumnAccumulator;
import dev.weir.profile.DatasetAccumulator;
import dev.weir.profile.DatasetProfile;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Makes the profiles of the parts of batches, row by row, of a few columns. */
final class PartProfiler {
  private static final long DAY = 86_400_000_000L;

  /** How many characters of a value name a part. */
  private static final int TEXT = 60;

  /** How many values are known by what they are in a vector, before that is begun again. */
  private static final int KNOWN = 10_000;

  private final Parts parts;
  private final StructType schema;
  private final Key key;
  private final int by;
  private final int[] columns;
  private final Profiler.Reader[] readers;
  private final Map<String, DatasetAccumulator> named = new HashMap<>();
  private final Map<Object, DatasetAccumulator> known = new HashMap<>();
  private @Nullable DatasetAccumulator nulls;

  /** What tells the parts apart, in a row that has it. */
  private interface Key {
    /** The value, to be looked up by. */
    Object of(ColumnVector vector, int row);

    /** Its text. */
    default String text(Object value) {
      return value.toString();
    }
  }

  PartProfiler(Parts parts, StructType schema) {
    this.parts = parts;
    this.schema = schema;
    this.by = schema.fieldIndex(parts.by());
    Key found = key(schema.fields()[by].dataType());
    if (found == null) {
      throw new IllegalArgumentException("No parts by " + parts.by());
    }
    this.key = found;
    this.columns = parts.columns().stream().mapToInt(schema::fieldIndex).toArray();
    this.readers = new Profiler.Reader[columns.length];
    for (int i = 0; i < columns.length; i++) {
      readers[i] = Profiler.reader(schema.fields()[columns[i]].dataType());
    }
  }

  /** Whether the values of a type can tell parts apart. */
  static boolean tells(DataType type) {
    return key(type) != null;
  }

  void add(ColumnarBatch batch) {
    ColumnVector vector = batch.column(by);
    ColumnVector[] vectors = new ColumnVector[columns.length];
    for (int i = 0; i < columns.length; i++) {
      vectors[i] = batch.column(columns[i]);
    }
    for (int row = 0; row < batch.numRows(); row++) {
      DatasetAccumulator part = part(vector, row);
      if (part == null) {
        continue;
      }
      List<ColumnAccumulator> into = part.columns();
      for (int i = 0; i < vectors.length; i++) {
        if (vectors[i].isNullAt(row)) {
          into.get(i).updateNull();
        } else {
          readers[i].read(vectors[i], row, into.get(i));
        }
      }
      part.endRow();
    }
  }

  /** The profiles by the names of the parts: of more than are allowed, one more than those. */
  Map<String, DatasetProfile> profiles() {
    Map<String, DatasetProfile> profiles = new TreeMap<>();
    named.forEach((name, part) -> profiles.put(name, part.profile()));
    return profiles;
  }

  private @Nullable DatasetAccumulator part(ColumnVector vector, int row) {
    if (vector.isNullAt(row)) {
      if (nulls == null) {
        nulls = part("null");
      }
      return nulls;
    }
    Object value = key.of(vector, row);
    DatasetAccumulator part = known.get(value);
    if (part == null) {
      String text = key.text(value);
      part = part(text.length() > TEXT ? text.substring(0, TEXT) + "…" : text);
      if (part != null) {
        if (known.size() >= KNOWN) {
          known.clear();
        }
        // The vector is going to hold other bytes.
        known.put(value instanceof UTF8String bytes ? bytes.clone() : value, part);
      }
    }
    return part;
  }

  /** Null where there are too many already, which is going to be said. */
  private @Nullable DatasetAccumulator part(String text) {
    String name = parts.name(text);
    DatasetAccumulator part = named.get(name);
    if (part == null && named.size() <= Parts.MOST) {
      part = Profiler.accumulator(schema, parts.columns());
      named.put(name, part);
    }
    return part;
  }

  private static @Nullable Key key(DataType type) {
    if (type instanceof StringType) {
      return ColumnVector::getUTF8String;
    } else if (type instanceof BooleanType) {
      return ColumnVector::getBoolean;
    } else if (type instanceof ByteType) {
      return ColumnVector::getByte;
    } else if (type instanceof ShortType) {
      return ColumnVector::getShort;
    } else if (type instanceof IntegerType) {
      return ColumnVector::getInt;
    } else if (type instanceof LongType) {
      return ColumnVector::getLong;
    } else if (type instanceof DateType) {
      return new Month((vector, row) -> (long) vector.getInt(row));
    } else if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return new Month((vector, row) -> Math.floorDiv(vector.getLong(row), DAY));
    }
    return null;
  }

  /** Days, which go by their month. */
  private record Month(Day day) implements Key {
    @Override
    public Object of(ColumnVector vector, int row) {
      return day.of(vector, row);
    }

    @Override
    public String text(Object value) {
      return YearMonth.from(LocalDate.ofEpochDay((Long) value)).toString();
    }
  }

  /** The number of a day since 1970. */
  private interface Day {
    long of(ColumnVector vector, int row);
  }
}
