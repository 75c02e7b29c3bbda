package dev.weir.profile;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Makes the profile of texts. */
final class TextAccumulator extends ColumnAccumulator {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int BLOCK = 256;

  private final double[] lengths = new double[BLOCK];
  private int waiting;
  private @Nullable Moments lengthMoments;

  private byte @Nullable [] min;
  private byte @Nullable [] max;
  private final Counts counts = Counts.ofTexts();

  /** From the moment on when there are too many different values to count them. */
  private @Nullable DistinctCounter distinct;

  private @Nullable Counts patterns;
  private final byte[] shape = new byte[Shapes.LONGEST];

  TextAccumulator(String name, String type) {
    super(name, type, ValueKind.TEXT);
  }

  @Override
  public void update(byte[] utf8, int offset, int length) {
    lengths[waiting] = characters(utf8, offset, length);
    if (++waiting == BLOCK) {
      flush();
    }
    long key = hash(utf8, offset, length);
    if (distinct == null) {
      if (counts.contains(key)) {
        counts.add(key, 1);
        return;
      }
      if (!counts.full()) {
        counts.add(key, 1, utf8, offset, length);
        extend(utf8, offset, length);
        return;
      }
      pour();
    }
    extend(utf8, offset, length);
    if (distinct != null) {
      distinct.update(key);
    }
    int weight = weight();
    if (weight > 0 && patterns != null) {
      counts.add(key, weight, utf8, offset, length);
      addPattern(patterns, weight, utf8, offset, length);
    }
  }

  private void extend(byte[] utf8, int offset, int length) {
    byte[] least = min;
    byte[] most = max;
    if (least == null || most == null) {
      least = Arrays.copyOfRange(utf8, offset, offset + length);
      min = least;
      max = least;
    } else if (Arrays.compareUnsigned(utf8, offset, offset + length, least, 0, least.length) < 0) {
      min = Arrays.copyOfRange(utf8, offset, offset + length);
    } else if (Arrays.compareUnsigned(utf8, offset, offset + length, most, 0, most.length) > 0) {
      max = Arrays.copyOfRange(utf8, offset, offset + length);
    }
  }

  private void pour() {
    distinct = counted();
    distinct.dense();
    patterns = countedPatterns();
  }

  private DistinctCounter counted() {
    DistinctCounter counter = new DistinctCounter();
    counts.forEach((key, count, text) -> counter.update(key));
    return counter;
  }

  private Counts countedPatterns() {
    Counts shapes = Counts.ofTexts();
    counts.forEach(
        (key, count, text) -> {
          if (text != null) {
            addPattern(shapes, count, text, 0, text.length);
          }
        });
    return shapes;
  }

  private void addPattern(Counts shapes, long weight, byte[] utf8, int offset, int length) {
    int written = Shapes.write(utf8, offset, length, shape);
    shapes.add(hash(shape, 0, written), weight, shape, 0, written);
  }

  private void flush() {
    if (waiting > 0) {
      Moments block = Moments.of(lengths, waiting);
      lengthMoments = lengthMoments == null ? block : lengthMoments.merge(block);
      waiting = 0;
    }
  }

  /**
   * What tells a text from others: eight bytes at a time, each step of which maps no two states to
   * one, and the finish of MurmurHash3. Sketches that are kept are merged with later ones, so it
   * stays as it is.
   */
  private static long hash(byte[] utf8, int offset, int length) {
    long hash = length;
    int end = offset + length;
    int at = offset;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = (hash ^ (long) LONGS.get(utf8, at)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = (rest << Byte.SIZE) | (utf8[at] & 0xFF);
    }
    hash = (hash ^ rest) * 0x9E3779B97F4A7C15L;
    hash ^= hash >>> 33;
    hash *= 0xFF51AFD7ED558CCDL;
    hash ^= hash >>> 33;
    hash *= 0xC4CEB9FE1A85EC53L;
    return hash ^ (hash >>> 33);
  }

  /** How many bytes begin a character: all but those of the form 10xxxxxx. */
  private static int characters(byte[] utf8, int offset, int length) {
    int following = 0;
    int end = offset + length;
    int at = offset;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      long eight = (long) LONGS.get(utf8, at);
      following += Long.bitCount((eight >>> 7) & ~(eight >>> 6) & 0x0101010101010101L);
    }
    for (; at < end; at++) {
      if ((utf8[at] & 0xC0) == 0x80) {
        following++;
      }
    }
    return length - following;
  }

  @Override
  public ColumnProfile profile() {
    flush();
    Moments moments = lengthMoments;
    byte[] least = min;
    byte[] most = max;
    if (moments == null || least == null || most == null) {
      return new ColumnProfile(
          name(), type(), kind(), 0, nulls(), 0, null, null, null, null, null, null, null, null);
    }
    long values = moments.count();
    DistinctCounter counter = distinct == null ? counted() : distinct;
    Counts shapes = patterns == null ? countedPatterns() : patterns;
    return new ColumnProfile(
        name(),
        type(),
        kind(),
        values,
        nulls(),
        0,
        null,
        null,
        Counts.Text.cut(least),
        Counts.Text.cut(most),
        moments,
        counter.distinct(),
        counts.frequencies(values, Long::toString),
        shapes.frequencies(values, Long::toString));
  }
}
