package dev.weir.run;

import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Small stages for tests of the runner. */
final class TestStages {
  /** What stages of a test share, by the name that their record carries. */
  static final Map<String, AtomicInteger> CALLS = new ConcurrentHashMap<>();

  static final Map<String, CountDownLatch> REACHED = new ConcurrentHashMap<>();

  private TestStages() {}

  static CountDownLatch reached(String key) {
    return REACHED.computeIfAbsent(key, k -> new CountDownLatch(1));
  }

  private static int call(String key) {
    return CALLS.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
  }

  /** Writes the numbers from 0. */
  record Numbers(Output into, long rows) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.spark().range(rows).toDF());
    }
  }

  /** Writes what it reads. */
  record Copy(Input from, Output into) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.read(from));
    }
  }

  /** Does nothing. */
  record Nothing() implements Stage {
    @Override
    public void run(StageContext context) {}
  }

  /** Fails until its {@code attempts}th call, with an error that passes by itself or not. */
  record Flaky(String key, int attempts, boolean passes) implements Stage {
    @Override
    public void run(StageContext context) {
      if (call(key) < attempts) {
        throw passes
            ? new WeirException("flaky", ErrorKind.TRANSIENT, "The other side is away.", "")
            : new IllegalStateException("broken for good");
      }
    }
  }

  /** Runs a Spark job that never ends by itself. */
  record Endless(String key) implements Stage {
    @Override
    public void run(StageContext context) {
      call(key);
      var spark = context.spark();
      reached(key).countDown();
      spark
          .range(0, 2, 1, 2)
          .foreach(
              (org.apache.spark.api.java.function.ForeachFunction<Long>)
                  number -> {
                    // Spark interrupts nothing unless told to; a task asks whether it was killed.
                    while (!org.apache.spark.TaskContext.get().isInterrupted()) {
                      Thread.onSpinWait();
                    }
                    throw new org.apache.spark.TaskKilledException("killed");
                  });
    }
  }

  /** Refuses. */
  record Gate(Input from) implements Stage {
    @Override
    public void run(StageContext context) {
      throw new GateException("checks-failed", "id > 5 holds for 2 of 10 rows.", "Look at them.");
    }
  }

  /** Declares an output and writes nothing. */
  record Forgets(Output into) implements Stage {
    @Override
    public void run(StageContext context) {}
  }

  /** Reads what it does not declare. */
  record Sneaks(Output into, String other) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.read(Input.from(other)));
    }
  }
}
