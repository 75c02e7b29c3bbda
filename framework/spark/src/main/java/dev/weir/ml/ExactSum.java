package dev.weir.ml;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigInteger;

/**
 * A sum of doubles without any error until it is asked for, so that it is the same in whatever
 * order values are added and parts of it merged.
 *
 * <p>Source: the small superaccumulator of R. M. Neal, "Fast exact summation using small and large
 * superaccumulators" (2015). It is one wide integer in units of the smallest double, held in chunks
 * of 32 bits that are longs, so that carries can wait. Infinities and NaN are added as doubles are:
 * they decide the result, and infinities of both signs make NaN. A sum of nothing but zeros is 0.0,
 * whatever their signs.
 *
 * <p>Public only because Spark's encoders take no other class.
 */
public final class ExactSum implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int BITS = 32;
  private static final long MASK = (1L << BITS) - 1;

  /** 2098 bits hold any double, 63 more as many as a long can count; the last chunk is signed. */
  private static final int CHUNKS = 69;

  /** The exponent of the smallest double, the unit. */
  private static final int UNIT = Double.MIN_EXPONENT - 52;

  /** How many values can wait for their carries: each adds less than 2^52 to a chunk. */
  private static final int MOST_WAITING = 1024;

  /** Bits beyond the unit that a quotient is computed to before it is rounded. */
  private static final int GUARD = 64;

  private transient long[] chunks = new long[CHUNKS];
  private transient int waiting;
  private long count;
  private double notFinite;

  ExactSum() {}

  /** Adds one value. */
  void add(double value) {
    count++;
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) & 0x7ff;
    if (exponent == 0x7ff) {
      notFinite += value;
      return;
    }
    long mantissa = bits & ((1L << 52) - 1);
    int place = 0;
    if (exponent > 0) {
      mantissa |= 1L << 52;
      place = exponent - 1;
    }
    int chunk = place / BITS;
    int shift = place % BITS;
    long low = (mantissa << shift) & MASK;
    long high = mantissa >>> (BITS - shift);
    if (bits < 0) {
      chunks[chunk] -= low;
      chunks[chunk + 1] -= high;
    } else {
      chunks[chunk] += low;
      chunks[chunk + 1] += high;
    }
    if (++waiting == MOST_WAITING) {
      carry();
    }
  }

  /** Adds what another has summed, which is left as it is. */
  void add(ExactSum other) {
    carry();
    other.carry();
    for (int i = 0; i < CHUNKS; i++) {
      chunks[i] += other.chunks[i];
    }
    carry();
    count += other.count;
    notFinite += other.notFinite;
  }

  /** How many values were added. */
  long count() {
    return count;
  }

  /** The sum, rounded once, to the nearest double. */
  double sum() {
    return over(1);
  }

  /** The sum divided by the count, rounded once, to the nearest double; NaN of nothing. */
  double mean() {
    return count == 0 ? Double.NaN : over(count);
  }

  private double over(long divisor) {
    if (notFinite != 0) {
      return notFinite;
    }
    BigInteger total = total();
    BigInteger[] quotient =
        total.abs().shiftLeft(GUARD).divideAndRemainder(BigInteger.valueOf(divisor));
    BigInteger magnitude = quotient[0];
    // A double has 53 bits, and none below the unit.
    int dropped = Math.max(magnitude.bitLength() - 53, GUARD);
    long kept = magnitude.shiftRight(dropped).longValueExact();
    boolean half = magnitude.testBit(dropped - 1);
    boolean more = quotient[1].signum() != 0 || magnitude.getLowestSetBit() < dropped - 1;
    if (half && (more || (kept & 1) == 1)) {
      kept++;
    }
    double rounded = Math.scalb((double) kept, UNIT - GUARD + dropped);
    return total.signum() < 0 ? -rounded : rounded;
  }

  private BigInteger total() {
    carry();
    BigInteger total = BigInteger.valueOf(chunks[CHUNKS - 1]);
    for (int i = CHUNKS - 2; i >= 0; i--) {
      total = total.shiftLeft(BITS).or(BigInteger.valueOf(chunks[i]));
    }
    return total;
  }

  /** Moves what is above a chunk's 32 bits to the next; all but the last are positive then. */
  private void carry() {
    for (int i = 0; i < CHUNKS - 1; i++) {
      chunks[i + 1] += chunks[i] >> BITS;
      chunks[i] &= MASK;
    }
    waiting = 0;
  }

  /** Writes only the chunks that hold something: a few, where values are of like size. */
  private void writeObject(ObjectOutputStream out) throws IOException {
    carry();
    out.defaultWriteObject();
    int first = 0;
    while (first < CHUNKS && chunks[first] == 0) {
      first++;
    }
    int end = CHUNKS;
    while (end > first && chunks[end - 1] == 0) {
      end--;
    }
    out.writeByte(first);
    out.writeByte(end);
    for (int i = first; i < end; i++) {
      out.writeLong(chunks[i]);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    chunks = new long[CHUNKS];
    int first = in.readByte();
    int end = in.readByte();
    for (int i = first; i < end; i++) {
      chunks[i] = in.readLong();
    }
  }
}
