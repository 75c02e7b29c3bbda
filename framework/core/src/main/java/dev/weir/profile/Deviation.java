package dev.weir.profile;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.util.Objects;

/**
 * How far a figure of a profile may be from what it was in the versions accepted last.
 *
 * <p>No interval is narrower than what chance and the sketches alone make a figure differ by
 * ({@link Measure}), as told by the newest version and by the one that is judged, nor than a
 * thousandth of its middle. So a history in which all values were the same, whose spread is 0, does
 * not stop the next one for a hair's breadth; and one whose spread is 0 because nothing but 0 was
 * ever there is still left as soon as what comes is more than chance would make it.
 */
public sealed interface Deviation {
  /** The figure that is judged. */
  Figure figure();

  /** How many of the versions accepted last are learned from. */
  int versions();

  /** How many there must be at least. */
  int atLeast();

  /** What happens where there are fewer. */
  Unjudged tooFew();

  /** How far it may be from the last version's, in parts of that. */
  @Help("How far a figure may be from the last accepted version's, in parts of it.")
  record RelativeChange(
      @Help("The figure, such as rows or income.mean.") Figure relativeChange,
      @Help("The part by which it may be more or less: 0.2 for a fifth.") double by,
      @Help("What happens where there is no version to compare with.") @Default("warn")
          Unjudged tooFew)
      implements Deviation {
    public RelativeChange {
      Objects.requireNonNull(relativeChange);
      Objects.requireNonNull(tooFew);
      requirePositive("by", by);
    }

    @Override
    public Figure figure() {
      return relativeChange;
    }

    @Override
    public int versions() {
      return 1;
    }

    @Override
    public int atLeast() {
      return 1;
    }
  }

  /** How far it may be from the last version's. */
  @Help("How far a figure may be from the last accepted version's.")
  record AbsoluteChange(
      @Help("The figure, such as rows or income.mean.") Figure absoluteChange,
      @Help("By how much it may be more or less.") double by,
      @Help("What happens where there is no version to compare with.") @Default("warn")
          Unjudged tooFew)
      implements Deviation {
    public AbsoluteChange {
      Objects.requireNonNull(absoluteChange);
      Objects.requireNonNull(tooFew);
      requirePositive("by", by);
    }

    @Override
    public Figure figure() {
      return absoluteChange;
    }

    @Override
    public int versions() {
      return 1;
    }

    @Override
    public int atLeast() {
      return 1;
    }
  }

  /** How far it may be from the mean, in standard deviations. */
  @Help("How far a figure may be from its mean, in standard deviations.")
  record Normal(
      @Help("The figure, such as rows or income.mean.") Figure normal,
      @Help("How many standard deviations it may be from the mean.") @Default("3") double sigmas,
      @Help("How many of the versions accepted last are learned from.") @Default("30") int versions,
      @Help("How many there must be at least.") @Default("5") int atLeast,
      @Help("What happens where there are fewer.") @Default("warn") Unjudged tooFew)
      implements Deviation {
    public Normal {
      Objects.requireNonNull(normal);
      Objects.requireNonNull(tooFew);
      requirePositive("sigmas", sigmas);
      requireSpread(versions, atLeast);
    }

    @Override
    public Figure figure() {
      return normal;
    }
  }

  /**
   * How far it may be from the median, in median absolute deviations, each taken times 1.4826, as
   * which it is the standard deviation of what is normal (Rousseeuw and Croux 1993). A few wild
   * versions in the history don't widen it.
   */
  @Help("How far a figure may be from its median, in median absolute deviations.")
  record Robust(
      @Help("The figure, such as rows or income.mean.") Figure robust,
      @Help("How many deviations it may be from the median, each as wide as a standard deviation.")
          @Default("4")
          double deviations,
      @Help("How many of the versions accepted last are learned from.") @Default("30") int versions,
      @Help("How many there must be at least.") @Default("5") int atLeast,
      @Help("What happens where there are fewer.") @Default("warn") Unjudged tooFew)
      implements Deviation {
    public Robust {
      Objects.requireNonNull(robust);
      Objects.requireNonNull(tooFew);
      requirePositive("deviations", deviations);
      requireSpread(versions, atLeast);
    }

    @Override
    public Figure figure() {
      return robust;
    }
  }

  /** How far it may be from the mean of the same hour, weekday or month. */
  @Help("How far a figure may be from its mean in the same hour, weekday or month.")
  record Seasonal(
      @Help("The figure, such as rows or income.mean.") Figure seasonal,
      @Help("What must be the same, in UTC: hour, weekday or month.") Season same,
      @Help("How many standard deviations it may be from the mean.") @Default("3") double sigmas,
      @Help("How many of those accepted last in the same season are learned from.") @Default("12")
          int versions,
      @Help("How many there must be at least.") @Default("4") int atLeast,
      @Help("What happens where there are fewer.") @Default("warn") Unjudged tooFew)
      implements Deviation {
    public Seasonal {
      Objects.requireNonNull(seasonal);
      Objects.requireNonNull(same);
      Objects.requireNonNull(tooFew);
      requirePositive("sigmas", sigmas);
      requireSpread(versions, atLeast);
    }

    @Override
    public Figure figure() {
      return seasonal;
    }
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("%s is more than 0, not %s".formatted(name, value));
    }
  }

  private static void requireSpread(int versions, int atLeast) {
    if (atLeast < 2) {
      throw new IllegalArgumentException(
          "at-least is 2 or more, since one version shows no spread; it is " + atLeast);
    }
    if (versions < atLeast) {
      throw new IllegalArgumentException(
          "versions (%d) is less than at-least (%d)".formatted(versions, atLeast));
    }
  }
}
