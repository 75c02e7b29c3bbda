package dev.weir.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * The electricity market of New South Wales (Harries 1999), in which trade with Victoria begins at
 * row 17,424, from the folder that WEIR_DATA names.
 */
class ElectricityDriftTest {
  private static final int CHANGE = 17_424;
  private static final int REFERENCE = 8_000;
  private static final int WINDOW = 1_000;

  @Test
  void theBeginningOfTheTradeIsFlaggedWhereItIsAndSoonAfter() throws Exception {
    String variable = System.getenv("WEIR_DATA");
    assumeTrue(
        variable != null, "Skipped: WEIR_DATA does not name the folder of the real data sets");
    List<String[]> rows = new ArrayList<>();
    try (var in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Files.newInputStream(
                        Path.of(variable).resolve("electricity/electricity.csv.gz"))),
                StandardCharsets.UTF_8))) {
      in.lines().forEach(line -> rows.add(line.split(",")));
    }
    String[] names = rows.remove(0);
    DatasetProfile reference = profile(names, rows.subList(0, REFERENCE));

    // By column: the ends of the windows that were flagged.
    Map<String, List<Integer>> flagged = new LinkedHashMap<>();
    for (String name : names) {
      flagged.put(name, new ArrayList<>());
    }
    for (int end = REFERENCE + WINDOW; end <= rows.size(); end += WINDOW) {
      int until = end;
      Drift.between(reference, profile(names, rows.subList(end - WINDOW, end)), DriftLimits.USUAL)
          .stream()
          .filter(ColumnDrift::drifted)
          .forEach(drift -> flagged.get(drift.column()).add(until));
    }
    flagged.forEach(
        (name, ends) -> {
          long before = ends.stream().filter(end -> end <= CHANGE).count();
          System.out.printf(
              "%s: flagged in %d of %d windows before row %,d and in %d of %d from it on, first up to row %s%n",
              name,
              before,
              (CHANGE - REFERENCE) / WINDOW,
              CHANGE,
              ends.size() - before,
              (rows.size() - REFERENCE) / WINDOW - (CHANGE - REFERENCE) / WINDOW,
              ends.isEmpty() ? "-" : "%,d".formatted(ends.get(0)));
        });
    for (String name : List.of("vicprice", "vicdemand", "transfer")) {
      assertThat(flagged.get(name)).as(name).isNotEmpty();
      assertThat(flagged.get(name).get(0)).as(name).isBetween(CHANGE + 1, CHANGE + 2_000);
    }
    // Every window has the same times of day.
    assertThat(flagged.get("period")).isEmpty();
  }

  private static DatasetProfile profile(String[] names, List<String[]> rows) {
    List<ColumnAccumulator> columns = new ArrayList<>();
    for (String name : names) {
      boolean text = name.equals("class");
      columns.add(
          ColumnAccumulator.of(
              name, text ? "string" : "double", text ? ValueKind.TEXT : ValueKind.REAL));
    }
    DatasetAccumulator accumulator = new DatasetAccumulator(columns);
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        if (names[i].equals("class")) {
          Profiles.update(columns.get(i), row[i]);
        } else {
          columns.get(i).update(Double.parseDouble(row[i]));
        }
      }
      accumulator.endRow();
    }
    return accumulator.profile();
  }
}
