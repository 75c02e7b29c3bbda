package dev.weir.quality;

/** A figure of a column, or of several together. */
public enum Measure {
  /** The least number. */
  MIN("min(%s)", 1, true),
  /** The greatest number. */
  MAX("max(%s)", 1, true),
  /** The mean of the numbers. */
  MEAN("avg(%s)", 1, true),
  /** The sum of the numbers. */
  SUM("sum(%s)", 1, true),
  /** The standard deviation of the numbers as all there are. */
  STANDARD_DEVIATION("stddev_pop(%s)", 1, true),
  /** The least number such that a fraction of all are not greater, nearly. */
  QUANTILE("percentile_approx(%s, %s)", 1, true),
  /** Pearson's correlation of two columns of numbers. */
  CORRELATION("corr(%s)", 2, true),
  /** How many different values there are. */
  DISTINCT("count(distinct %s)", 0, false),
  /** How many different values there are, within some 2 %: without an exchange. */
  APPROXIMATE_DISTINCT("approx_count_distinct(%s)", 0, false),
  /** How many different values there are, per value. */
  DISTINCTNESS("", 0, false),
  /** How many values are there once only, per value. */
  UNIQUENESS("", 0, false),
  /** How many values are there once only, per different value. */
  UNIQUE_VALUE_RATIO("", 0, false),
  /** Shannon's entropy of the values, in nats. */
  ENTROPY("", 0, false),
  /** How much two columns say of each other, in nats: Shannon's mutual information. */
  MUTUAL_INFORMATION("", 2, false);

  private final String sql;
  private final int columns;
  private final boolean numeric;

  Measure(String sql, int columns, boolean numeric) {
    this.sql = sql;
    this.columns = columns;
    this.numeric = numeric;
  }

  /** The aggregate in SQL, of columns as SQL writes them; empty where there is none. */
  String sql() {
    return sql;
  }

  /** How many columns it is of; 0 for any number of them together. */
  int columns() {
    return columns;
  }

  /** Whether it is of numbers only. */
  boolean numeric() {
    return numeric;
  }
}
