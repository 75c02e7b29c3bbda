package dev.weir.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;

/**
 * A stage of a user's own: copies applications behind a shuffle. The first task of all that come
 * there writes its process's number into the file {@code marker} and waits until it is killed;
 * where the file is there already, no task waits.
 */
public record HoldsOnce(Input from, Output into, String marker) implements Stage {
  @Override
  public void run(StageContext context) {
    String file = marker;
    UserDefinedFunction held =
        udf((UDF1<Long, Long>) value -> hold(file, value), DataTypes.LongType);
    context.write(
        into,
        context
            .read(from)
            .repartition(4, col("application_id"))
            .withColumn("application_id", held.apply(col("application_id"))));
  }

  private static long hold(String marker, long value) {
    Path file = Path.of(marker);
    if (Files.exists(file)) {
      return value;
    }
    try {
      Files.writeString(
          file, String.valueOf(ProcessHandle.current().pid()), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      return value; // Another one waits.
    } catch (IOException e) {
      throw new UncheckedIOException("Can't write " + marker, e);
    }
    while (true) {
      LockSupport.park();
    }
  }
}
