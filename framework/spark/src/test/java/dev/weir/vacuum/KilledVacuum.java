package dev.weir.vacuum;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Retention;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.run.ClassArchive;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import dev.weir.store.Home;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.LocalFileSystem;

/** A process that deletes, and is killed with SIGKILL right before one of its deletions. */
final class KilledVacuum {
  private static final String AFTER = "weir.test.after";

  private KilledVacuum() {}

  /** Hadoop's file system, which ends its process where it is to. */
  public static final class Files extends LocalFileSystem {
    private static final AtomicInteger DELETED = new AtomicInteger();

    @Override
    public boolean delete(org.apache.hadoop.fs.Path file, boolean recursive) throws IOException {
      if (file.getName().startsWith("part-")
          && DELETED.getAndIncrement() == Integer.getInteger(AFTER)) {
        try {
          new ProcessBuilder("kill", "-KILL", String.valueOf(ProcessHandle.current().pid()))
              .start()
              .waitFor();
          // Nothing more is deleted until it comes.
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return super.delete(file, recursive);
    }
  }

  /** Deletes what it can of a dataset. */
  public static void main(String[] arguments) {
    SparkSettings settings =
        SparkSettings.bare()
            .with("spark.master", "local[1]")
            .with("spark.ui.enabled", "false")
            .with("spark.sql.shuffle.partitions", "1")
            .with("spark.databricks.delta.snapshotPartitions", "1")
            .with("spark.hadoop.fs.file.impl", Files.class.getName())
            .with("spark.sql.codegen.wholeStage", "false")
            .with("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    try (Home home = Home.open(Path.of(arguments[0]))) {
      Vacuum vacuum =
          new Vacuum(
              SparkSessions.start("killed", settings), home, Events.open(home), Retention.DEFAULT);
      VacuumPlan plan = vacuum.plan(List.of(DatasetName.parse(arguments[1]))).get(0);
      vacuum.delete(plan, new Actor("ada", "ship", null), "killed");
    }
    System.exit(0);
  }

  /**
   * Starts the process.
   *
   * @param after how many deletions of data files it comes through
   */
  static Process start(Path home, String dataset, int after, Path log)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("--add-")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of(
            "-Xmx700m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-D" + AFTER + "=" + after,
            "-Duser.timezone=UTC"));
    command.addAll(ClassArchive.options());
    command.addAll(List.of(KilledVacuum.class.getName(), home.toString(), dataset));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }
}
