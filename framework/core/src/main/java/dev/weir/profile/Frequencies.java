package dev.weir.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The most frequent values, as a mergeable summary of Agarwal et al. (Mergeable Summaries, 2012).
 *
 * @param total of how many values
 * @param error how much more often than said a value may be there, and how often one may be there
 *     that is not said; 0 if all values are said with their counts
 * @param items the values and how often they are there at least, the most frequent first
 */
public record Frequencies(long total, long error, List<Item> items) {
  /** How many values are kept while a profile is being made and merged. */
  static final int WIDEST = 512;

  private static final int SELDOM = 1_000;

  private static final Comparator<Item> ORDER =
      Comparator.comparingLong(Item::count).reversed().thenComparing(Item::value);

  /** A value as text, and how often it is there. */
  public record Item(String value, long count) {}

  public Frequencies {
    items = items.stream().sorted(ORDER).toList();
  }

  /** Whether all values are there with their counts. */
  public boolean exact() {
    return error == 0;
  }

  /** How many values are none of those that are said, nearly where not exact. */
  public long others() {
    return Math.max(0, total - items.stream().mapToLong(Item::count).sum());
  }

  /** Of the values of both. */
  public Frequencies merge(Frequencies other) {
    Map<String, Long> counts = new HashMap<>();
    items.forEach(item -> counts.merge(item.value(), item.count(), Long::sum));
    other.items.forEach(item -> counts.merge(item.value(), item.count(), Long::sum));
    return of(total + other.total, error + other.error, counts).top(WIDEST);
  }

  static Frequencies of(long total, long error, Map<String, Long> counts) {
    List<Item> items = new ArrayList<>();
    counts.forEach((value, count) -> items.add(new Item(value, count)));
    return new Frequencies(total, error, items);
  }

  /** The most frequent of them. */
  public Frequencies top(int most) {
    if (items.size() <= most) {
      return this;
    }
    return new Frequencies(total, error + items.get(most).count(), items.subList(0, most));
  }

  /** As many as are kept: where not all are said, those that are at least one in a thousand. */
  Frequencies kept(int most) {
    long many =
        exact()
            ? items.size()
            : items.stream().filter(item -> item.count() * SELDOM >= total).count();
    return top((int) Math.min(most, many));
  }
}
