package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Processes of a test, in a project's folder. */
final class CommandProcesses implements AutoCloseable {
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();

  CommandProcesses(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts a class of the tests' class path.
   *
   * @param errors the file that its errors go to
   * @param options of the JVM
   */
  Process start(String errors, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-X") || option.startsWith("--add-opens")) {
        command.add(option);
      }
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve(errors).toFile());
    Map<String, String> environment = builder.environment();
    environment.remove("WEIR_HOME");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("WEIR_ROOT", Repository.root().toString());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  static BufferedReader out(Process process) {
    return process.inputReader(StandardCharsets.UTF_8);
  }

  /** Reads what a process prints until a line holds {@code text}. */
  String await(BufferedReader out, String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      seen.append(line).append('\n');
      if (line.contains(text)) {
        return seen.toString();
      }
    }
    throw new AssertionError(
        "'%s' was never printed, but:%n%s%s"
            .formatted(text, seen, Files.readString(folder.resolve("stderr"))));
  }

  /** Reads what a process still prints. */
  static String rest(BufferedReader out) {
    return String.join("\n", out.lines().toList());
  }

  /** Sends Ctrl-C's signal, or the polite kill where this process was started without the first. */
  static void interrupt(Process process) throws Exception {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    boolean ignored =
        Files.isReadable(status)
            && Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    int code =
        new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", String.valueOf(process.pid()))
            .start()
            .waitFor();
    assertThat(code).isZero();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
