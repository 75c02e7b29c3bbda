package dev.weir.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.objects.Invoke;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.ObjectType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Rows that the tasks of a write put into files of their own while they write others, so that two
 * tables are made of one pass over what both come from.
 *
 * <p>A task that is tried again writes another file. Which files count is said by what Spark takes
 * over from tasks that succeeded, one of each partition; where that does not come to the rows that
 * there must be, whoever asks is told that nothing is known, and makes a pass of its own.
 */
public final class SideRows implements AutoCloseable {
  /** What a task has put aside. */
  private record Part(int partition, String file, long rows) implements Serializable {}

  private final SparkSession spark;
  private final StructType schema;
  private final ScratchFolder folder;
  private final Broadcast<SerializableConfiguration> configuration;
  private final CollectionAccumulator<Part> parts = new CollectionAccumulator<>();

  private SideRows(SparkSession spark, StructType schema, ScratchFolder folder) {
    this.spark = spark;
    this.schema = schema;
    this.folder = folder;
    this.configuration =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(new SerializableConfiguration(folder.configuration()));
    // Without a name: Spark keeps the whole value of a named one with every task.
    spark.sparkContext().register(parts);
  }

  /**
   * None yet.
   *
   * @param scratch a folder that driver and executors reach
   * @param schema of the rows
   */
  public static SideRows under(
      URI scratch, org.apache.spark.sql.SparkSession spark, StructType schema) {
    return new SideRows(
        (SparkSession) spark,
        schema,
        ScratchFolder.under(scratch, spark.sparkContext().hadoopConfiguration()));
  }

  /**
   * Puts a row aside, and is false.
   *
   * @param row a struct of the schema; evaluated for rows to put aside only, such as by {@code
   *     when(broken, ...)}
   */
  public Column keep(Column row) {
    return ExpressionUtils.column(
        new Invoke(
            Literal.fromObject(
                new Keeper(schema, folder.uri(), configuration, parts),
                new ObjectType(Keeper.class)),
            "keep",
            DataTypes.BooleanType,
            CollectionConverters.asScala(List.of(ExpressionUtils.expression(row))).toSeq(),
            CollectionConverters.asScala(List.<org.apache.spark.sql.types.AbstractDataType>of())
                .toSeq(),
            false,
            false,
            false));
  }

  /**
   * The rows that were put aside; can be read until this is closed.
   *
   * @param expected how many there must be
   * @return nothing if these can't be told from those of tasks that were tried more than once
   */
  public Optional<Dataset<Row>> rows(long expected) {
    Map<Integer, Part> last = new TreeMap<>();
    parts.value().forEach(part -> last.put(part.partition(), part));
    if (last.values().stream().mapToLong(Part::rows).sum() != expected) {
      return Optional.empty();
    }
    List<String> files = last.values().stream().map(Part::file).toList();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> read = configuration;
    int width = schema.size();
    return Optional.of(
        spark.internalCreateDataFrame(
            context
                .parallelize(
                    files, Math.max(1, Math.min(files.size(), context.defaultParallelism())))
                .<InternalRow>flatMap(file -> new Reader(file, read.value(), width))
                .rdd(),
            schema,
            false));
  }

  /** Removes the files. */
  @Override
  public void close() {
    try {
      configuration.destroy();
    } finally {
      folder.delete();
    }
  }

  /** The part of it that is in every task; public for the code that Spark makes. */
  public static final class Keeper implements Serializable {
    private static final long serialVersionUID = 1L;

    private final StructType schema;
    private final String folder;
    private final Broadcast<SerializableConfiguration> configuration;
    private final CollectionAccumulator<Part> parts;
    private transient @Nullable Writer writer;

    private Keeper(
        StructType schema,
        String folder,
        Broadcast<SerializableConfiguration> configuration,
        CollectionAccumulator<Part> parts) {
      this.schema = schema;
      this.folder = folder;
      this.configuration = configuration;
      this.parts = parts;
    }

    /** Puts a row aside; always false. */
    public boolean keep(InternalRow row) {
      TaskContext task = TaskContext.get();
      Writer open = writer;
      if (open == null || open.attempt != task.taskAttemptId()) {
        open = new Writer(task);
        writer = open;
      }
      open.write(row);
      return false;
    }

    @Override
    public String toString() {
      return "rows to " + folder;
    }

    private final class Writer {
      private final long attempt;
      private final String file;
      private final DataOutputStream out;
      private final UnsafeProjection projection = UnsafeProjection.create(schema);
      private long rows;

      Writer(TaskContext task) {
        this.attempt = task.taskAttemptId();
        this.file = "%s/%d-%d".formatted(folder, task.partitionId(), attempt);
        try {
          this.out =
              new DataOutputStream(
                  ScratchFolder.create(new Path(file), configuration.value().value()));
        } catch (IOException e) {
          throw new UncheckedIOException("Can't put rows aside in " + file, e);
        }
        int partition = task.partitionId();
        // What is added here counts if the task succeeds; if this fails, it does not.
        var unused =
            task.addTaskCompletionListener(
                (TaskCompletionListener)
                    done -> {
                      end();
                      parts.add(new Part(partition, file, rows));
                    });
      }

      void write(InternalRow row) {
        try {
          UnsafeRow flat = projection.apply(row);
          out.writeInt(flat.getSizeInBytes());
          out.write(flat.getBytes());
          rows++;
        } catch (IOException e) {
          throw new UncheckedIOException("Can't put rows aside in " + file, e);
        }
      }

      private void end() {
        try (out) {
          out.writeInt(END);
        } catch (IOException e) {
          throw new UncheckedIOException("Can't put rows aside in " + file, e);
        }
      }
    }
  }

  private static final int END = -1;

  /** The rows of one file. */
  private static final class Reader implements Iterator<InternalRow> {
    private final String file;
    private final int width;
    private final DataInputStream in;
    private int next;

    Reader(String file, SerializableConfiguration configuration, int width) {
      this.file = file;
      this.width = width;
      Path path = new Path(file);
      try {
        this.in =
            new DataInputStream(
                new BufferedInputStream(
                    path.getFileSystem(configuration.value()).open(path), 1 << 16));
        var unused =
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) done -> close());
        this.next = in.readInt();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    @Override
    public boolean hasNext() {
      return next != END;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException("The file has been read");
      }
      try {
        byte[] bytes = in.readNBytes(next);
        UnsafeRow row = new UnsafeRow(width);
        row.pointTo(bytes, bytes.length);
        next = in.readInt();
        return row;
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private UncheckedIOException unreadable(IOException e) {
      return new UncheckedIOException("Can't read the rows put aside in " + file, e);
    }
  }
}
