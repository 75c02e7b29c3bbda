package dev.weir.cli;

import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.ForeachFunction;

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
}
