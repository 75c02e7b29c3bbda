package dev.weir.config;

import dev.weir.error.WeirException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text that may be secret: environment variables in it, written <code>${NAME}</code>, are put in
 * only when it is used, and it prints as {@code ***}.
 *
 * @param template the text as it was written
 */
public record SecretText(String template) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  public SecretText {
    if (template.isBlank()) {
      throw new IllegalArgumentException("it is empty");
    }
    Matcher variable = VARIABLE.matcher(template);
    while (variable.find()) {
      if (!NAME.matcher(variable.group(1)).matches()) {
        throw new IllegalArgumentException(
            "'%s' names no environment variable: write it as ${NAME}".formatted(variable.group()));
      }
    }
    if (variable.replaceAll("").contains("${")) {
      throw new IllegalArgumentException("a '${' in it has no closing brace");
    }
  }

  /** Reads it as it stands in YAML. */
  public static SecretText parse(String text) {
    return new SecretText(text);
  }

  /** Whether it is the same in every environment. */
  public boolean plain() {
    return !template.contains("${");
  }

  /**
   * The text itself.
   *
   * @param environment the process's environment variables
   * @throws WeirException {@code unset-variable} if it names a variable that is not set
   */
  public String reveal(Map<String, String> environment) {
    return VARIABLE
        .matcher(template)
        .replaceAll(
            variable -> {
              String value = environment.get(variable.group(1));
              if (value == null || value.isEmpty()) {
                throw WeirException.user(
                    "unset-variable",
                    "The environment variable %s, which %s names under alerts, is not set."
                        .formatted(variable.group(1), Project.FILE),
                    "Set it where Weir runs.");
              }
              return Matcher.quoteReplacement(value);
            });
  }

  @Override
  public String toString() {
    return "***";
  }
}
