package dev.weir.store;

import io.delta.kernel.types.StructType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a table is made with.
 *
 * @param columns its columns, in order
 * @param properties its Delta table properties
 */
public record TableDefinition(List<Column> columns, Map<String, String> properties) {
  public TableDefinition {
    columns = List.copyOf(columns);
    properties = Map.copyOf(properties);
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException("Two columns are named " + column.name());
      }
    }
  }

  StructType schema() {
    return new StructType(columns.stream().map(Column::field).toList());
  }

  /** The position of a column; throws {@link IllegalArgumentException} for an unknown one. */
  public int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException("No column is named " + column);
  }
}
