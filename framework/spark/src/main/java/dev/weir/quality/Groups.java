package dev.weir.quality;

/**
 * What is known of values once equal ones have been brought together.
 *
 * @param rows how many rows have a value
 * @param values how many different values there are
 * @param once how many of them are in one row only
 * @param weighted the sum over the values of n ln n, where n is the number of rows with it
 * @param unknown how many rows have a value that the other dataset has not
 */
record Groups(long rows, long values, long once, double weighted, long unknown) {
  static final Groups NONE = new Groups(0, 0, 0, 0, 0);

  /** Shannon's entropy in nats. */
  double entropy() {
    return rows == 0 ? 0 : Math.log((double) rows) - weighted / rows;
  }
}
