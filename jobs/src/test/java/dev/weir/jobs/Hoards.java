package dev.weir.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;

/** A stage of a user's own whose tasks hold more and more until there is no memory. */
public record Hoards(Input from, Output into) implements Stage {
  @Override
  public void run(StageContext context) {
    UserDefinedFunction hoarded = udf((UDF1<Long, Long>) Hoards::hoard, DataTypes.LongType);
    context.write(
        into,
        context.read(from).withColumn("application_id", hoarded.apply(col("application_id"))));
  }

  private static long hoard(long value) {
    List<byte[]> held = new ArrayList<>();
    while (held.size() < Integer.MAX_VALUE) {
      held.add(new byte[1_000_000]);
    }
    return value + held.size();
  }
}
