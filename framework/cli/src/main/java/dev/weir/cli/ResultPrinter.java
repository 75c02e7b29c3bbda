package dev.weir.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/** Prints the rows of a result. */
final class ResultPrinter {
  private static final int WIDEST = 120;
  private static final int TABLE_LIMIT = 1000;

  private final PrintStream out;
  private final PrintStream err;

  ResultPrinter(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** One JSON object a row, streamed. */
  void json(Dataset<Row> rows) {
    Iterator<String> lines = rows.toJSON().toLocalIterator();
    while (lines.hasNext()) {
      out.println(lines.next());
    }
    out.flush();
  }

  /** RFC 4180, with a header, streamed. */
  void csv(Dataset<Row> rows) {
    out.print(csvLine(Arrays.asList(rows.columns())));
    Iterator<Row> iterator = asText(rows).toLocalIterator();
    while (iterator.hasNext()) {
      out.print(csvLine(cells(iterator.next(), "")));
    }
    out.flush();
  }

  /** Columns for people, at most {@code limit} rows. */
  void table(Dataset<Row> rows, int limit) {
    StructField[] fields = rows.schema().fields();
    if (fields.length == 0) {
      return;
    }
    int most = limit > 0 ? limit : TABLE_LIMIT;
    List<List<String>> cells = new ArrayList<>();
    for (Row row : asText(rows.limit(most + 1)).collectAsList()) {
      cells.add(cells(row, "NULL"));
    }
    boolean more = cells.size() > most;
    if (more) {
      cells.remove(cells.size() - 1);
    }
    int[] widths = new int[fields.length];
    for (int i = 0; i < fields.length; i++) {
      widths[i] = length(fields[i].name());
      for (List<String> row : cells) {
        widths[i] = Math.min(WIDEST, Math.max(widths[i], length(row.get(i))));
      }
    }
    StringBuilder text = new StringBuilder();
    StringBuilder rule = new StringBuilder();
    for (int i = 0; i < fields.length; i++) {
      boolean last = i == fields.length - 1;
      text.append(last ? fields[i].name() : Text.pad(fields[i].name(), widths[i]) + "  ");
      rule.append("─".repeat(widths[i])).append(last ? "" : "  ");
    }
    text.append('\n').append(rule).append('\n');
    for (List<String> row : cells) {
      for (int i = 0; i < fields.length; i++) {
        boolean last = i == fields.length - 1;
        String cell = Text.fit(row.get(i), WIDEST);
        if (number(fields[i].dataType())) {
          text.append(" ".repeat(Math.max(0, widths[i] - length(cell)))).append(cell);
        } else {
          text.append(last ? cell : Text.pad(cell, widths[i]));
        }
        text.append(last ? "" : "  ");
      }
      text.append('\n');
    }
    out.print(text);
    out.flush();
    err.println(
        more
            ? "(the first %s; --limit for more, --format csv for all)"
                .formatted(Text.count(most, "row"))
            : "(%s)".formatted(Text.count(cells.size(), "row")));
  }

  /** Every column as text in Spark's own form; what can't be cast is turned to JSON. */
  private static Dataset<Row> asText(Dataset<Row> rows) {
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    StructField[] fields = rows.schema().fields();
    String[] names = new String[fields.length];
    for (int i = 0; i < fields.length; i++) {
      names[i] = "c" + i;
    }
    Dataset<Row> renamed = rows.toDF(names);
    for (int i = 0; i < fields.length; i++) {
      org.apache.spark.sql.Column column = renamed.col(names[i]);
      columns.add(
          fields[i].dataType() instanceof StringType
              ? column
              : fields[i].dataType() instanceof DecimalType
                  ? column.cast("string")
                  : functions.expr("cast(" + names[i] + " as string)").as(names[i]));
    }
    return renamed.select(columns.toArray(org.apache.spark.sql.Column[]::new));
  }

  private static List<String> cells(Row row, String nothing) {
    List<String> cells = new ArrayList<>(row.size());
    for (int i = 0; i < row.size(); i++) {
      cells.add(row.isNullAt(i) ? nothing : row.getString(i));
    }
    return cells;
  }

  static String csvLine(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      boolean quote =
          cell.contains(",") || cell.contains("\"") || cell.contains("\n") || cell.contains("\r");
      line.append(i == 0 ? "" : ",")
          .append(quote ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell);
    }
    return line.append("\r\n").toString();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static boolean number(DataType type) {
    return type instanceof NumericType;
  }
}
