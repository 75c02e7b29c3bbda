package dev.weir.quality;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import dev.weir.profile.Deviation;
import dev.weir.profile.Figure;
import dev.weir.profile.Measure;
import dev.weir.profile.ValueKind;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructType;

/**
 * What the profile of a dataset is held against: what was normal before, and what is elsewhere.
 * Judged by profiles alone, so that it takes no scan of its own.
 */
public record Norms(
    @Help("How far figures may be from what they were in the versions accepted before.")
        @Default("[]")
        List<HistoryCheck> history,
    @Help("What the distributions of columns are compared with.") @Default("[]")
        List<DriftCheck> drift) {
  /** Nothing. */
  public static final Norms NONE = new Norms(List.of(), List.of());

  public Norms {
    history = List.copyOf(history);
    drift = List.copyOf(drift);
  }

  /** What figures were before, of all rows together and in earnest. */
  public static Norms history(Deviation... deviations) {
    return new Norms(Arrays.stream(deviations).map(HistoryCheck::of).toList(), List.of());
  }

  /** The same, none of which halts anything. */
  public Norms warnings() {
    return new Norms(
        history.stream()
            .map(each -> HistoryCheck.of(each.deviation(), each.per(), each.concern().warning()))
            .toList(),
        drift.stream()
            .map(
                each ->
                    new DriftCheck(
                        each.against(),
                        each.columns(),
                        each.limits(),
                        each.tooFew(),
                        each.concern().warning()))
            .toList());
  }

  boolean isEmpty() {
    return history.isEmpty() && drift.isEmpty();
  }

  /** The figures whose history is looked at. */
  Set<Figure> figures() {
    return history.stream().map(check -> check.deviation().figure()).collect(Collectors.toSet());
  }

  /** Throws one error that lists all that can't be asked of a dataset. */
  void requireIn(StructType schema, String subject) {
    Problems problems = new Problems();
    for (HistoryCheck check : history) {
      Figure figure = check.deviation().figure();
      String column = figure.column();
      if (column != null && known(schema, column, figure.toString(), problems)) {
        ValueKind kind = Profiler.kind(schema.apply(column).dataType());
        if (!fits(figure.measure(), kind)) {
          problems.add(
              "%s: the column is of type %s, which has no %s"
                  .formatted(
                      figure, schema.apply(column).dataType().sql(), figure.measure().text()));
        }
      }
      String by = check.per();
      if (by != null
          && known(schema, by, figure + " per " + by, problems)
          && !PartProfiler.tells(schema.apply(by).dataType())) {
        problems.add(
            "%s per %s: the column is of type %s; parts are told apart by text, whole numbers, booleans, dates and timestamps"
                .formatted(figure, by, schema.apply(by).dataType().sql()));
      }
    }
    for (DriftCheck check : drift) {
      Columns columns = check.columns();
      if (columns != null) {
        columns
            .names()
            .forEach(name -> known(schema, name, "drift against " + check.against(), problems));
      }
    }
    problems.throwIfAny("what is expected of " + subject);
  }

  private static boolean known(StructType schema, String column, String what, Problems problems) {
    List<String> names = List.of(schema.fieldNames());
    if (!names.contains(column)) {
      problems.add(
          "%s: there is no column '%s'%s".formatted(what, column, Nearest.hint(column, names)));
      return false;
    }
    return true;
  }

  private static boolean fits(Measure measure, ValueKind kind) {
    return switch (measure) {
      case ROWS, BYTES, NULL_FRACTION -> true;
      case NAN_FRACTION -> kind == ValueKind.REAL;
      case DISTINCT -> kind != ValueKind.OTHER;
      case MIN, MAX, MEAN, STDDEV, P05, P25, MEDIAN, P75, P95 -> kind.isNumber();
      case MIN_LENGTH, MAX_LENGTH, MEAN_LENGTH -> kind == ValueKind.TEXT;
    };
  }
}
