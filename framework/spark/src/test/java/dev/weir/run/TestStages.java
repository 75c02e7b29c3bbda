package dev.weir.run;

import dev.weir.artifact.DatasetVersion;
import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.WeirException;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.profile.ColumnAccumulator;
import dev.weir.profile.DatasetAccumulator;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.ValueKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** Small stages for tests of the runner. */
final class TestStages {
  /** What stages of a test share, by the name that their record carries. */
  static final Map<String, AtomicInteger> CALLS = new ConcurrentHashMap<>();

  static final Map<String, CountDownLatch> REACHED = new ConcurrentHashMap<>();

  private static final Map<String, Meeting> MEETINGS = new ConcurrentHashMap<>();

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

  /** Says what is in the numbers that it reads, and lets them pass unless they are too many. */
  record Profiles(Input from, int most) implements Stage {
    @Override
    public void run(StageContext context) {
      ColumnAccumulator ids = ColumnAccumulator.of("id", "bigint", ValueKind.INTEGER);
      DatasetAccumulator rows = new DatasetAccumulator(List.of(ids));
      for (Row row : context.read(from).collectAsList()) {
        ids.update(row.getLong(0));
        rows.endRow();
      }
      DatasetProfile profile = rows.profile();
      context.profile(profile, context.version(from));
      if (profile.rows() > most) {
        throw new GateException("too-many", "There are too many.", "Take fewer.");
      }
    }
  }

  /** Says what is in a version that it neither read nor wrote. */
  record ProfilesAnother(Input from) implements Stage {
    @Override
    public void run(StageContext context) {
      DatasetVersion read = context.version(from);
      context.profile(
          new DatasetProfile(0, List.of()), new DatasetVersion(read.name(), read.version() + 1));
    }
  }

  /** Removes a file that is there. */
  record Removes(String file) implements Stage {
    @Override
    public void run(StageContext context) throws IOException {
      Files.delete(Path.of(file));
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

  /** Where two stages meet, and what each saw there. */
  static final class Meeting {
    private final CyclicBarrier barrier = new CyclicBarrier(2);
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> left = new ConcurrentHashMap<>();
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    private void meet() throws Exception {
      barrier.await(60, TimeUnit.SECONDS);
    }

    Seen seen(String stage) {
      return Objects.requireNonNull(seen.get(stage), stage);
    }

    /** The stages that were done when another began. */
    Set<String> left(String stage) {
      return Objects.requireNonNull(left.get(stage), stage);
    }
  }

  /**
   * What a stage found.
   *
   * @param settings the settings of its session that stages of the meeting made
   */
  record Seen(SparkSession session, String pool, Set<String> tags, Set<String> settings) {}

  static Meeting meeting(String key) {
    return MEETINGS.computeIfAbsent(key, k -> new Meeting());
  }

  /** Makes a setting, meets the other stage, and looks around. */
  record Meets(String key) implements Stage {
    @Override
    public void run(StageContext context) throws Exception {
      Meeting meeting = meeting(key);
      String stage = context.settings().stage();
      SparkSession session = context.spark();
      session.conf().set("weir.test." + stage, "mine");
      meeting.meet();
      var spark = session.sparkContext();
      Set<String> settings =
          new TreeSet<>(CollectionConverters.asJava(session.conf().getAll()).keySet());
      settings.removeIf(name -> !name.startsWith("weir.test."));
      meeting.seen.put(
          stage,
          new Seen(
              session,
              spark.getLocalProperty("spark.scheduler.pool"),
              Set.copyOf(CollectionConverters.asJava(spark.getJobTags())),
              settings));
      meeting.meet();
      session.range(1000).count();
      meeting.done.add(stage);
    }
  }

  /** Notes which stages of a meeting are done. */
  record Leaves(String key) implements Stage {
    @Override
    public void run(StageContext context) {
      Meeting meeting = meeting(key);
      meeting.left.put(context.settings().stage(), Set.copyOf(meeting.done));
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
