package dev.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisteringProcessesTest {
  private static final int PROCESSES = 16;

  /** Exit code of a process that SIGKILL ended. */
  private static final int KILLED = 128 + 9;

  /** Of 16: four die before anything is durable, four after their first or later commits. */
  private static int commits(int process) {
    return process < 4 ? 0 : process < 8 ? 1 : -1;
  }

  private static Process start(Path home, String run, int commits) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dweir.steps=" + RegisteringProcess.Killer.class.getName(),
            "-cp",
            System.getProperty("java.class.path"),
            RegisteringProcess.class.getName(),
            home.toString(),
            run,
            String.valueOf(commits))
        .redirectOutput(home.resolveSibling(run + ".out").toFile())
        .redirectError(home.resolveSibling(run + ".err").toFile())
        .start();
  }

  /** The numbers that each run's candidate was given. */
  private static Map<String, List<Integer>> numbers(Home home) {
    Map<String, List<Integer>> numbers = new TreeMap<>();
    LineageReader lineage = LineageReader.open(Events.open(home));
    for (Row row : lineage.rows(LineageTable.MODELS, List.of())) {
      numbers
          .computeIfAbsent(row.string("run"), run -> new ArrayList<>())
          .add(row.integer("number"));
    }
    return numbers;
  }

  @Test
  void sixteenAtOnceSomeOfThemKilledLeaveNoGapAndNothingTwice(@TempDir Path folder)
      throws Exception {
    Path path = folder.resolve("home");
    try (Home home = Home.open(path)) {
      Events.open(home);
      List<Process> processes = new ArrayList<>();
      try {
        for (int i = 0; i < PROCESSES; i++) {
          processes.add(start(path, "r" + i, commits(i)));
        }
        for (int i = 0; i < PROCESSES; i++) {
          while (!Files.exists(folder.resolve("r" + i + ".ready"))) {
            assertThat(processes.get(i).isAlive()).as(said(folder, i)).isTrue();
            Thread.sleep(20);
          }
        }
        Files.createFile(folder.resolve("go"));
        for (int i = 0; i < PROCESSES; i++) {
          assertThat(processes.get(i).waitFor(2, TimeUnit.MINUTES)).isTrue();
          assertThat(processes.get(i).exitValue())
              .as(said(folder, i))
              .isEqualTo(commits(i) < 0 ? 0 : KILLED);
        }
      } finally {
        processes.forEach(Process::destroyForcibly);
      }

      Map<String, List<Integer>> first = numbers(home);
      assertThat(first.values()).allMatch(numbers -> numbers.size() == 1);
      // The numbers that there are have no gap, though some processes died over theirs.
      assertThat(first.values().stream().flatMap(List::stream).sorted().toList())
          .isEqualTo(IntStream.rangeClosed(1, first.size()).boxed().toList());
      for (int i = 0; i < PROCESSES; i++) {
        if (commits(i) == 0) {
          assertThat(first).doesNotContainKey("r" + i);
        } else if (commits(i) < 0) {
          assertThat(Files.readString(folder.resolve("r" + i + ".out")).strip())
              .isEqualTo("model:crowd.model@" + first.get("r" + i).get(0));
        }
      }

      // Tried again, each is given its number or told that of before.
      for (int i = 0; i < PROCESSES; i++) {
        if (commits(i) >= 0) {
          int number = RegisteringProcess.register(home, "r" + i, -1).number();
          List<Integer> before = first.get("r" + i);
          assertThat(before == null || before.equals(List.of(number))).isTrue();
        }
      }
      Map<String, List<Integer>> last = numbers(home);
      assertThat(last).hasSize(PROCESSES).containsAllEntriesOf(first);
      assertThat(last.values().stream().flatMap(List::stream).sorted().toList())
          .isEqualTo(IntStream.rangeClosed(1, PROCESSES).boxed().toList());
    }
  }

  private static String said(Path folder, int process) throws IOException {
    return Files.readString(folder.resolve("r" + process + ".err"));
  }
}
