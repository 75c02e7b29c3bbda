package dev.weir.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prints how long a commit to a small table takes: {@code CommitSpeed [folder]}. */
final class CommitSpeed {
  private CommitSpeed() {}

  public static void main(String[] arguments) throws Exception {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("weir-speed");
    try (Home home = Home.open(folder)) {
      DeltaTable table = home.table("speed");
      table.create(
          new TableDefinition(
              List.of(
                  Column.required("at", ColumnType.TIMESTAMP, "When."),
                  Column.required("text", ColumnType.STRING, "What.")),
              Map.of("delta.checkpointInterval", "100")));
      for (int round = 0; round < 3; round++) {
        double[] millis = new double[100];
        for (int i = 0; i < millis.length; i++) {
          long start = System.nanoTime();
          table.append(
              List.of(List.of(Instant.now(), "x".repeat(500))),
              Optional.of(new TransactionId("speed", round * 1000L + i)));
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
            "commits: %d, median %.1f ms, 95th percentile %.1f ms, slowest %.1f ms%n",
            millis.length, millis[50], millis[95], millis[99]);
      }
    }
  }
}
