package dev.weir.profile;

import dev.weir.config.Keys;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A number that a profile has: {@code rows}, {@code bytes}, {@code income.mean}, {@code
 * income.null-fraction}.
 *
 * @param column the column, or null for the dataset as a whole
 */
public record Figure(@Nullable String column, Measure measure) {
  private static final List<String> MEASURES =
      Arrays.stream(Measure.values()).filter(m -> !m.ofDataset()).map(Keys::of).toList();

  public Figure {
    if ((column == null) != measure.ofDataset()) {
      throw new IllegalArgumentException(
          "rows and bytes are of a dataset, and every other measure of a column");
    }
  }

  /** Reads a figure; throws {@link IllegalArgumentException} with what it may be. */
  public static Figure parse(String text) {
    for (Measure known : Measure.values()) {
      if (known.ofDataset() && known.text().equals(text)) {
        return new Figure(null, known);
      }
    }
    // The measure has no dot, and a column may.
    int dot = text.lastIndexOf('.');
    String measure = text.substring(dot + 1);
    if (dot > 0) {
      for (Measure known : Measure.values()) {
        if (!known.ofDataset() && known.text().equals(measure)) {
          return new Figure(text.substring(0, dot), known);
        }
      }
    }
    throw new IllegalArgumentException(
        "'%s' is not a figure of a profile: it is rows, bytes, or a column and one of %s, such as income.mean%s"
            .formatted(text, String.join(", ", MEASURES), Nearest.hint(measure, MEASURES)));
  }

  /** Its value; empty if the column is not there or has nothing to measure it by. */
  public OptionalDouble of(DatasetProfile profile) {
    if (column == null) {
      Long whole = measure == Measure.ROWS ? (Long) profile.rows() : profile.bytes();
      return whole == null ? OptionalDouble.empty() : OptionalDouble.of((double) whole);
    }
    return profile.column(column).map(measure::of).orElse(OptionalDouble.empty());
  }

  /** {@link Measure#noise} in a profile. */
  double noise(DatasetProfile profile) {
    if (column == null) {
      // As much of the bytes as of the rows.
      return profile.rows() == 0 ? 0 : of(profile).orElse(0) / Math.sqrt((double) profile.rows());
    }
    return profile.column(column).map(measure::noise).orElse(0.0);
  }

  /** Throws {@code no-column} if the profile has no such column. */
  public void requireIn(DatasetProfile profile) {
    if (column != null && profile.column(column).isEmpty()) {
      List<String> columns = profile.columns().stream().map(ColumnProfile::name).toList();
      throw WeirException.user(
          "no-column",
          "%s is of column '%s', which the dataset does not have%s"
              .formatted(this, column, Nearest.ending(column, columns)),
          "Its columns are %s.".formatted(String.join(", ", columns)));
    }
  }

  @Override
  public String toString() {
    return column == null ? measure.text() : column + "." + measure.text();
  }
}
