package dev.weir.profile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How often values are there: exactly while there are few different ones, then the most frequent by
 * the algorithm of Misra and Gries with the purge of Anderson et al. (A High-Performance Algorithm
 * for Identifying Frequent Items in Data Streams, 2017), which DataSketches' frequent items have
 * too; this one allocates nothing for a value that it knows, and holds bytes.
 */
final class Counts {
  /** How many different values are counted exactly. */
  static final int CAPACITY = Frequencies.WIDEST;

  private static final int LG_SLOTS = 10;
  private static final int SLOTS = 1 << LG_SLOTS;

  /** A text of so many characters has no more bytes than this. */
  private static final int MOST_BYTES = 4 * (ColumnProfile.TEXT + 1);

  private long[] keys = new long[SLOTS];
  private long[] counts = new long[SLOTS];
  private byte @Nullable [] @Nullable [] texts;

  /** What the purge writes to, the other pair from then on. */
  private long[] spareKeys = new long[0];

  private long[] spareCounts = new long[0];
  private int size;
  private long error;

  private Counts(byte @Nullable [] @Nullable [] texts) {
    this.texts = texts;
  }

  /** Of values that their key says all of. */
  static Counts ofKeys() {
    return new Counts(null);
  }

  /** Of texts, whose keys are hashes. */
  static Counts ofTexts() {
    return new Counts(new byte[SLOTS][]);
  }

  /** Whether all values are there with their counts. */
  boolean exact() {
    return error == 0;
  }

  /** Whether another value would be one too many. */
  boolean full() {
    return size == CAPACITY;
  }

  boolean contains(long key) {
    return counts[slot(key)] > 0;
  }

  void add(long key, long weight) {
    int slot = slot(key);
    if (counts[slot] == 0) {
      if (full()) {
        purge();
        slot = slot(key);
      }
      keys[slot] = key;
      size++;
    }
    counts[slot] += weight;
  }

  void add(long key, long weight, byte[] utf8, int offset, int length) {
    add(key, weight);
    int slot = slot(key);
    byte[][] all = texts;
    if (all != null && all[slot] == null) {
      all[slot] = Arrays.copyOfRange(utf8, offset, offset + Math.min(length, MOST_BYTES));
    }
  }

  /** What is done with each value that is counted. */
  interface Visitor {
    void visit(long key, long count, byte @Nullable [] text);
  }

  void forEach(Visitor visitor) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (counts[slot] > 0) {
        visitor.visit(keys[slot], counts[slot], texts == null ? null : texts[slot]);
      }
    }
  }

  Frequencies frequencies(long total, LongFunction<String> name) {
    // Long texts may be the same once they are cut.
    Map<String, Long> named = new HashMap<>();
    forEach(
        (key, count, text) ->
            named.merge(text == null ? name.apply(key) : Text.cut(text), count, Long::sum));
    return Frequencies.of(total, error, named);
  }

  /** Where a key is, or the free slot that it would have. */
  private int slot(long key) {
    // Fibonacci's hashing: the highest bits of the product depend on all of the key's.
    int slot = (int) (((key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L) >>> (64 - LG_SLOTS));
    while (counts[slot] > 0 && keys[slot] != key) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
  }

  /** Takes the median count from every value, and leaves out what has none left. */
  private void purge() {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    byte @Nullable [] @Nullable [] oldTexts = texts;
    // Free slots come first, with counts of 0.
    if (spareKeys.length == 0) {
      spareKeys = new long[SLOTS];
      spareCounts = new long[SLOTS];
    }
    System.arraycopy(oldCounts, 0, spareCounts, 0, SLOTS);
    Arrays.sort(spareCounts);
    long median = spareCounts[SLOTS - 1 - size / 2];
    keys = spareKeys;
    counts = spareCounts;
    spareKeys = oldKeys;
    spareCounts = oldCounts;
    Arrays.fill(counts, 0);
    texts = oldTexts == null ? null : new byte[SLOTS][];
    size = 0;
    error += median;
    for (int old = 0; old < SLOTS; old++) {
      if (oldCounts[old] > median) {
        int slot = slot(oldKeys[old]);
        keys[slot] = oldKeys[old];
        counts[slot] = oldCounts[old] - median;
        if (oldTexts != null && texts != null) {
          texts[slot] = oldTexts[old];
        }
        size++;
      }
    }
  }

  /** Texts as they are kept. */
  static final class Text {
    private Text() {}

    static String cut(byte[] utf8) {
      return cut(new String(utf8, StandardCharsets.UTF_8));
    }

    static String cut(String text) {
      return text.codePointCount(0, text.length()) <= ColumnProfile.TEXT
          ? text
          : text.substring(0, text.offsetByCodePoints(0, ColumnProfile.TEXT)) + ColumnProfile.CUT;
    }
  }
}
