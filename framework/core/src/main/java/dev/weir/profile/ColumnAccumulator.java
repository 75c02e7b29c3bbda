package dev.weir.profile;

/**
 * Makes the profile of a column from its values, one after another; it allocates nothing for most
 * of them. For one thread.
 *
 * <p>While a column has at most 512 different values, they are counted exactly and everything else
 * follows from the counts. With the next one, what was counted is poured into the sketches. From
 * then on every value goes into the sketch of different ones, the extremes and the moments; into
 * the quantiles and the most frequent go the next 32,768, and then a random one in eight with the
 * weight of eight. The sample adds less than 0.011 to the error of a rank with 99 % confidence,
 * most at 65,000 values and less the more there are.
 */
public abstract sealed class ColumnAccumulator
    permits NumberAccumulator, TextAccumulator, OtherAccumulator {
  /** One of so many values is sampled where there are many. */
  static final int SAMPLED = 8;

  /** How many values are all taken before. */
  static final int WHOLE = 1 << 15;

  private final String name;
  private final String type;
  private final ValueKind kind;
  private long nulls;
  private long random = 0x9E3779B97F4A7C15L;
  private int wait = 1;
  private int taken;

  ColumnAccumulator(String name, String type, ValueKind kind) {
    this.name = name;
    this.type = type;
    this.kind = kind;
  }

  /**
   * For a column.
   *
   * @param type as SQL writes it
   */
  public static ColumnAccumulator of(String name, String type, ValueKind kind) {
    return switch (kind) {
      case TEXT -> new TextAccumulator(name, type);
      case OTHER -> new OtherAccumulator(name, type);
      default -> new NumberAccumulator(name, type, kind);
    };
  }

  /** A null. */
  public final void updateNull() {
    nulls++;
  }

  /** A whole number, or what stands for a day, a time or a truth value. */
  public void update(long value) {
    throw wrong("long");
  }

  /** A number that may have a fraction; NaN is counted by itself, and -0.0 is 0.0. */
  public void update(double value) {
    throw wrong("double");
  }

  /** A text, which is read before this returns. */
  public void update(byte[] utf8, int offset, int length) {
    throw wrong("text");
  }

  /** A value that is not looked into. */
  public void updateOther() {
    throw wrong("value that is not looked into");
  }

  /** The profile of what was given so far. */
  public abstract ColumnProfile profile();

  final String name() {
    return name;
  }

  final String type() {
    return type;
  }

  final ValueKind kind() {
    return kind;
  }

  final long nulls() {
    return nulls;
  }

  /**
   * For how many values one stands: itself, all of a sample, or 0 if it is not in the sample. The
   * distance to the next is random, so that no period in the data falls in with it, and from a
   * fixed seed, so that the same data is told the same of.
   */
  final int weight() {
    if (taken < WHOLE) {
      taken++;
      return 1;
    }
    if (--wait > 0) {
      return 0;
    }
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    // From 1 to 15, each as often: 8 on average.
    wait = 1 + (int) (((random >>> 32) * 15) >>> 32);
    return SAMPLED;
  }

  private IllegalStateException wrong(String what) {
    return new IllegalStateException(
        "Column %s of kind %s was given a %s".formatted(name, kind, what));
  }
}
