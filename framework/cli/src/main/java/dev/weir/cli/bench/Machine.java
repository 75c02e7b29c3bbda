package dev.weir.cli.bench;

import dev.weir.plan.Platform;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What a bench runs on. */
final class Machine {
  private Machine() {}

  /** Says on what the figures were measured. */
  static void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%d cores, Java %s, Spark %s, Delta %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        Platform.spark(),
        Platform.delta());
  }

  /** The words that start a JVM like this one, up to the name of a class. */
  static List<String> java(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Not what measures this JVM, records it or bounds it.
      if ((option.startsWith("-X") || option.startsWith("--add-"))
          && !option.startsWith("-Xm")
          && !option.contains("FlightRecording")
          && !option.contains("ArchiveClassesAtExit")) {
        command.add(option);
      }
    }
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    return command;
  }

  /** The null device, for what a process says that nobody reads. */
  static File nowhere() {
    return new File(System.getProperty("os.name", "").startsWith("Windows") ? "NUL" : "/dev/null");
  }

  /** The most memory that this process has had at a time, in bytes, where Linux says it. */
  static OptionalLong peakMemory() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // Another system.
    }
  }
}
