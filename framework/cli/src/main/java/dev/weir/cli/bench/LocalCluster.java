package dev.weir.cli.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.jspecify.annotations.Nullable;

/**
 * A standalone cluster of Spark on this machine: a master and workers, each in a JVM of its own,
 * and what the workers start in JVMs of theirs. Closing it kills them all.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");

  /** Where a worker's executors keep what has no room in memory, and what they shuffle. */
  private static final String LOCAL = "local";

  private static final Pattern SHUFFLED = Pattern.compile("shuffle_(\\d+)_\\d+_\\d+\\.data");

  private final ChildProcess process;
  private final List<Worker> workers = new ArrayList<>();
  private String master = "";

  private LocalCluster(ChildProcess process) {
    this.process = process;
  }

  /**
   * A worker.
   *
   * @param folder where it keeps what its executors need and log
   */
  public record Worker(ChildProcess process, Path folder) {
    /** The ids of the executors that it started for an application. */
    public Set<String> executors(String application) {
      try (Stream<Path> files = Files.list(folder.resolve(application))) {
        return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
      } catch (IOException e) {
        throw new UncheckedIOException("No executors of " + application + " in " + folder, e);
      }
    }

    /** How many shuffles its executors have written a part of and still hold. */
    long shuffles() throws IOException {
      Set<String> shuffles = new HashSet<>();
      Files.walkFileTree(
          folder.resolve(LOCAL),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Matcher name = SHUFFLED.matcher(String.valueOf(file.getFileName()));
              if (name.matches()) {
                shuffles.add(name.group(1));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE; // Spark has just removed it.
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
      return shuffles.size();
    }
  }

  /**
   * Starts a cluster and waits until its workers are known to its master.
   *
   * @param folder an empty folder for everything that it writes
   * @param spark the jars of Spark, and none of Weir's
   * @param workers how many
   * @param cores of each worker
   * @param memory of each worker for its executors, such as {@code 1g}
   */
  public static LocalCluster start(
      Path folder, List<Path> spark, int workers, int cores, String memory) throws Exception {
    // A worker starts executors from what looks like a distribution.
    Path home = Files.createDirectories(folder.resolve("spark"));
    Path jars = Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("RELEASE"));
    for (Path jar : spark) {
      Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
    }
    Map<String, String> environment =
        Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13");
    ChildProcess process =
        ChildProcess.start(
            folder, command(jars, "org.apache.spark.deploy.master.Master"), environment);
    LocalCluster cluster = new LocalCluster(process);
    boolean started = false;
    try {
      cluster.awaitMaster();
      for (int number = 1; number <= workers; number++) {
        Path place = Files.createDirectories(folder.resolve("worker-" + number));
        List<String> command = command(jars, "org.apache.spark.deploy.worker.Worker");
        command.addAll(List.of("--cores", String.valueOf(cores), "--memory", memory));
        command.addAll(List.of("--work-dir", place.toString(), cluster.master));
        Map<String, String> own = new HashMap<>(environment);
        own.put("SPARK_LOCAL_DIRS", Files.createDirectories(place.resolve(LOCAL)).toString());
        cluster.workers.add(new Worker(ChildProcess.start(folder, command, own), place));
      }
      for (Worker worker : cluster.workers) {
        await(worker.process(), Pattern.compile("Successfully registered with master"));
      }
      started = true;
      return cluster;
    } finally {
      if (!started) {
        cluster.close();
      }
    }
  }

  /** Its URL. */
  public String master() {
    return master;
  }

  /** Its workers, in the order in which they were started. */
  public List<Worker> workers() {
    return List.copyOf(workers);
  }

  @Override
  public void close() {
    workers.forEach(worker -> worker.process().close());
    process.close();
  }

  private void awaitMaster() throws Exception {
    master = await(process, MASTER).group(1);
  }

  /** Waits until a process logs something. */
  private static Matcher await(ChildProcess process, Pattern said) throws Exception {
    Matcher[] found = new Matcher[1];
    Poll.until(
        () -> {
          found[0] = said.matcher(Files.readString(process.errors()));
          boolean there = found[0].find();
          if (!there && !process.isAlive()) {
            throw new IllegalStateException("It ended before: see " + process.errors());
          }
          return there;
        },
        () -> "'" + said + "' in " + process.errors());
    return found[0];
  }

  /** On free ports, the web interface too, which can't be turned off. */
  private static List<String> command(Path jars, String type) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", jars + "/*", type, "--host", "127.0.0.1"));
    command.addAll(List.of("--port", "0", "--webui-port", "0"));
    return command;
  }
}
