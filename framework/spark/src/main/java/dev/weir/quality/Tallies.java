package dev.weir.quality;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.util.AccumulatorV2;

/**
 * Brings the tallies of partitions to the driver, beside whatever the tasks give. A partition that
 * is read again, for a lost or a slow task, is counted once.
 */
final class Tallies extends AccumulatorV2<Tallies.Part, Tally> {
  private static final long serialVersionUID = 1L;

  private final Layout layout;

  /** Of the tasks of this copy, and not yet merged. */
  private final Map<Integer, Tally> parts = new HashMap<>();

  private final BitSet merged = new BitSet();
  private final Tally whole;

  /** The tally of a partition. */
  record Part(int partition, Tally tally) {}

  Tallies(Layout layout) {
    this.layout = layout;
    this.whole = new Tally(layout);
  }

  @Override
  public boolean isZero() {
    return parts.isEmpty() && merged.isEmpty();
  }

  @Override
  public Tallies copy() {
    Tallies copy = new Tallies(layout);
    copy.parts.putAll(parts);
    copy.merged.or(merged);
    copy.whole.merge(whole);
    return copy;
  }

  @Override
  public Tallies copyAndReset() {
    return new Tallies(layout);
  }

  @Override
  public void reset() {
    throw new UnsupportedOperationException("A scan is done once");
  }

  @Override
  public void add(Part part) {
    parts.put(part.partition(), part.tally());
  }

  @Override
  public void merge(AccumulatorV2<Part, Tally> other) {
    ((Tallies) other)
        .parts.forEach(
            (partition, tally) -> {
              if (!merged.get(partition)) {
                merged.set(partition);
                whole.merge(tally);
              }
            });
  }

  @Override
  public Tally value() {
    return whole;
  }

  /** How many partitions it is of. */
  int partitions() {
    return merged.cardinality();
  }
}
