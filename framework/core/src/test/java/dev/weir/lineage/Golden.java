package dev.weir.lineage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.store.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The golden home: the facts of five runs, commit by commit, and the rows that they make. */
final class Golden {
  private Golden() {}

  static List<String> lines(String resource) {
    try (InputStream in =
        Objects.requireNonNull(Golden.class.getResourceAsStream(resource), resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The facts of each commit, in order. */
  static List<List<Fact>> commits() {
    Map<Integer, List<Fact>> commits = new TreeMap<>();
    for (String line : lines("facts.jsonl")) {
      try {
        JsonNode node = Facts.json().readTree(line);
        commits
            .computeIfAbsent(node.path("commit").asInt(), commit -> new ArrayList<>())
            .add(
                Facts.read(node.path("kind").asText(), node.path("body").toString()).orElseThrow());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(commits.values());
  }

  /** Rows as lines of JSON without nulls, sorted, comparable whatever their order was. */
  static List<String> text(List<Row> rows) {
    return rows.stream().map(Golden::text).sorted().collect(Collectors.toList());
  }

  private static String text(Row row) {
    Map<String, Object> byName = new LinkedHashMap<>();
    for (String column : row.columns()) {
      Object value = row.get(column);
      if (value != null) {
        byName.put(column, value);
      }
    }
    try {
      return Facts.json().writeValueAsString(byName);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The golden rows of a table, sorted. */
  static List<String> rows(LineageTable table) {
    return lines(table.tableName() + ".jsonl").stream().sorted().toList();
  }
}
