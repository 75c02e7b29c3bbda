package dev.weir.ml;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * The areas under the ROC and the precision-recall curve of one score, with a point for every
 * distinct score.
 *
 * <p>Points and trapezoids are those of MLlib's {@code BinaryClassificationMetrics}: the second
 * curve begins at recall 0 with the precision of the highest score. Everything is counted in
 * integers until the last step, so that the order of rows and partitions does not matter.
 */
record Areas(double roc, double pr) {
  /** How many distinct scores are counted at once before they are sent to be sorted. */
  private static final int MOST_AT_ONCE = 1 << 18;

  /** The highest bit of a key, which no score has: set for the second score. */
  private static final long SECOND = Long.MIN_VALUE;

  /**
   * The areas of one or two scores, in this order; one Spark job for one partition, else three.
   *
   * @param rows a label of 0 or 1 and then the scores, all doubles, the scores from 0 to 1
   * @param scores 1 or 2
   * @param positives how many labels are 1, not none
   * @param negatives how many are 0, not none
   * @param partitions into how many ranges the distinct scores are split; it changes no digit
   */
  static List<Areas> of(
      JavaRDD<Row> rows, int scores, long positives, long negatives, int partitions) {
    JavaPairRDD<Long, long[]> sorted =
        rows.mapPartitionsToPair(part -> new Counting(part, scores)).sortByKey(false, partitions);
    List<long[][]> before = before(sorted, scores);
    Curve[] curves =
        sorted
            .mapPartitionsWithIndex(
                (index, part) -> Collections.singleton(sweep(part, before.get(index))).iterator(),
                true)
            .reduce(Areas::merge);
    List<Areas> areas = new ArrayList<>();
    for (Curve curve : curves) {
      areas.add(curve.areas(positives, negatives));
    }
    return areas;
  }

  /** By partition and score, how many positives and negatives have a higher one. */
  private static List<long[][]> before(JavaPairRDD<Long, long[]> sorted, int scores) {
    List<long[][]> before = new ArrayList<>();
    before.add(new long[scores][2]);
    if (sorted.getNumPartitions() == 1) {
      return before;
    }
    for (long[][] counts :
        sorted
            .mapPartitions(part -> Collections.singleton(total(part, scores)).iterator())
            .collect()) {
      long[][] last = before.get(before.size() - 1);
      for (int i = 0; i < scores; i++) {
        counts[i][0] += last[i][0];
        counts[i][1] += last[i][1];
      }
      before.add(counts);
    }
    return before;
  }

  private static long[][] total(Iterator<Tuple2<Long, long[]>> part, int scores) {
    long[][] total = new long[scores][2];
    while (part.hasNext()) {
      Tuple2<Long, long[]> next = part.next();
      long[] of = total[next._1() < 0 ? 1 : 0];
      of[0] += next._2()[0];
      of[1] += next._2()[1];
    }
    return total;
  }

  private static Curve[] sweep(Iterator<Tuple2<Long, long[]>> part, long[][] before) {
    Curve[] curves = new Curve[before.length];
    for (int i = 0; i < curves.length; i++) {
      curves[i] = new Curve(before[i][0], before[i][1]);
    }
    long key = 0;
    long[] tied = {0, 0};
    while (part.hasNext()) {
      Tuple2<Long, long[]> next = part.next();
      if (next._1() != key) {
        curves[key < 0 ? 1 : 0].point(tied[0], tied[1]);
        key = next._1();
        tied = new long[] {0, 0};
      }
      tied[0] += next._2()[0];
      tied[1] += next._2()[1];
    }
    curves[key < 0 ? 1 : 0].point(tied[0], tied[1]);
    return curves;
  }

  private static Curve[] merge(Curve[] curves, Curve[] others) {
    for (int i = 0; i < curves.length; i++) {
      curves[i].add(others[i]);
    }
    return curves;
  }

  /** What lies under a part of the two curves, from a score down to a lower one. */
  private static final class Curve implements Serializable {
    private static final long serialVersionUID = 1;

    private long truePositives;
    private long falsePositives;

    /** Twice the area, in units of one positive by one negative. */
    private BigInteger roc = BigInteger.ZERO;

    /** Twice the area, in units of one positive. */
    private final ExactSum pr = new ExactSum();

    Curve(long truePositives, long falsePositives) {
      this.truePositives = truePositives;
      this.falsePositives = falsePositives;
    }

    /** Lowers the threshold to the next score. */
    void point(long positives, long negatives) {
      if (positives + negatives == 0) {
        return;
      }
      roc =
          roc.add(
              BigInteger.valueOf(negatives)
                  .multiply(BigInteger.valueOf(2 * truePositives + positives)));
      boolean first = truePositives + falsePositives == 0;
      double above = first ? 0 : precision();
      truePositives += positives;
      falsePositives += negatives;
      double precision = precision();
      pr.add(positives * (precision + (first ? precision : above)));
    }

    private double precision() {
      return (double) truePositives / (truePositives + falsePositives);
    }

    void add(Curve other) {
      roc = roc.add(other.roc);
      pr.add(other.pr);
    }

    Areas areas(long positives, long negatives) {
      BigDecimal whole =
          BigDecimal.valueOf(2)
              .multiply(BigDecimal.valueOf(positives))
              .multiply(BigDecimal.valueOf(negatives));
      return new Areas(
          new BigDecimal(roc).divide(whole, MathContext.DECIMAL128).doubleValue(),
          pr.sum() / (2.0 * positives));
    }
  }

  /** Counts positives and negatives by score, as many scores at once as have room. */
  private static final class Counting implements Iterator<Tuple2<Long, long[]>> {
    private final Iterator<Row> rows;
    private final int scores;
    private Iterator<Map.Entry<Long, long[]>> counted = Collections.emptyIterator();

    Counting(Iterator<Row> rows, int scores) {
      this.rows = rows;
      this.scores = scores;
    }

    @Override
    public boolean hasNext() {
      if (!counted.hasNext() && rows.hasNext()) {
        counted = count();
      }
      return counted.hasNext();
    }

    @Override
    public Tuple2<Long, long[]> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Map.Entry<Long, long[]> next = counted.next();
      return new Tuple2<>(next.getKey(), next.getValue());
    }

    private Iterator<Map.Entry<Long, long[]>> count() {
      Map<Long, long[]> counts = new HashMap<>();
      while (rows.hasNext() && counts.size() < MOST_AT_ONCE) {
        Row row = rows.next();
        int side = row.getDouble(0) == 1.0 ? 0 : 1;
        for (int i = 0; i < scores; i++) {
          // The bits of doubles from 0 on are in the order of the doubles; -0.0 becomes 0.0.
          long score = Double.doubleToRawLongBits(row.getDouble(1 + i) + 0.0);
          counts.computeIfAbsent(i == 0 ? score : score | SECOND, key -> new long[2])[side]++;
        }
      }
      return counts.entrySet().iterator();
    }
  }
}
