package dev.weir.profile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * How often each of the same categories is there in two columns.
 *
 * <p>Those that one of both may have without saying how often, and those that are too rare for a
 * test of chi-square (fewer than 5 expected), are taken together as one.
 */
final class Categories {
  private static final double RARE = 5;

  private final long[] reference;
  private final long[] current;

  private Categories(long[] reference, long[] current) {
    this.reference = reference;
    this.current = current;
  }

  static Categories of(Frequencies reference, Frequencies current) {
    Map<String, Long> before = counts(reference);
    Map<String, Long> after = counts(current);
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    double all = (double) reference.total() + current.total();
    double less = Math.min(reference.total(), current.total()) / all;
    List<long[]> counts = new ArrayList<>();
    for (String name : names) {
      long one = before.getOrDefault(name, 0L);
      long other = after.getOrDefault(name, 0L);
      boolean said =
          (reference.exact() || before.containsKey(name))
              && (current.exact() || after.containsKey(name));
      if (said && (one + other) * less >= RARE) {
        counts.add(new long[] {one, other});
      }
    }
    long[] rest = {rest(reference, counts, 0), rest(current, counts, 1)};
    if (rest[0] + rest[1] > 0) {
      counts.add(rest);
    }
    return new Categories(
        counts.stream().mapToLong(pair -> pair[0]).toArray(),
        counts.stream().mapToLong(pair -> pair[1]).toArray());
  }

  private static Map<String, Long> counts(Frequencies frequencies) {
    Map<String, Long> counts = new HashMap<>();
    frequencies.items().forEach(item -> counts.put(item.value(), item.count()));
    return counts;
  }

  /** What is left; a sample may have found somewhat more than there is. */
  private static long rest(Frequencies frequencies, List<long[]> counts, int of) {
    return Math.max(0, frequencies.total() - counts.stream().mapToLong(pair -> pair[of]).sum());
  }

  /** The largest difference of a share. */
  double largest() {
    double before = total(reference);
    double after = total(current);
    double largest = 0;
    for (int i = 0; i < reference.length; i++) {
      largest = Math.max(largest, Math.abs(reference[i] / before - current[i] / after));
    }
    return largest;
  }

  double divergence() {
    return Statistics.divergence(shares(reference), shares(current));
  }

  Statistics.Association association() {
    return Statistics.association(reference, current);
  }

  private static double[] shares(long[] counts) {
    double total = total(counts);
    double[] shares = new double[counts.length];
    for (int i = 0; i < counts.length; i++) {
      shares[i] = counts[i] / total;
    }
    return shares;
  }

  private static double total(long[] counts) {
    double total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }
}
