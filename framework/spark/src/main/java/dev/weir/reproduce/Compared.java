package dev.weir.reproduce;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing as it was made then and now.
 *
 * @param name the dataset's or the model's reference as it was then, or the metric's name
 * @param stage the stage that made it
 * @param then its content then: a digest or a number
 * @param now the same now, or what kept it from being made
 * @param detail where the two are furthest apart, or null
 */
public record Compared(
    Kind kind,
    String name,
    String stage,
    String then,
    String now,
    Likeness likeness,
    @Nullable String detail) {
  public Compared {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(name);
    Objects.requireNonNull(stage);
    Objects.requireNonNull(then);
    Objects.requireNonNull(now);
    Objects.requireNonNull(likeness);
  }

  /** What kind of thing it is. */
  public enum Kind {
    /** A dataset that came from outside and is read as it was published, not made again. */
    PINNED,
    /** A dataset. */
    DATASET,
    /** A model. */
    MODEL,
    /** A measured number. */
    METRIC,
    /** A stage that did not succeed now. */
    STAGE
  }
}
