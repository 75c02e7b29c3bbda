package dev.weir.profile;

import dev.weir.artifact.DatasetVersion;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What became of a figure that was held against its history.
 *
 * @param value its value; empty if there was nothing to measure it by
 * @param expected where it was expected, or null if there was too little history
 * @param learnedFrom the versions that this was learned from, or that were too few, the oldest
 *     first
 */
public record Judged(
    Deviation deviation,
    OptionalDouble value,
    @Nullable Interval expected,
    List<DatasetVersion> learnedFrom) {
  public Judged {
    Objects.requireNonNull(deviation);
    learnedFrom = List.copyOf(learnedFrom);
  }

  /** What a figure that was held against its history can be. */
  public enum Outcome {
    /** It is where it was expected. */
    EXPECTED,
    /** It is not, or can no longer be measured. */
    DEVIATES,
    /** There is too little history to say. */
    TOO_LITTLE_HISTORY
  }

  /** What it is. */
  public Outcome outcome() {
    if (expected == null) {
      return Outcome.TOO_LITTLE_HISTORY;
    }
    return value.isPresent() && expected.contains(value.getAsDouble())
        ? Outcome.EXPECTED
        : Outcome.DEVIATES;
  }

  /** Whether nothing is stopped by it. */
  public boolean passed() {
    return switch (outcome()) {
      case EXPECTED -> true;
      case DEVIATES -> false;
      case TOO_LITTLE_HISTORY -> deviation.tooFew() != Unjudged.HALT;
    };
  }

  /** Whether somebody is to be told of it, stopped or not. */
  public boolean warns() {
    return !passed()
        || (outcome() == Outcome.TOO_LITTLE_HISTORY && deviation.tooFew() == Unjudged.WARN);
  }

  /** What was found, in words. */
  public String observed() {
    return value.isPresent() ? number(value.getAsDouble()) : "nothing to measure it by";
  }

  /** What was expected and by which versions, in words. */
  public String expectation() {
    if (expected == null && learnedFrom.size() >= deviation.atLeast()) {
      return "it was 0 in %s, and of 0 there is no part to change by".formatted(versions());
    }
    if (expected == null) {
      return "too little history to judge: %s, and at least %d %s needed"
          .formatted(versions(), deviation.atLeast(), deviation.atLeast() == 1 ? "is" : "are");
    }
    return "from %s to %s is expected, learned from %s"
        .formatted(number(expected.low()), number(expected.high()), versions());
  }

  private String versions() {
    return switch (learnedFrom.size()) {
      case 0 -> "no version";
      case 1 -> learnedFrom.get(0).reference();
      default ->
          "%d versions, %s to %s"
              .formatted(
                  learnedFrom.size(),
                  learnedFrom.get(0).reference(),
                  learnedFrom.get(learnedFrom.size() - 1).reference());
    };
  }

  private static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e9
        ? String.format(Locale.ROOT, "%,.4f", value)
        : String.format(Locale.ROOT, "%.4g", value);
  }

  @Override
  public String toString() {
    return "%s: %s; %s".formatted(deviation.figure(), observed(), expectation());
  }
}
