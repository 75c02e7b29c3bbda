package dev.weir.data;

import java.util.Objects;

/**
 * Where two things that should be the same are furthest apart.
 *
 * @param relative by how much of the larger number; infinite for what is no number, or is not there
 * @param where such as {@code coefficientMatrix.values[3]}
 * @param then what the one has
 * @param now what the other has
 */
public record Gap(double relative, String where, String then, String now) {
  /** They are nowhere apart. */
  public static final Gap NONE = new Gap(0, "", "", "");

  /** Numbers no further apart than this count as the same: of sums that come to nothing. */
  static final double NOTHING = 1e-12;

  public Gap {
    Objects.requireNonNull(where);
    Objects.requireNonNull(then);
    Objects.requireNonNull(now);
  }

  /** The gap between two numbers. */
  public static Gap between(String where, double then, double now) {
    double gap = relative(then, now);
    return gap == 0 ? NONE : new Gap(gap, where, Double.toString(then), Double.toString(now));
  }

  /** Between what can only be the same or not. */
  public static Gap whole(String where, Object then, Object now) {
    return then.equals(now)
        ? NONE
        : new Gap(Double.POSITIVE_INFINITY, where, then.toString(), now.toString());
  }

  /** The wider of two. */
  public Gap or(Gap other) {
    return other.relative > relative ? other : this;
  }

  /** How far two numbers are apart, as a part of the larger one. */
  static double relative(double then, double now) {
    if (Double.compare(then, now) == 0 || then == now) {
      return 0;
    }
    double apart = Math.abs(then - now);
    if (Double.isNaN(apart) || Double.isInfinite(apart)) {
      return Double.POSITIVE_INFINITY;
    }
    return apart <= NOTHING ? 0 : apart / Math.max(Math.abs(then), Math.abs(now));
  }

  /** In words. */
  public String text() {
    return Double.isInfinite(relative)
        ? "%s: %s then, %s now".formatted(where, then, now)
        : "%s: %s then, %s now, apart by %.1e".formatted(where, then, now, relative);
  }
}
