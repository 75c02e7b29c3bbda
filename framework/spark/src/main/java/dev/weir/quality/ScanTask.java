package dev.weir.quality;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Counts the rows of a partition, and gives the values that have to be brought together: for each
 * row and grouping its number, the values as bytes, 1 row, and whether they are known.
 *
 * @param fixed the values that {@link Layout} describes, as expressions of a row
 * @param keys of each grouping, the values to be brought together
 * @param numbers of each grouping, its number
 * @param profiled the columns of the batches if their profile is wanted, or null
 * @param parts the parts of the rows that are looked into as well
 * @param tallies where the counts go, or null for another dataset, whose values are known and of
 *     which no row is counted
 */
record ScanTask(
    Layout layout,
    List<Expression> fixed,
    List<List<Expression>> keys,
    List<Integer> numbers,
    @Nullable StructType profiled,
    List<Parts> parts,
    @Nullable Tallies tallies)
    implements FlatMapFunction<Iterator<ColumnarBatch>, InternalRow> {
  private static final long serialVersionUID = 1L;

  ScanTask {
    // Lists that Java serializes.
    fixed = new ArrayList<>(fixed);
    keys = new ArrayList<>(keys.stream().map(ArrayList::new).toList());
    numbers = new ArrayList<>(numbers);
    parts = new ArrayList<>(parts);
  }

  @Override
  public Iterator<InternalRow> call(Iterator<ColumnarBatch> batches) {
    return new Scanner(batches);
  }

  private final class Scanner implements Iterator<InternalRow> {
    private final Iterator<ColumnarBatch> batches;
    private final UnsafeProjection projection = projection(fixed);
    private final UnsafeProjection[] values =
        keys.stream().map(ScanTask::projection).toArray(UnsafeProjection[]::new);
    private final Tally tally = new Tally(layout);
    private final @Nullable Profiler profiler = profiled == null ? null : new Profiler(profiled);
    private final List<PartProfiler> partProfilers =
        profiled == null
            ? List.of()
            : parts.stream().map(each -> new PartProfiler(each, profiled)).toList();
    private final Queue<InternalRow> waiting = new ArrayDeque<>();
    private boolean ended;

    Scanner(Iterator<ColumnarBatch> batches) {
      this.batches = batches;
    }

    @Override
    public boolean hasNext() {
      while (waiting.isEmpty() && batches.hasNext()) {
        scan(batches.next());
      }
      if (waiting.isEmpty() && !ended) {
        ended = true;
        if (profiler != null) {
          tally.profile(profiler.profile());
        }
        partProfilers.forEach(each -> tally.parts(each.profiles()));
        if (tallies != null) {
          tallies.add(new Tallies.Part(TaskContext.getPartitionId(), tally));
        }
      }
      return !waiting.isEmpty();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException("The partition has been read");
      }
      return Objects.requireNonNull(waiting.poll());
    }

    private void scan(ColumnarBatch batch) {
      int rows = batch.numRows();
      if (profiler != null) {
        profiler.add(batch);
      }
      partProfilers.forEach(each -> each.add(batch));
      if (fixed.isEmpty()) {
        tally.add(rows);
        return;
      }
      int first = layout.figures();
      for (int i = 0; i < rows; i++) {
        InternalRow row = batch.getRow(i);
        UnsafeRow found = projection.apply(row);
        tally.add(found);
        for (int grouping = 0; grouping < values.length; grouping++) {
          if (found.getBoolean(first + grouping)) {
            waiting.add(
                new GenericInternalRow(
                    new Object[] {
                      numbers.get(grouping),
                      values[grouping].apply(row).copy().getBytes(),
                      tallies == null ? 0L : 1L,
                      tallies == null
                    }));
          }
        }
      }
    }
  }

  private static UnsafeProjection projection(List<Expression> expressions) {
    return UnsafeProjection.create(CollectionConverters.asScala(expressions).toSeq());
  }
}
