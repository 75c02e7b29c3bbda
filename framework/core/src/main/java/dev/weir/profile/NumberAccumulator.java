package dev.weir.profile;

import org.apache.datasketches.kll.KllDoublesSketch;
import org.jspecify.annotations.Nullable;

/** Makes the profile of numbers, and of what numbers stand for. */
final class NumberAccumulator extends ColumnAccumulator {
  private static final int BLOCK = 256;

  /** Values wait here, so that each sketch takes many at once while it is in the cache. */
  private final long[] keys = new long[BLOCK];

  private final double[] numbers = new double[BLOCK];
  private int waiting;

  private long nans;
  private @Nullable Moments moments;
  private final Counts counts = Counts.ofKeys();

  /** From the moment on when there are too many different values to count them. */
  private @Nullable DistinctCounter distinct;

  /** The values of which all were taken. */
  private KllDoublesSketch whole = KllDoublesSketch.newHeapInstance();

  /** Those that stand for others too. */
  private final KllDoublesSketch sample = KllDoublesSketch.newHeapInstance();

  NumberAccumulator(String name, String type, ValueKind kind) {
    super(name, type, kind);
  }

  @Override
  public void update(long value) {
    if (kind() == ValueKind.REAL) {
      update((double) value);
      return;
    }
    keys[waiting] = value;
    numbers[waiting] = value;
    if (++waiting == BLOCK) {
      flush();
    }
  }

  @Override
  public void update(double value) {
    if (kind() != ValueKind.REAL) {
      super.update(value);
    }
    if (Double.isNaN(value)) {
      nans++;
      return;
    }
    double number = value + 0.0; // -0.0 becomes 0.0
    keys[waiting] = Double.doubleToRawLongBits(number);
    numbers[waiting] = number;
    if (++waiting == BLOCK) {
      flush();
    }
  }

  private void flush() {
    if (waiting == 0) {
      return;
    }
    Moments block = Moments.of(numbers, waiting);
    moments = moments == null ? block : moments.merge(block);
    int next = 0;
    if (distinct == null) {
      next = count();
      if (next < waiting) {
        pour();
      }
    }
    DistinctCounter counter = distinct;
    if (counter != null && next < waiting) {
      for (int i = next; i < waiting; i++) {
        counter.update(keys[i]);
      }
      for (int i = next; i < waiting; i++) {
        int weight = weight();
        if (weight > 0) {
          counts.add(keys[i], weight);
          (weight == 1 ? whole : sample).update(numbers[i]);
        }
      }
    }
    waiting = 0;
  }

  /** Counts values exactly, up to the first that there is no place for. */
  private int count() {
    for (int i = 0; i < waiting; i++) {
      if (counts.full() && !counts.contains(keys[i])) {
        return i;
      }
      counts.add(keys[i], 1);
    }
    return waiting;
  }

  private void pour() {
    DistinctCounter counter = new DistinctCounter();
    counts.forEach((key, count, text) -> counter.update(key));
    counter.dense();
    distinct = counter;
    whole = counted();
  }

  private KllDoublesSketch counted() {
    KllDoublesSketch sketch = KllDoublesSketch.newHeapInstance();
    counts.forEach((key, count, text) -> sketch.update(number(key), count));
    return sketch;
  }

  @Override
  public ColumnProfile profile() {
    flush();
    long numbers = moments == null ? 0 : moments.count();
    KllDoublesSketch sketch = distinct == null ? counted() : whole;
    if (!sample.isEmpty()) {
      // The accumulator goes on with its own.
      sketch = KllDoublesSketch.newHeapInstance();
      sketch.merge(whole);
      for (int i = 0; i < SAMPLED; i++) {
        sketch.merge(sample);
      }
    }
    DistinctCounter counter = distinct;
    if (counter == null) {
      DistinctCounter few = new DistinctCounter();
      counts.forEach((key, count, text) -> few.update(key));
      counter = few;
    }
    return new ColumnProfile(
        name(),
        type(),
        kind(),
        numbers + nans,
        nulls(),
        nans,
        moments,
        kind().isOrdered() ? Quantiles.of(sketch) : null,
        null,
        null,
        null,
        numbers == 0 ? null : counter.distinct(),
        numbers == 0 ? null : counts.frequencies(numbers, kind()::text),
        null);
  }

  private double number(long key) {
    return kind() == ValueKind.REAL ? Double.longBitsToDouble(key) : key;
  }
}
