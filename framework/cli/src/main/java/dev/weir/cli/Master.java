package dev.weir.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a master's URL, so that Spark is not started to find out what is wrong with it. */
final class Master implements ITypeConverter<String> {
  private static final Pattern VALID =
      Pattern.compile(
          """
          local(\\[\\s*(\\*|[1-9]\\d{0,5})\\s*(,\\s*[1-9]\\d{0,5}\\s*)?\\])?\
          |local-cluster\\[\\s*\\d+\\s*,\\s*\\d+\\s*,\\s*\\d+\\s*\\]\
          |yarn\
          |[a-z][a-z0-9+.-]*://.+""");

  @Override
  public String convert(String value) {
    if (!VALID.matcher(value).matches()) {
      throw new TypeConversionException(
          "'%s' is neither local, local[4] or local[*], nor yarn, nor a URL such as spark://host:7077 or k8s://https://host"
              .formatted(value));
    }
    return value;
  }
}
