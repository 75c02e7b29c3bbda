package dev.weir.pipeline;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of the names of pipelines, stages and parameters. */
final class Names {
  static final String GRAMMAR = "[a-z][a-z0-9_-]{0,127}";
  private static final Pattern NAME = Pattern.compile(GRAMMAR);
  private static final Pattern PARAM = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,127}");

  private Names() {}

  /** What is wrong with a name, or null. */
  static @Nullable String fault(String kind, String name) {
    return NAME.matcher(name).matches()
        ? null
        : "'%s' can't name a %s: a name is a lower-case letter followed by lower-case letters, digits, dashes and underscores"
            .formatted(name, kind);
  }

  /** What is wrong with a parameter, or null. */
  static @Nullable String paramFault(String name, @Nullable Object value) {
    if (!PARAM.matcher(name).matches()) {
      return "'%s' can't name a parameter: a name is a letter followed by letters, digits, dashes and underscores"
          .formatted(name);
    }
    if (value == null) {
      return null;
    }
    if (!(value instanceof String
        || value instanceof Long
        || value instanceof Double
        || value instanceof Boolean)) {
      return "the parameter '%s' is a %s: a parameter is a String, a Long, a Double or a Boolean"
          .formatted(name, value.getClass().getSimpleName());
    }
    return name.equals("seed") && !(value instanceof Long)
        ? "the parameter 'seed' is a whole number, not '%s'".formatted(value)
        : null;
  }
}
