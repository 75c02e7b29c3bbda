package dev.weir.pin;

import dev.weir.artifact.DatasetVersion;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dataset version that stays readable for the sake of somebody.
 *
 * @param dataset the version
 * @param tableId the Delta table's id: a table made again at the same place has another
 * @param kind what the holder is
 * @param holder for whom: {@code model:…}, {@code candidate:…}, the id of a run, or {@link
 *     #EVERYBODY}
 * @param why in words
 * @param since when the holder came to hold it
 * @param until when it ends by the project's retention, or null if it never does
 * @param gone whether its files were deleted before it was pinned again: it can't be read
 */
public record Pin(
    DatasetVersion dataset,
    String tableId,
    Kind kind,
    String holder,
    String why,
    Instant since,
    @Nullable Instant until,
    boolean gone) {
  /** The holder of the latest version of each dataset. */
  public static final String EVERYBODY = "everybody";

  /** What holds a pin. */
  public enum Kind {
    /** Whoever reads the dataset without naming a version. */
    LATEST,
    /** A run under way. */
    LIVE_RUN,
    /** A run that has not succeeded and can be resumed. */
    STOPPED_RUN,
    /** A registered model version. */
    MODEL,
    /** A candidate that nobody has registered. */
    CANDIDATE;

    /** Whether a person may take the pin off. */
    public boolean releasable() {
      return this != LATEST && this != LIVE_RUN;
    }
  }

  public Pin {
    Objects.requireNonNull(dataset);
    Objects.requireNonNull(tableId);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(holder);
    Objects.requireNonNull(why);
    Objects.requireNonNull(since);
  }
}
