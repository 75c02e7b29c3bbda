package dev.weir.cli;

import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.run.Failures;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import org.jspecify.annotations.Nullable;

/** What Spark has against a statement, in a sentence and with its place. */
final class SqlFailure {
  private static final String MISSING = "TABLE_OR_VIEW_NOT_FOUND";

  /** Spark's own name of the error, in front. */
  private static final Pattern CONDITION = Pattern.compile("^\\[[A-Z0-9_.]+\\] ");

  /** The statement once more, with the place underlined. */
  private static final Pattern STATEMENT = Pattern.compile("\\n== SQL.*", Pattern.DOTALL);

  private static final Pattern PLACE =
      Pattern.compile("\\s*SQLSTATE: \\w+;?(?:\\s*\\(?line (\\d+),? pos (\\d+)\\)?;?)?\\s*$");

  private SqlFailure() {}

  /**
   * The error that a person sees.
   *
   * @param names what the statement could have named
   * @param log Spark's log, or null when it logs elsewhere
   */
  static WeirException of(Exception error, List<String> names, @Nullable String log) {
    Throwable cause = Failures.unwrap(error);
    if (cause instanceof WeirException weir) {
      return weir;
    }
    String text = Failures.of(cause).message();
    text = STATEMENT.matcher(CONDITION.matcher(text).replaceFirst("")).replaceFirst("");
    String at = "";
    Matcher place = PLACE.matcher(text);
    if (place.find()) {
      at =
          place.group(1) == null
              ? ""
              : "Line %s, position %s: ".formatted(place.group(1), place.group(2));
      text = place.replaceFirst("");
    }
    if (!(cause instanceof AnalysisException analysis)) {
      return new WeirException(
          "sql-failed",
          ErrorKind.DATA,
          at + text,
          log == null ? "" : "Spark's log is %s.".formatted(log),
          cause);
    }
    String relation = analysis.getMessageParameters().get("relationName");
    if (MISSING.equals(analysis.getCondition()) && relation != null) {
      String name = relation.replace("`", "");
      return new WeirException(
          "unknown-table",
          ErrorKind.USER,
          "%sthere is no %s in the home%s".formatted(at, name, Nearest.ending(name, names)),
          "See ./weir sql \"show schemas\" and \"show tables in lineage\".",
          cause);
    }
    return new WeirException("invalid-sql", ErrorKind.USER, at + text, "", cause);
  }
}
