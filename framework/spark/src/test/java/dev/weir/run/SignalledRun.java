package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;

import dev.weir.feature.Sql;
import dev.weir.ml.Register;
import dev.weir.ml.Train;
import dev.weir.pipeline.Pipeline;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.VectorAssembler;

/**
 * A process that runs a pipeline of three stages, and is sent a signal right before one of its
 * steps becomes durable.
 */
final class SignalledRun {
  private static final String SIGNAL = "weir.test.signal";
  private static final String AT = "weir.test.at";
  private static final String STEPS = "weir.test.steps";

  private SignalledRun() {}

  /** Is told of the steps of its process, and sends the process a signal before one. */
  public static final class Signaller implements Consumer<String> {
    @Override
    public void accept(String file) {
      // Not a step: nobody needs a checksum, and it is written whenever there is time.
      if (file.endsWith(".crc")) {
        return;
      }
      String at = System.getProperty(AT, "");
      if (at.isEmpty()) {
        note(file);
      } else if (file.endsWith(at)) {
        note(file);
        signal();
      }
    }

    private static synchronized void note(String step) {
      try {
        Files.writeString(
            Path.of(System.getProperty(STEPS)),
            step + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.SYNC);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void signal() {
      try {
        new ProcessBuilder(
                "kill",
                "-" + System.getProperty(SIGNAL),
                String.valueOf(ProcessHandle.current().pid()))
            .start()
            .waitFor();
        // It comes at some moment after this; one that is only stopped goes on from here.
        Thread.sleep(500);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static Pipeline pipeline() {
    return Pipeline.named("sweep")
        .stage(
            "rows",
            new Sql(
                List.of(),
                to("t.rows"),
                Sql.statement(
                    "select id, id % 7 as x, if(id % 7 * 3 + id % 5 > 11, 1.0, 0.0) as label from range(200)")))
        .stage(
            "train",
            new Train(
                    from("t.rows"),
                    toModel("t.model"),
                    "label",
                    new VectorAssembler().setInputCols(new String[] {"x"}).setOutputCol("features"),
                    new LogisticRegression().setMaxIter(5))
                .withKey("id"))
        .stage("register", new Register(model("t.model"), from("t.rows")))
        .build();
  }

  static RunRequest request(URI home, SparkSettings settings, Duration lease) {
    RunRequest plain = RunRequest.of(pipeline(), home, home, settings);
    return new RunRequest(
        plain.run(),
        plain.pipeline(),
        home,
        home,
        settings,
        List.of(),
        plain.parallelism(),
        lease,
        plain.environment(),
        null,
        Selection.ALL,
        null);
  }

  /** Runs the pipeline in a home, and prints how that ended. */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    run(request(home.toUri(), settings(), Duration.ofMillis(Long.parseLong(arguments[1]))));
  }

  /** How Spark is started in such a process. */
  static SparkSettings settings() {
    return SparkSettings.bare()
        .with("spark.master", "local[1]")
        .with("spark.ui.enabled", "false")
        .with("spark.sql.shuffle.partitions", "1")
        .with("spark.databricks.delta.snapshotPartitions", "1")
        // Nothing here is worth compiling.
        .with("spark.sql.codegen.wholeStage", "false")
        .with("spark.sql.codegen.factoryMode", "NO_CODEGEN");
  }

  /** Runs what is asked for, prints how that ended, and ends the process. */
  static void run(RunRequest request) throws InterruptedException {
    try (Runner runner = Runner.open(request, event -> {})) {
      RunResult result = runner.start().await();
      System.out.println(result.state() + " " + result.error());
    }
    System.exit(0);
  }

  /**
   * Starts the process. Its output is in files beside the home.
   *
   * @param at before which step, by the end of its file's name; empty for none, and a note of each
   */
  static Process start(Path home, Duration lease, String signal, String at)
      throws IOException, InterruptedException {
    return start(home, lease, signal, at, ClassArchive.options());
  }

  /** The same, with options that say where its classes are. */
  static Process start(Path home, Duration lease, String signal, String at, List<String> classes)
      throws IOException {
    return start(home, lease, signal, at, classes, SignalledRun.class);
  }

  /** The same for a class of another pipeline. */
  static Process start(
      Path home, Duration lease, String signal, String at, List<String> classes, Class<?> main)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Its modules too: without Java's vectors the same model has other last digits.
      if (option.startsWith("--add-")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of(
            "-Xmx700m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dweir.steps=" + Signaller.class.getName(),
            "-D" + SIGNAL + "=" + signal,
            "-D" + AT + "=" + at,
            "-D" + STEPS + "=" + steps(home)));
    command.addAll(classes);
    command.addAll(List.of(main.getName(), home.toString(), String.valueOf(lease.toMillis())));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(beside(home, ".out").toFile())
            .redirectError(beside(home, ".err").toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  /** The file of the steps before which a process was sent a signal, or of all its steps. */
  static Path steps(Path home) {
    return beside(home, ".steps");
  }

  /** What a process printed. */
  static String out(Path home) {
    return read(beside(home, ".out"));
  }

  /** What a process logged. */
  static String errors(Path home) {
    return read(beside(home, ".err"));
  }

  static Path beside(Path home, String ending) {
    return home.resolveSibling(home.getFileName() + ending);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
