package dev.weir.data;

import dev.weir.store.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * The digest of the rows of Parquet files, read without Spark: the same for the same rows in any
 * order and any number of files.
 *
 * <p>A row is the SHA-256 of the names and types of its fields, and of each how many values it has
 * (none for null) and these: numbers by their bits, of which every NaN has the same, texts and
 * other bytes led by their length, maps by their entries in order. Of the rows' digests the four
 * longs are summed, which takes no memory. It guards against accidents, not against someone who
 * makes collisions.
 */
final class ParquetRows {
  private final UnaryOperator<String> texts;
  private final boolean listsAreSets;
  private final MessageDigest sha256 = Sha256.start();
  private final long[] sums = new long[4];
  private long count;

  /**
   * @param texts what stands for a text
   * @param listsAreSets whether the order of a list's elements means nothing
   */
  ParquetRows(UnaryOperator<String> texts, boolean listsAreSets) {
    this.texts = texts;
    this.listsAreSets = listsAreSets;
  }

  /** Adds the rows of a file. */
  void add(InputFile file, Configuration configuration) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(file, HadoopReadOptions.builder(configuration).build())) {
      MessageType schema = reader.getFooter().getFileMetaData().getSchema();
      byte[] described = Sha256.of(describe(schema)).getBytes(StandardCharsets.UTF_8);
      for (PageReadStore pages = reader.readNextRowGroup();
          pages != null;
          pages = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            new ColumnIOFactory()
                .getColumnIO(schema)
                .getRecordReader(pages, new GroupRecordConverter(schema));
        for (long i = 0; i < pages.getRowCount(); i++) {
          add(records.read(), described);
        }
      }
    }
  }

  /** The digest of all rows added. */
  String digest() {
    ByteBuffer all = ByteBuffer.allocate(Long.BYTES * (1 + sums.length)).putLong(count);
    for (long sum : sums) {
      all.putLong(sum);
    }
    return Sha256.of(all.array());
  }

  private void add(Group row, byte[] schema) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(schema);
    write(row, new DataOutputStream(bytes));
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest(bytes.toByteArray()));
    for (int i = 0; i < sums.length; i++) {
      sums[i] += digest.getLong();
    }
    count++;
  }

  /** The names and types, without nullability and annotations. */
  private static String describe(Type type) {
    return type.getName()
        + (type.isPrimitive()
            ? " " + type.asPrimitiveType().getPrimitiveTypeName()
            : type.asGroupType().getFields().stream()
                .map(ParquetRows::describe)
                .collect(Collectors.joining(", ", "<", ">")));
  }

  private void write(Group group, DataOutputStream out) throws IOException {
    GroupType type = group.getType();
    boolean unordered = isUnordered(type);
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type fieldType = type.getType(field);
      int values = group.getFieldRepetitionCount(field);
      out.writeInt(values);
      if (fieldType.isPrimitive()) {
        for (int i = 0; i < values; i++) {
          write(group, field, i, fieldType.asPrimitiveType(), out);
        }
      } else if (unordered) {
        List<byte[]> sorted = new ArrayList<>(values);
        for (int i = 0; i < values; i++) {
          ByteArrayOutputStream value = new ByteArrayOutputStream();
          write(group.getGroup(field, i), new DataOutputStream(value));
          sorted.add(value.toByteArray());
        }
        sorted.sort(Arrays::compareUnsigned);
        for (byte[] value : sorted) {
          out.write(value);
        }
      } else {
        for (int i = 0; i < values; i++) {
          write(group.getGroup(field, i), out);
        }
      }
    }
  }

  private boolean isUnordered(GroupType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    return annotation instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation
        || (listsAreSets && annotation instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation);
  }

  private void write(Group group, int field, int i, PrimitiveType type, DataOutputStream out)
      throws IOException {
    switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> out.writeBoolean(group.getBoolean(field, i));
      case INT32 -> out.writeInt(group.getInteger(field, i));
      case INT64 -> out.writeLong(group.getLong(field, i));
      case FLOAT -> out.writeInt(Float.floatToIntBits(group.getFloat(field, i)));
      case DOUBLE -> out.writeLong(Double.doubleToLongBits(group.getDouble(field, i)));
      case INT96 -> write(group.getInt96(field, i).getBytes(), out);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> {
        Binary value = group.getBinary(field, i);
        boolean text =
            type.getLogicalTypeAnnotation()
                instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation;
        write(text ? text(value) : value.getBytes(), out);
      }
    }
  }

  private byte[] text(Binary value) {
    String text = value.toStringUsingUTF8();
    String instead = texts.apply(text);
    return instead.equals(text) ? value.getBytes() : instead.getBytes(StandardCharsets.UTF_8);
  }

  private static void write(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
