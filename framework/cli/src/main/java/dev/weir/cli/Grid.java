package dev.weir.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows of cells for people, each column as wide as its widest cell. */
final class Grid {
  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a row; all rows have as many cells. */
  void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** Prints the rows, each led by a margin. */
  void print(PrintStream out, String margin) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).codePointCount(0, row.get(i).length()));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(margin);
      for (int i = 0; i < row.size(); i++) {
        line.append(Text.pad(row.get(i), widths[i])).append(i < row.size() - 1 ? "  " : "");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
