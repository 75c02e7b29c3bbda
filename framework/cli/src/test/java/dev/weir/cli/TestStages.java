package dev.weir.cli;

import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.ForeachFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;

/** Stages of a user's own, as pipelines of tests name them. */
public final class TestStages {
  private TestStages() {}

  /** Fails for good. */
  public record Fails(String message) implements Stage {
    @Override
    public void run(StageContext context) {
      throw new IllegalStateException(message);
    }
  }

  /** Fails unless a file is there. */
  public record FailsWithout(String file) implements Stage {
    @Override
    public void run(StageContext context) {
      if (!Files.exists(Path.of(file))) {
        throw new IllegalStateException("There is no " + file);
      }
    }
  }

  /** Does nothing. */
  public record Nothing() implements Stage {
    @Override
    public void run(StageContext context) {}
  }

  /** Writes one row; before that, if asked to hang, says so and runs a job without an end. */
  public record Hangs(Output into, boolean hang) implements Stage {
    /** What it prints once its job runs. */
    static final String REACHED = "the endless job runs";

    @Override
    public void run(StageContext context) {
      if (hang) {
        context
            .spark()
            .range(0, 1, 1, 1)
            .foreach(
                (ForeachFunction<Long>)
                    number -> {
                      System.out.println(REACHED);
                      // Spark interrupts nothing unless told to; a task asks whether it was killed.
                      while (!TaskContext.get().isInterrupted()) {
                        Thread.onSpinWait();
                      }
                      throw new TaskKilledException("killed");
                    });
      }
      context.write(into, context.spark().range(1).toDF());
    }
  }

  /** Runs out of memory unless a file is there. */
  public record HoardsWithout(String file) implements Stage {
    @Override
    public void run(StageContext context) {
      if (!Files.exists(Path.of(file))) {
        Hoards.hoard();
      }
    }
  }

  /** Holds more and more until there is no memory: itself, in a task, or in a thread of its own. */
  public record Hoards(String where) implements Stage {
    @Override
    public void run(StageContext context) throws InterruptedException {
      switch (where) {
        case "task" ->
            context.spark().range(0, 1, 1, 1).foreach((ForeachFunction<Long>) number -> hoard());
        case "thread" -> {
          Thread thread = new Thread(Hoards::hoard);
          thread.start();
          thread.join();
        }
        case "cause" -> {
          try {
            hoard();
          } catch (OutOfMemoryError e) {
            throw new IllegalStateException("the work was in vain", e);
          }
        }
        default -> hoard();
      }
    }

    private static void hoard() {
      List<byte[]> held = new ArrayList<>();
      while (held.size() < Integer.MAX_VALUE) {
        held.add(new byte[100_000]);
      }
      System.out.println(held);
    }
  }

  /** A task that calls itself without an end. */
  public record Recurses() implements Stage {
    @Override
    public void run(StageContext context) {
      context
          .spark()
          .range(0, 1, 1, 1)
          .foreach((ForeachFunction<Long>) number -> System.out.println(depth(number)));
    }

    private static long depth(long number) {
      return number < 0 ? 0 : depth(number + 1) - 1;
    }
  }

  /** Hangs and hears no interrupt: itself or in a Spark task. */
  public record Stuck(boolean task) implements Stage {
    static final String REACHED = "stuck";

    @Override
    public void run(StageContext context) {
      if (task) {
        context.spark().range(0, 1, 1, 1).foreach((ForeachFunction<Long>) number -> hang());
      } else {
        hang();
      }
    }

    private static void hang() {
      System.out.println(REACHED);
      while (true) {
        Thread.onSpinWait();
      }
    }
  }

  /** Prints without an end, and so waits for whoever does not read it, with the output held. */
  public record Prints() implements Stage {
    @Override
    public void run(StageContext context) {
      while (true) {
        System.out.println("more");
      }
    }
  }

  /** Says that it runs, and sleeps until a file is there. */
  public record AwaitsFile(String file) implements Stage {
    /** What it prints first. */
    static final String REACHED = "the stage sleeps";

    @Override
    public void run(StageContext context) throws Exception {
      System.out.println(REACHED);
      while (!Files.exists(Path.of(file))) {
        Thread.sleep(20);
      }
    }
  }

  /** Writes ten numbers, in the moment in which other drivers do. */
  public record Meets(Output into, String folder, int drivers) implements Stage {
    @Override
    public void run(StageContext context) {
      String place = folder;
      int awaited = drivers;
      context.write(
          into,
          context
              .spark()
              .range(0, 10, 1, 1)
              .map(
                  (MapFunction<Long, Long>)
                      number -> {
                        meet(Path.of(place), awaited);
                        return number;
                      },
                  Encoders.LONG())
              .toDF("id"));
    }

    /** Amid the write: Delta's transaction has begun. */
    private static void meet(Path folder, int drivers) throws Exception {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(String.valueOf(ProcessHandle.current().pid())), "");
      while (true) {
        try (Stream<Path> here = Files.list(folder)) {
          if (here.count() >= drivers) {
            return;
          }
        }
        Thread.sleep(20);
      }
    }
  }
}
