package dev.weir.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process with its outputs in files. It ends with the block that started it, whatever happens.
 */
public final class ChildProcess implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path errors;
  private final Thread atExit;

  private ChildProcess(Process process, Path out, Path errors) {
    this.process = process;
    this.out = out;
    this.errors = errors;
    // What is ended from outside leaves nothing behind either.
    this.atExit = new Thread(() -> kill(process));
  }

  /**
   * How a process came to its end.
   *
   * @param code its exit code
   * @param out what it printed, by line
   * @param errors the file of what it logged
   */
  public record Ended(int code, List<String> out, Path errors) {}

  /**
   * Starts a process.
   *
   * @param folder where it is started, and its outputs kept
   * @param environment variables to add; those of this machine's Spark and Weir are left out
   */
  public static ChildProcess start(
      Path folder, List<String> command, Map<String, String> environment) throws IOException {
    Path out = Files.createTempFile(folder, "process-", ".out");
    Path errors = Files.createTempFile(folder, "process-", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    Map<String, String> all = builder.environment();
    all.keySet().removeIf(name -> name.startsWith("SPARK_") || name.startsWith("WEIR_"));
    all.put("JAVA_HOME", System.getProperty("java.home"));
    // No host name needs to resolve.
    all.put("SPARK_LOCAL_IP", "127.0.0.1");
    all.putAll(environment);
    ChildProcess child = new ChildProcess(builder.start(), out, errors);
    Runtime.getRuntime().addShutdownHook(child.atExit);
    return child;
  }

  /** Waits for its end. */
  public Ended await() throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Ended(code, Files.readAllLines(out), errors);
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The file of what it printed. */
  public Path out() {
    return out;
  }

  /** The file of what it logged. */
  public Path errors() {
    return errors;
  }

  /** Whether a process was started by this one, or by one that was. */
  public boolean started(long pid) {
    return process.descendants().anyMatch(descendant -> descendant.pid() == pid);
  }

  /** Kills it and everything that it started, as a machine's end does, and waits for its end. */
  @Override
  public void close() {
    kill(process);
    process.onExit().join();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // The hook runs already.
    }
  }

  private static void kill(Process process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    // The parent first, or it would start new ones in their place.
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }
}
