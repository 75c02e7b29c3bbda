package dev.weir.ml;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A transformer such as a user would write in Java. */
public final class Doubler extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> inputCol;
  private final IntParam factor;

  public Doubler(String uid) {
    this.uid = uid;
    // After the uid: a parameter remembers whose it is.
    this.inputCol = new Param<>(this, "inputCol", "the column to multiply");
    this.factor = new IntParam(this, "factor", "by how much");
    setDefault(factor, 2);
    setDefault(inputCol, "income");
  }

  public Param<String> inputCol() {
    return inputCol;
  }

  public IntParam factor() {
    return factor;
  }

  Doubler factor(int value) {
    set(factor, value);
    return this;
  }

  /** MLlib's reader looks for it. */
  public static MLReader<Doubler> read() {
    return new org.apache.spark.ml.util.DefaultParamsReader<>();
  }

  @Override
  public MLWriter write() {
    return new org.apache.spark.ml.util.DefaultParamsWriter(this);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    String name = getOrDefault(inputCol);
    return dataset.toDF().withColumn("doubled", functions.col(name).multiply(getOrDefault(factor)));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    schema.fieldIndex(getOrDefault(inputCol));
    return schema.add("doubled", DataTypes.DoubleType);
  }

  @Override
  public Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public String uid() {
    return uid;
  }
}
