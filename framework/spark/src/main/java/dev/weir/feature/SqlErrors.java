package dev.weir.feature;

import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;

/** Spark's errors about a query, in a sentence. */
final class SqlErrors {
  private static final Pattern PLACE = Pattern.compile("line (\\d+),? pos (\\d+)");

  private SqlErrors() {}

  /**
   * An error that says where in the query what is wrong.
   *
   * @param where what the query is called
   * @param params the parameters that the query may name
   */
  static WeirException of(String where, Exception e, Collection<String> params) {
    String message = String.valueOf(e.getMessage()).strip();
    Matcher place = PLACE.matcher(message);
    String at = place.find() ? where + ", line " + place.group(1) : where;
    if (e instanceof SparkThrowable spark && spark.getCondition() != null) {
      Map<String, String> named = spark.getMessageParameters();
      String condition = spark.getCondition();
      if (condition.startsWith("UNRESOLVED_COLUMN") || condition.startsWith("UNRESOLVED_FIELD")) {
        return unknownColumn(at, named, e);
      }
      if (condition.startsWith("UNBOUND_SQL_PARAMETER")) {
        String name = named.getOrDefault("name", "?").replace("`", "");
        return error(
            "unknown-parameter",
            "%s: there is no parameter '%s'%s".formatted(at, name, Nearest.ending(name, params)),
            "Declare it under params.",
            e);
      }
    }
    return error("bad-sql", at + ": " + shortened(message), "", e);
  }

  private static WeirException unknownColumn(String at, Map<String, String> named, Exception e) {
    String name = named.getOrDefault("objectName", named.getOrDefault("fieldName", "?"));
    String plain = last(name);
    List<String> proposals = new ArrayList<>();
    Arrays.stream(named.getOrDefault("proposal", "").split(", "))
        .filter(p -> !p.isBlank())
        .map(SqlErrors::last)
        .forEach(proposals::add);
    return error(
        "unknown-column",
        "%s: there is no column '%s'%s"
            .formatted(at, name.replace("`", ""), Nearest.ending(plain, proposals)),
        proposals.isEmpty() ? "" : "Nearest are " + String.join(", ", proposals) + ".",
        e);
  }

  /** The last part of {@code `clean`.`income`}. */
  private static String last(String quoted) {
    String[] parts = quoted.split("`\\.`", -1);
    return parts[parts.length - 1].replace("`", "");
  }

  /** The first line, without Spark's codes and plans. */
  private static String shortened(String message) {
    String line = message.lines().findFirst().orElse("");
    line =
        line.replaceFirst("^\\[[A-Z0-9_.]+\\]\\s*", "")
            .replaceFirst("\\s*SQLSTATE: \\w+.*$", "")
            .replaceFirst("\\s*[;(]\\s*line \\d+,? pos \\d+\\)?.*$", "")
            .strip();
    return line.endsWith(".") ? line : line + ".";
  }

  private static WeirException error(String code, String found, String remedy, Exception e) {
    return new WeirException(code, ErrorKind.USER, found, remedy, e);
  }
}
