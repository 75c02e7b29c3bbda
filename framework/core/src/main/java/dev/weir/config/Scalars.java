package dev.weir.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.error.Nearest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The types that are written as one value, how they are read and how JSON schema says them. */
final class Scalars {
  private static final ClassValue<Optional<Reader>> READERS =
      new ClassValue<>() {
        @Override
        protected Optional<Reader> computeValue(Class<?> type) {
          return Optional.ofNullable(make(type));
        }
      };

  private Scalars() {}

  /** How a type is read from one value. */
  record Reader(String expected, Function<Yaml.Scalar, @Nullable Object> value, ObjectNode schema) {

    /** The value, or {@link Binder#FAULT} with the fault noted. */
    Object read(Yaml node, String what, Problems problems) {
      if (!(node instanceof Yaml.Scalar scalar) || scalar.value() == null) {
        return Binder.mistyped(node, what, expected, problems);
      }
      try {
        Object found = value.apply(scalar);
        return found == null ? Binder.mistyped(node, what, expected, problems) : found;
      } catch (Refusal refusal) {
        problems.add(node.at(), what + ": " + refusal.getMessage());
        return Binder.FAULT;
      }
    }
  }

  /** A value of the right kind that its type won't take, with the reason. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The reader of a type that is written as one value, or null for another type. */
  static @Nullable Reader reader(Class<?> type) {
    return READERS.get(type).orElse(null);
  }

  private static @Nullable Reader make(Class<?> type) {
    if (type == String.class) {
      // Numbers and booleans are taken as they are written: `header: true` is an option's text.
      return new Reader("text", Yaml.Scalar::text, texts());
    }
    if (type == Long.class) {
      return new Reader("a whole number", s -> s.value() instanceof Long n ? n : null, integers());
    }
    if (type == Integer.class) {
      return new Reader(
          "a whole number", s -> s.value() instanceof Long n ? narrow(n) : null, integers());
    }
    if (type == Double.class) {
      return new Reader(
          "a number",
          s -> s.value() instanceof Number n ? (Double) n.doubleValue() : null,
          typed("number"));
    }
    if (type == Boolean.class) {
      return new Reader(
          "true or false", s -> s.value() instanceof Boolean b ? b : null, typed("boolean"));
    }
    if (type == Duration.class) {
      return new Reader(
          "a duration such as 500ms, 10s, 5m, 1h30m or 2d",
          s -> quietly(Durations::parse, s),
          typed("string").put("pattern", Durations.GRAMMAR).put("minLength", 2));
    }
    if (type == LocalDate.class) {
      return new Reader(
          "a date such as 2024-01-31",
          s -> quietly(LocalDate::parse, s),
          typed("string").put("format", "date"));
    }
    if (type == Path.class) {
      return new Reader("a path", s -> quietly(Path::of, s), typed("string"));
    }
    if (type == URI.class) {
      return new Reader("a URI", s -> quietly(URI::create, s), typed("string"));
    }
    Method parse = Types.parse(type);
    if (parse != null) {
      return new Reader("text", s -> parsed(parse, s.text()), texts());
    }
    return type.isEnum() ? constants(type) : null;
  }

  /** The value of a text as if it stood in a file without quotes. */
  static Yaml.Scalar unquoted(Location at, String text) {
    Yaml node = YamlReader.parse("", text, new Problems());
    return node instanceof Yaml.Scalar scalar && scalar.text().equals(text)
        ? new Yaml.Scalar(at, scalar.value(), text)
        : new Yaml.Scalar(at, text, text);
  }

  private static Integer narrow(long number) {
    if (number != (int) number) {
      throw new Refusal(number + " does not fit in 32 bits", null);
    }
    return (int) number;
  }

  private static Reader constants(Class<?> type) {
    List<String> names = Keys.constants(type);
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    names.forEach(schema.putArray("enum")::add);
    return new Reader(
        "one of " + String.join(", ", names),
        scalar -> {
          int index = names.indexOf(scalar.text());
          if (index >= 0) {
            return type.getEnumConstants()[index];
          }
          throw new Refusal(
              "there is no '%s'%s"
                  .formatted(
                      scalar.text(),
                      Nearest.of(scalar.text(), names)
                          .map(n -> "; did you mean '" + n + "'?")
                          .orElse("; it is one of " + String.join(", ", names))),
              null);
        },
        schema);
  }

  private static Object parsed(Method parse, String text) {
    try {
      return parse.invoke(null, text);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw new Refusal(Binder.reason(cause == null ? e : cause), cause);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("Can't call " + parse, e);
    }
  }

  private static @Nullable Object quietly(Function<String, Object> reader, Yaml.Scalar scalar) {
    try {
      return reader.apply(scalar.text());
    } catch (DateTimeException | IllegalArgumentException e) {
      return null;
    }
  }

  private static ObjectNode typed(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static ObjectNode integers() {
    return typed("integer");
  }

  private static ObjectNode texts() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.putArray("type").add("string").add("number").add("boolean");
    return schema;
  }
}
