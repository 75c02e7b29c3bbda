package dev.weir.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
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
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * What a saved model holds, value by value: the coefficients, the nodes of trees and the
 * parameters, without the names that say nothing of what was learned.
 *
 * <p>Rows of a table are told apart by what in them is no fraction, such as the numbers of a tree
 * and a node, and come in that order.
 */
public final class ModelValues {
  private static final Comparator<Values> ORDER =
      Comparator.comparing(Values::key).thenComparing(Values::numbers, ModelValues::compare);

  private final SortedMap<String, List<Values>> tables = new TreeMap<>();

  ModelValues() {}

  /** A row: its values by their places. A fraction is a Double, all else a text. */
  private record Values(SortedMap<String, Object> byPlace, String key, List<Double> numbers) {
    static Values of(SortedMap<String, Object> byPlace) {
      return new Values(
          byPlace,
          byPlace.entrySet().stream()
              .filter(entry -> !(entry.getValue() instanceof Double))
              .map(entry -> entry.getKey() + "=" + entry.getValue())
              .collect(Collectors.joining("\n")),
          byPlace.values().stream()
              .filter(Double.class::isInstance)
              .map(Double.class::cast)
              .toList());
    }
  }

  private static int compare(List<Double> one, List<Double> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = one.get(i).compareTo(other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  /** Adds a row of values by their places. */
  void add(String table, SortedMap<String, Object> values) {
    tables.computeIfAbsent(table, t -> new ArrayList<>()).add(Values.of(values));
  }

  /**
   * Adds the rows of a file.
   *
   * @param texts what stands for a text
   */
  void add(String table, InputFile file, Configuration configuration, UnaryOperator<String> texts)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(file, HadoopReadOptions.builder(configuration).build())) {
      MessageType schema = reader.getFooter().getFileMetaData().getSchema();
      for (PageReadStore pages = reader.readNextRowGroup();
          pages != null;
          pages = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            new ColumnIOFactory()
                .getColumnIO(schema)
                .getRecordReader(pages, new GroupRecordConverter(schema));
        for (long i = 0; i < pages.getRowCount(); i++) {
          SortedMap<String, Object> values = new TreeMap<>();
          collect("", records.read(), texts, values);
          add(table, values);
        }
      }
    }
  }

  private static void collect(
      String prefix, Group group, UnaryOperator<String> texts, SortedMap<String, Object> values) {
    GroupType type = group.getType();
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type fieldType = type.getType(field);
      boolean repeated = fieldType.isRepetition(Type.Repetition.REPEATED);
      int count = group.getFieldRepetitionCount(field);
      String name = fieldType.getName();
      // Parquet's own names of a list's elements.
      String place =
          repeated || (name.equals("element") && !prefix.isEmpty())
              ? prefix
              : prefix.isEmpty() ? name : prefix + "." + name;
      if (count == 0 && !repeated) {
        values.put(place, "null");
      }
      for (int i = 0; i < count; i++) {
        String at = repeated ? place + "[" + i + "]" : place;
        if (fieldType.isPrimitive()) {
          values.put(at, value(group, field, i, fieldType, texts));
        } else {
          collect(at, group.getGroup(field, i), texts, values);
        }
      }
    }
  }

  private static Object value(
      Group group, int field, int i, Type type, UnaryOperator<String> texts) {
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case FLOAT -> (double) group.getFloat(field, i);
      case DOUBLE -> group.getDouble(field, i);
      default ->
          type.getLogicalTypeAnnotation()
                  instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
              ? texts.apply(group.getString(field, i))
              : group.getValueToString(field, i);
    };
  }

  /** Where another model is furthest from this one. */
  public Gap gap(ModelValues other) {
    Gap widest =
        Gap.whole(
            "the model's files", tables.keySet().toString(), other.tables.keySet().toString());
    for (String table : new TreeSet<>(tables.keySet())) {
      List<Values> then = ordered(table);
      List<Values> now = other.ordered(table);
      if (then.size() != now.size()) {
        widest = widest.or(Gap.whole(table, then.size() + " rows", now.size() + " rows"));
        continue;
      }
      for (int i = 0; i < then.size(); i++) {
        widest = widest.or(gap(table, then.get(i), now.get(i)));
      }
    }
    return widest;
  }

  private List<Values> ordered(String table) {
    return tables.getOrDefault(table, List.of()).stream().sorted(ORDER).toList();
  }

  private static Gap gap(String table, Values then, Values now) {
    Gap widest = Gap.NONE;
    TreeSet<String> places = new TreeSet<>(then.byPlace().keySet());
    places.addAll(now.byPlace().keySet());
    for (String place : places) {
      Object a = then.byPlace().getOrDefault(place, "nothing");
      Object b = now.byPlace().getOrDefault(place, "nothing");
      String where = table + " " + place;
      widest =
          widest.or(
              a instanceof Double one && b instanceof Double other
                  ? Gap.between(where, one, other)
                  : Gap.whole(where, a, b));
    }
    return widest;
  }
}
