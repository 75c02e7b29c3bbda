package dev.weir.quality;

/** How the values of two columns in one row compare. */
public enum Comparison {
  /** Less than. */
  LESS("<", ">="),
  /** Less than or equal to. */
  AT_MOST("<=", ">"),
  /** Equal to. */
  EQUAL("=", "<>"),
  /** Not equal to. */
  NOT_EQUAL("<>", "="),
  /** Greater than or equal to. */
  AT_LEAST(">=", "<"),
  /** Greater than. */
  GREATER(">", "<=");

  private final String sign;
  private final String opposite;

  Comparison(String sign, String opposite) {
    this.sign = sign;
    this.opposite = opposite;
  }

  /** Its sign in SQL. */
  String sign() {
    return sign;
  }

  /** The sign of what breaks it. Nulls break nothing, and NaN is greater than all numbers. */
  String opposite() {
    return opposite;
  }
}
