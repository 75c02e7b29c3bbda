package dev.weir.quality;

import dev.weir.profile.ColumnProfile;
import dev.weir.profile.Frequencies;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the texts of a column look like: the writing of something, or of few shapes.
 *
 * @param format what they are the writing of, or null for a shape
 * @param pattern the regular expression of the shapes; empty for a format
 * @param doubt why one is less sure of it, or null
 */
record TextForm(@Nullable Format format, String pattern, String evidence, @Nullable String doubt) {
  private static final List<Format> FORMATS =
      List.of(
          Format.UUID,
          Format.DATE,
          Format.TIMESTAMP,
          Format.INTEGRAL,
          Format.NUMERIC,
          Format.BOOLEAN,
          Format.URL,
          Format.EMAIL);

  /** More shapes than these are no rule. */
  private static final int FEW_SHAPES = 3;

  /** A shape that is rarer may not be the only rare one. */
  private static final long SELDOM = 5;

  /** Up to so many, all values are looked at by the profile, and then a sample. */
  private static final long WHOLE = 1 << 15;

  private static final int LONGEST_SHAPE = 40;

  /** The form of a column of texts, if it has one. */
  static Optional<TextForm> of(ColumnProfile column) {
    Frequencies shapes = column.patterns();
    if (shapes == null || shapes.items().isEmpty()) {
      return Optional.empty();
    }
    for (Format format : FORMATS) {
      Optional<TextForm> form = written(column, shapes, format);
      if (form.isPresent()) {
        return form;
      }
    }
    return shaped(column, shapes);
  }

  private static Optional<TextForm> written(
      ColumnProfile column, Frequencies shapes, Format format) {
    Pattern pattern = Pattern.compile(format.pattern());
    List<String> values = values(column);
    boolean fits =
        values.stream().allMatch(value -> pattern.matcher(value).matches())
            && shapes.items().stream().allMatch(shape -> fits(shape.value(), format, pattern));
    if (!fits || values.isEmpty() || !exist(values, format)) {
      return Optional.empty();
    }
    boolean number = format == Format.INTEGRAL || format == Format.NUMERIC;
    boolean lettered =
        shapes.items().stream()
            .anyMatch(shape -> shape.value().chars().anyMatch(c -> c == 'a' || c == 'A'));
    boolean sure = all(column) || (number && !lettered && allShapes(column, shapes));
    return Optional.of(
        new TextForm(
            format,
            "",
            "such as %s".formatted(values.get(0)),
            // Spark reads some times that others don't.
            sure && format != Format.TIMESTAMP
                ? null
                : "not all values were kept, but those that were are such"));
  }

  /** The values that are known: the most frequent, the first and the last. */
  private static List<String> values(ColumnProfile column) {
    Set<String> values = new LinkedHashSet<>();
    Frequencies frequent = column.frequent();
    if (frequent != null) {
      frequent.items().forEach(item -> values.add(item.value()));
    }
    for (String end : Arrays.asList(column.min(), column.max())) {
      if (end != null) {
        values.add(end);
      }
    }
    values.removeIf(value -> value.endsWith("…"));
    return List.copyOf(values);
  }

  private static boolean all(ColumnProfile column) {
    Frequencies frequent = column.frequent();
    return frequent != null
        && frequent.exact()
        && frequent.items().stream().noneMatch(item -> item.value().endsWith("…"));
  }

  /** Whether every value's shape is known. */
  private static boolean allShapes(ColumnProfile column, Frequencies shapes) {
    return shapes.exact()
        && column.values() <= WHOLE
        && shapes.items().stream().allMatch(shape -> shape.value().length() < LONGEST_SHAPE);
  }

  private static boolean fits(String shape, Format format, Pattern pattern) {
    if (shape.length() >= LONGEST_SHAPE) {
      return format == Format.URL;
    }
    if (format == Format.URL) {
      return shape.contains("://");
    }
    // true and false have no other letters, and any four or five have their shape.
    return format == Format.BOOLEAN || pattern.matcher(example(shape)).matches();
  }

  /** A text of a shape; its letters are such that a number or a UUID may have. */
  private static String example(String shape) {
    return shape.replace('9', '1').replace('a', 'e').replace('A', 'E');
  }

  /** Whether there are such days. */
  private static boolean exist(List<String> values, Format format) {
    if (format != Format.DATE) {
      return true;
    }
    try {
      values.forEach(LocalDate::parse);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static Optional<TextForm> shaped(ColumnProfile column, Frequencies shapes) {
    if (!shapes.exact()
        || shapes.items().stream().anyMatch(shape -> shape.value().length() >= LONGEST_SHAPE)) {
      return Optional.empty();
    }
    Set<String> patterns = new LinkedHashSet<>();
    shapes.items().forEach(shape -> patterns.add(regularExpression(shape.value())));
    if (patterns.size() > FEW_SHAPES || patterns.contains("")) {
      return Optional.empty();
    }
    long rarest =
        patterns.stream()
            .mapToLong(
                pattern ->
                    shapes.items().stream()
                        .filter(shape -> regularExpression(shape.value()).equals(pattern))
                        .mapToLong(Frequencies.Item::count)
                        .sum())
            .min()
            .orElse(0);
    String examples =
        shapes.items().stream()
            .limit(FEW_SHAPES)
            .map(Frequencies.Item::value)
            .collect(Collectors.joining(", "));
    return Optional.of(
        new TextForm(
            null,
            String.join("|", patterns),
            "of the shape %s (9 a digit, A and a letters, x any other)".formatted(examples),
            !allShapes(column, shapes)
                ? "not all values were looked at"
                : rarest < SELDOM ? "where a shape is so rare there may be others" : null));
  }

  /** Runs of the same kind of character, however long. */
  private static String regularExpression(String shape) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < shape.length(); ) {
      char kind = shape.charAt(i);
      int end = i;
      while (end < shape.length() && shape.charAt(end) == kind) {
        end++;
      }
      switch (kind) {
        case '9' -> pattern.append("[0-9]+");
        case 'A' -> pattern.append("[A-Z]+");
        case 'a' -> pattern.append("[a-z]+");
        // A letter of ASCII would be an a.
        case 'x' -> pattern.append("[^\\x00-\\x7F]+");
        case ' ' -> pattern.append("[\\x00-\\x20\\x7F]+");
        default -> pattern.append(escaped(kind).repeat(end - i));
      }
      i = end;
    }
    return pattern.toString();
  }

  private static String escaped(char punctuation) {
    return "\\.[]{}()*+-?^$|&#".indexOf(punctuation) >= 0
        ? "\\" + punctuation
        : String.valueOf(punctuation);
  }
}
