package dev.weir.ingest;

/**
 * Random numbers that are a function of a seed and a place, so that a row is the same wherever and
 * in whatever order it is made. The generator is SplitMix64 (Steele, Lea and Flood, <i>Fast
 * Splittable Pseudorandom Number Generators</i>, OOPSLA 2014); logarithms and cosines come from
 * {@link StrictMath}, which gives the same bits on every machine.
 */
final class Draws {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** The draws of one row of one month. */
  Draws(long seed, long month, long row) {
    state = mix(mix(mix(seed + GAMMA) ^ month) + row * GAMMA);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A number from 0 (included) to 1 (excluded). */
  double uniform() {
    state += GAMMA;
    return (mix(state) >>> 11) * 0x1.0p-53;
  }

  /** A standard normal number, by the transform of Box and Muller. */
  double normal() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
  }

  /** True with this probability. */
  boolean chance(double probability) {
    return uniform() < probability;
  }

  /** How many events happen where {@code mean} are expected (Knuth's method; for small means). */
  int poisson(double mean) {
    double limit = StrictMath.exp(-mean);
    int count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) {
      count++;
    }
    return count;
  }

  /** One of the values, by weights that need not sum to one. */
  String pick(String[] values, double... weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double left = uniform() * sum;
    for (int i = 0; i < values.length - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return values[i];
      }
    }
    return values[values.length - 1];
  }
}
