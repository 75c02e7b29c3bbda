package dev.weir.profile;

import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;
import org.apache.datasketches.memory.MurmurHash3v2;
import org.apache.datasketches.thetacommon.ThetaUtil;

/**
 * Feeds a HyperLogLog sketch with what can change it and with nothing else.
 *
 * <p>The hash is the library's own, so that the greatest rank seen of each register can be kept
 * here, and a value that would leave its register as it is need not be given to the sketch, which
 * allocates with each. What comes out is the same as if all had been given.
 */
final class DistinctCounter {
  private static final int REGISTERS = 1 << Distinct.LG_REGISTERS;

  private final HllSketch sketch = new HllSketch(Distinct.LG_REGISTERS, TgtHllType.HLL_4);
  private final byte[] ranks = new byte[REGISTERS];
  private final long[] hash = new long[2];
  private boolean dense;

  /** A value, as a number that tells it from others. */
  void update(long key) {
    MurmurHash3v2.hash(key, ThetaUtil.DEFAULT_UPDATE_SEED, hash);
    int register = (int) hash[0] & (REGISTERS - 1);
    int rank = Math.min(Long.numberOfLeadingZeros(hash[1]), 62) + 1;
    boolean higher = rank > ranks[register];
    if (higher) {
      ranks[register] = (byte) rank;
    }
    if (higher || !dense) {
      sketch.update(key);
    }
  }

  /**
   * Says that enough different values were given for the sketch to have registers: up to about 400
   * it holds the hashes themselves.
   */
  void dense() {
    dense = true;
  }

  Distinct distinct() {
    return Distinct.of(sketch);
  }
}
