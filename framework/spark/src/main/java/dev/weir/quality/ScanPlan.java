package dev.weir.quality;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** What one scan has to find; what is asked for twice is found once. */
final class ScanPlan {
  private final List<Column> counts = new ArrayList<>();
  private final List<Column> numbers = new ArrayList<>();
  private final List<Column> quantiles = new ArrayList<>();
  private final List<Pair> pairs = new ArrayList<>();
  private final List<Column> newest = new ArrayList<>();
  private final List<Column> distinct = new ArrayList<>();
  private final List<Grouping> groupings = new ArrayList<>();

  /** Two columns of numbers. */
  record Pair(Column x, Column y) {}

  /** Columns of another dataset, of the same types. */
  record Elsewhere(Dataset<Row> rows, List<Column> keys) {}

  /**
   * Values to be brought together, which takes an exchange.
   *
   * @param keys columns, none of them null where {@code asked} is true
   * @param asked which rows are looked at
   * @param title what it is for
   * @param elsewhere where to look the values up, or null
   */
  record Grouping(List<Column> keys, Column asked, String title, @Nullable Elsewhere elsewhere) {}

  /** How many rows a condition is true for; gives the place in what is found. */
  int count(Column condition) {
    return place(counts, condition);
  }

  /** The moments of doubles, nulls left aside. */
  int numbers(Column value) {
    return place(numbers, value);
  }

  /** A sketch of the distribution of doubles, nulls left aside. */
  int quantiles(Column value) {
    return place(quantiles, value);
  }

  /** How two columns of doubles go together, where both are there. */
  int pair(Column x, Column y) {
    return place(pairs, new Pair(x, y));
  }

  /** The greatest of whole numbers. */
  int newest(Column value) {
    return place(newest, value);
  }

  /** About how many different hashes there are. */
  int distinct(Column hash) {
    return place(distinct, hash);
  }

  /** What is known of values once equal ones have been brought together. */
  int groups(Grouping grouping) {
    groupings.add(grouping);
    return groupings.size() - 1;
  }

  List<Column> counts() {
    return counts;
  }

  List<Column> numbers() {
    return numbers;
  }

  List<Column> quantiles() {
    return quantiles;
  }

  List<Pair> pairs() {
    return pairs;
  }

  List<Column> newest() {
    return newest;
  }

  List<Column> distinct() {
    return distinct;
  }

  List<Grouping> groupings() {
    return groupings;
  }

  private static <T> int place(List<T> wanted, T one) {
    int place = wanted.indexOf(one);
    if (place < 0) {
      wanted.add(one);
      place = wanted.size() - 1;
    }
    return place;
  }
}
