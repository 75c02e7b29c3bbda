package dev.weir.profile;

import dev.weir.config.Keys;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A number that a profile has: {@code rows}, {@code income.mean}, {@code income.null-fraction}.
 *
 * @param column the column, or null for the number of rows
 */
public record Figure(@Nullable String column, Measure measure) {
  private static final List<String> MEASURES =
      Arrays.stream(Measure.values()).filter(m -> m != Measure.ROWS).map(Keys::of).toList();

  public Figure {
    if ((column == null) != (measure == Measure.ROWS)) {
      throw new IllegalArgumentException(
          "rows is of a dataset, and every other measure of a column");
    }
  }

  /** Reads a figure; throws {@link IllegalArgumentException} with what it may be. */
  public static Figure parse(String text) {
    if (text.equals("rows")) {
      return new Figure(null, Measure.ROWS);
    }
    // The measure has no dot, and a column may.
    int dot = text.lastIndexOf('.');
    String measure = text.substring(dot + 1);
    if (dot > 0) {
      for (Measure known : Measure.values()) {
        if (known != Measure.ROWS && known.text().equals(measure)) {
          return new Figure(text.substring(0, dot), known);
        }
      }
    }
    throw new IllegalArgumentException(
        "'%s' is not a figure of a profile: it is rows, or a column and one of %s, such as income.mean%s"
            .formatted(text, String.join(", ", MEASURES), Nearest.hint(measure, MEASURES)));
  }

  /** Its value; empty if the column is not there or has nothing to measure it by. */
  public OptionalDouble of(DatasetProfile profile) {
    if (column == null) {
      return OptionalDouble.of((double) profile.rows());
    }
    return profile.column(column).map(measure::of).orElse(OptionalDouble.empty());
  }

  /** {@link Measure#noise} in a profile. */
  double noise(DatasetProfile profile) {
    if (column == null) {
      return Math.sqrt((double) profile.rows());
    }
    return profile.column(column).map(measure::noise).orElse(0.0);
  }

  /** Throws a user's error if the profile has no such column. */
  void requireIn(DatasetProfile profile) {
    if (column != null && profile.column(column).isEmpty()) {
      List<String> columns = profile.columns().stream().map(ColumnProfile::name).toList();
      throw WeirException.user(
          "no-column",
          "%s is of column '%s', which the dataset does not have%s."
              .formatted(this, column, Nearest.hint(column, columns)),
          "Its columns are %s.".formatted(String.join(", ", columns)));
    }
  }

  @Override
  public String toString() {
    return column == null ? measure.text() : column + "." + measure.text();
  }
}
