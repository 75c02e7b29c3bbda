package dev.weir.ingest;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.error.Nearest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Files in one format, or an external Delta table.
 *
 * <p>CSV is read as RFC 4180 has it unless options say otherwise: a header, commas, a quote in a
 * quoted field doubled. The options are Spark's.
 *
 * @param format what the files are
 * @param path files, folders or globs; relative ones stand against the project's folder. A folder
 *     means all files below it, except those whose names begin with {@code _} or {@code .}
 * @param schema the columns as DDL, or null to infer them, which reads the files once more
 * @param options Spark's options for the format
 * @param rename new names of columns by the files' names
 * @param columns how the other columns are named
 * @param position a column to add with each row's position in its file, from 0; or null
 */
@Help("Files in one format, or an external Delta table.")
public record Files(
    @Help("What the files are.") Format format,
    @Help("Files, folders or globs; relative ones stand against the project's folder.")
        List<String> path,
    @Help("The columns as DDL, such as 'id bigint, income double'; inferred if not given.")
        @Nullable String schema,
    @Help("Spark's options for the format, such as sep, header, nullValue or multiLine.")
        @Default("{}")
        Map<String, String> options,
    @Help("New names of columns, by the names in the files.") @Default("{}")
        Map<String, String> rename,
    @Help("How the other columns are named.") @Default("as-is") Naming columns,
    @Help("A column to add with each row's position in its file, from 0.")
        @Nullable String position)
    implements Source {
  /** The formats there are. */
  public enum Format {
    /** Separated values, with a header unless {@code header} says otherwise. */
    CSV,
    /** One JSON object a line, unless {@code multiLine} says otherwise. */
    JSON,
    /** Parquet. */
    PARQUET,
    /**
     * A Delta table outside the home, read at the version that is its newest when the stage runs.
     */
    DELTA
  }

  /** How columns are named. */
  public enum Naming {
    /** As the files have it. */
    AS_IS,
    /** In lower case, with an underscore for whatever is neither letter nor digit. */
    SNAKE_CASE
  }

  /** Spark's options that a user may set, by format. Those that drop records or files are not. */
  static final Map<Format, Set<String>> OPTIONS =
      Map.of(
          Format.CSV,
          Set.of(
              "charset",
              "charToEscapeQuoteEscaping",
              "codec",
              "columnNameOfCorruptRecord",
              "comment",
              "compression",
              "dateFormat",
              "delimiter",
              "emptyValue",
              "enableDateTimeParsingFallback",
              "encoding",
              "escape",
              "header",
              "ignoreLeadingWhiteSpace",
              "ignoreTrailingWhiteSpace",
              "inferSchema",
              "inputBufferSize",
              "lineSep",
              "locale",
              "maxCharsPerColumn",
              "maxColumns",
              "multiLine",
              "nanValue",
              "negativeInf",
              "nullValue",
              "positiveInf",
              "preferDate",
              "quote",
              "samplingRatio",
              "sep",
              "timeZone",
              "timestampFormat",
              "timestampNTZFormat",
              "unescapedQuoteHandling"),
          Format.JSON,
          Set.of(
              "allowBackslashEscapingAnyCharacter",
              "allowComments",
              "allowNonNumericNumbers",
              "allowNumericLeadingZeros",
              "allowSingleQuotes",
              "allowUnquotedControlChars",
              "allowUnquotedFieldNames",
              "charset",
              "columnNameOfCorruptRecord",
              "compression",
              "dateFormat",
              "dropFieldIfAllNull",
              "enableDateTimeParsingFallback",
              "encoding",
              "inferTimestamp",
              "lineSep",
              "locale",
              "multiLine",
              "prefersDecimal",
              "primitivesAsString",
              "samplingRatio",
              "timeZone",
              "timestampFormat",
              "timestampNTZFormat"),
          Format.PARQUET,
          Set.of("mergeSchema", "datetimeRebaseMode", "int96RebaseMode"),
          Format.DELTA,
          Set.of("versionAsOf"));

  public Files {
    Objects.requireNonNull(format);
    Objects.requireNonNull(columns);
    path = List.copyOf(path);
    if (path.isEmpty() || path.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("path names at least one file, folder or glob");
    }
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    rename = Collections.unmodifiableMap(new TreeMap<>(rename));
    for (String option : options.keySet()) {
      requireKnown(format, option);
    }
    if (format == Format.DELTA && path.size() > 1) {
      throw new IllegalArgumentException("A delta source has one path, the folder of its table");
    }
    if (format == Format.DELTA && schema != null) {
      throw new IllegalArgumentException("A delta source has its own schema: leave schema out");
    }
    if (position != null && (format == Format.PARQUET || format == Format.DELTA)) {
      throw new IllegalArgumentException(
          "position is for csv and json: rows of %s have no order that counts"
              .formatted(format.name().toLowerCase(Locale.ROOT)));
    }
    if (position != null && position.isBlank()) {
      throw new IllegalArgumentException("position is the name of a column");
    }
  }

  private static void requireKnown(Format format, String option) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(OPTIONS.getOrDefault(format, Set.of()));
    if (known.contains(option)) {
      return;
    }
    String name = format.name().toLowerCase(Locale.ROOT);
    if (option.equalsIgnoreCase("mode")) {
      throw new IllegalArgumentException(
          "mode can't be set: malformed records are kept, in the column _corrupt_record, and"
              + " counted");
    }
    throw new IllegalArgumentException(
        "'%s' is not an option of %s%s (there are %s)"
            .formatted(
                option,
                name,
                Nearest.hint(option, new ArrayList<>(known)),
                String.join(", ", known)));
  }

  /** CSV files. */
  public static Files csv(String... paths) {
    return of(Format.CSV, paths);
  }

  /** Files of JSON objects. */
  public static Files json(String... paths) {
    return of(Format.JSON, paths);
  }

  /** Parquet files. */
  public static Files parquet(String... paths) {
    return of(Format.PARQUET, paths);
  }

  /** An external Delta table. */
  public static Files delta(String path) {
    return of(Format.DELTA, path);
  }

  private static Files of(Format format, String... paths) {
    return new Files(format, List.of(paths), null, Map.of(), Map.of(), Naming.AS_IS, null);
  }

  /** The same with explicit columns, as DDL. */
  public Files withSchema(String ddl) {
    return new Files(format, path, ddl, options, rename, columns, position);
  }

  /** The same with one of Spark's options. */
  public Files withOption(String name, Object value) {
    Map<String, String> more = new TreeMap<>(options);
    more.put(name, String.valueOf(value));
    return new Files(format, path, schema, more, rename, columns, position);
  }

  /** The same with a column named anew. */
  public Files withRenamed(String from, String to) {
    Map<String, String> more = new TreeMap<>(rename);
    more.put(from, to);
    return new Files(format, path, schema, options, more, columns, position);
  }

  /** The same with columns named another way. */
  public Files withColumns(Naming naming) {
    return new Files(format, path, schema, options, rename, naming, position);
  }

  /** The same with a column that has each row's position in its file. */
  public Files withPosition(String column) {
    return new Files(format, path, schema, options, rename, columns, column);
  }

  /** An option's value, by its name in any case. */
  @Nullable String option(String name) {
    for (Map.Entry<String, String> entry : options.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        return entry.getValue();
      }
    }
    return null;
  }

  /** The column that keeps what could not be read as a record, or null if the format has none. */
  @Nullable String corruptColumn() {
    if (format == Format.PARQUET || format == Format.DELTA) {
      return null;
    }
    String chosen = option("columnNameOfCorruptRecord");
    return chosen == null ? "_corrupt_record" : chosen;
  }

  /** True when each file begins with the names of its columns. */
  boolean hasHeader() {
    return format == Format.CSV && !"false".equalsIgnoreCase(option("header"));
  }

  /** The options that Spark is given: the user's over Weir's. */
  Map<String, String> sparkOptions() {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (format == Format.CSV) {
      all.put("header", "true");
      String quote = option("quote");
      if (quote == null || quote.length() == 1) {
        // RFC 4180: a quote within quotes is doubled. Spark's own default is a backslash.
        all.put("escape", quote == null ? "\"" : quote);
      }
    }
    String corrupt = corruptColumn();
    if (corrupt != null) {
      all.put("mode", "PERMISSIVE");
      all.put("columnNameOfCorruptRecord", corrupt);
    }
    all.putAll(options);
    return all;
  }
}
