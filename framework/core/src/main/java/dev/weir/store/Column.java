package dev.weir.store;

import io.delta.kernel.types.FieldMetadata;
import io.delta.kernel.types.StructField;
import java.util.Objects;

/**
 * A column of a table.
 *
 * @param nullable whether a row may hold null
 * @param comment a sentence that says what the column holds, kept in the table's schema
 */
public record Column(String name, ColumnType type, boolean nullable, String comment) {
  public Column {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
    Objects.requireNonNull(comment);
  }

  /** A column that always has a value. */
  public static Column required(String name, ColumnType type, String comment) {
    return new Column(name, type, false, comment);
  }

  /** A column that may hold null. */
  public static Column optional(String name, ColumnType type, String comment) {
    return new Column(name, type, true, comment);
  }

  StructField field() {
    return new StructField(
        name,
        type.kernelType(),
        nullable,
        FieldMetadata.builder().putString("comment", comment).build());
  }
}
