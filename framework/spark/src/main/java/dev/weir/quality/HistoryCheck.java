package dev.weir.quality;

import dev.weir.config.Help;
import dev.weir.config.Inline;
import dev.weir.profile.Deviation;
import org.jspecify.annotations.Nullable;

/**
 * How far a figure of a dataset's profile may be from what it was in the versions accepted before.
 *
 * <p>With {@code per} each part of the rows has a history of its own: those with the same text,
 * whole number or truth value in a column, or with a day or a time in the same month of UTC.
 */
public sealed interface HistoryCheck {
  /** The figure, and how far it may be from where. */
  Deviation deviation();

  /** The column whose values each have a history of their own, or null for all rows together. */
  @Nullable String per();

  /** What becomes of it. */
  Concern concern();

  /** From the last version's, in parts of that. */
  @Help("How far a figure may be from the last accepted version's, in parts of it.")
  record RelativeChange(
      @Inline Deviation.RelativeChange deviation,
      @Help("A column whose values each have a history of their own; dates go by their month.")
          @Nullable String per,
      @Inline Concern concern)
      implements HistoryCheck {
    public RelativeChange {
      requireParts(deviation, per);
    }
  }

  /** From the last version's. */
  @Help("How far a figure may be from the last accepted version's.")
  record AbsoluteChange(
      @Inline Deviation.AbsoluteChange deviation,
      @Help("A column whose values each have a history of their own; dates go by their month.")
          @Nullable String per,
      @Inline Concern concern)
      implements HistoryCheck {
    public AbsoluteChange {
      requireParts(deviation, per);
    }
  }

  /** From the mean, in standard deviations. */
  @Help("How far a figure may be from its mean, in standard deviations.")
  record Normal(
      @Inline Deviation.Normal deviation,
      @Help("A column whose values each have a history of their own; dates go by their month.")
          @Nullable String per,
      @Inline Concern concern)
      implements HistoryCheck {
    public Normal {
      requireParts(deviation, per);
    }
  }

  /** From the median, in median absolute deviations. */
  @Help("How far a figure may be from its median, in median absolute deviations.")
  record Robust(
      @Inline Deviation.Robust deviation,
      @Help("A column whose values each have a history of their own; dates go by their month.")
          @Nullable String per,
      @Inline Concern concern)
      implements HistoryCheck {
    public Robust {
      requireParts(deviation, per);
    }
  }

  /** From the mean of the same hour, weekday or month. */
  @Help("How far a figure may be from its mean in the same hour, weekday or month.")
  record Seasonal(
      @Inline Deviation.Seasonal deviation,
      @Help("A column whose values each have a history of their own; dates go by their month.")
          @Nullable String per,
      @Inline Concern concern)
      implements HistoryCheck {
    public Seasonal {
      requireParts(deviation, per);
    }
  }

  /** Of all rows together, and in earnest. */
  static HistoryCheck of(Deviation deviation) {
    return of(deviation, null, Concern.USUAL);
  }

  /**
   * An expectation.
   *
   * @param per the column whose values each have a history of their own, or null
   */
  static HistoryCheck of(Deviation deviation, @Nullable String per, Concern concern) {
    if (deviation instanceof Deviation.RelativeChange it) {
      return new RelativeChange(it, per, concern);
    } else if (deviation instanceof Deviation.AbsoluteChange it) {
      return new AbsoluteChange(it, per, concern);
    } else if (deviation instanceof Deviation.Normal it) {
      return new Normal(it, per, concern);
    } else if (deviation instanceof Deviation.Robust it) {
      return new Robust(it, per, concern);
    } else if (deviation instanceof Deviation.Seasonal it) {
      return new Seasonal(it, per, concern);
    }
    throw new IllegalStateException("No such deviation: " + deviation);
  }

  private static void requireParts(Deviation deviation, @Nullable String per) {
    if (per != null && per.isBlank()) {
      throw new IllegalArgumentException("per names a column");
    }
    if (per != null && deviation.figure().measure() == dev.weir.profile.Measure.BYTES) {
      throw new IllegalArgumentException("bytes are of whole files, not of the rows of a part");
    }
  }
}
