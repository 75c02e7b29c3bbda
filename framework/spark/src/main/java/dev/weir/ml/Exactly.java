package dev.weir.ml;

import static org.apache.spark.sql.functions.udaf;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.expressions.Aggregator;
import org.jspecify.annotations.Nullable;

/**
 * Sums and means of a column of doubles that don't depend on the order of rows and partitions.
 *
 * <p>Nulls are left out, and the result of nothing else is null, as in Spark's {@code sum} and
 * {@code avg}, whose last digits depend on that order.
 */
final class Exactly {
  private Exactly() {}

  /** The sum, rounded once. */
  static Column sum(Column values) {
    return udaf(new Sum(), Encoders.DOUBLE()).apply(values);
  }

  /** The mean, rounded once. */
  static Column mean(Column values) {
    return udaf(new Mean(), Encoders.DOUBLE()).apply(values);
  }

  private abstract static class Summing
      extends Aggregator<@Nullable Double, ExactSum, @Nullable Double> {
    private static final long serialVersionUID = 1;

    @Override
    public ExactSum zero() {
      return new ExactSum();
    }

    @Override
    public ExactSum reduce(ExactSum sum, @Nullable Double value) {
      if (value != null) {
        sum.add(value);
      }
      return sum;
    }

    @Override
    public ExactSum merge(ExactSum sum, ExactSum other) {
      sum.add(other);
      return sum;
    }

    @Override
    public Encoder<ExactSum> bufferEncoder() {
      return Encoders.javaSerialization(ExactSum.class);
    }

    @Override
    public Encoder<@Nullable Double> outputEncoder() {
      return Encoders.DOUBLE();
    }
  }

  private static final class Sum extends Summing {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Double finish(ExactSum sum) {
      return sum.count() == 0 ? null : sum.sum();
    }
  }

  private static final class Mean extends Summing {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Double finish(ExactSum sum) {
      return sum.count() == 0 ? null : sum.mean();
    }
  }
}
