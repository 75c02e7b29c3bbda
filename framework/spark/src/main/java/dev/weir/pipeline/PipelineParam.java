package dev.weir.pipeline;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Key;
import dev.weir.config.Keys;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A parameter that a pipeline's file declares.
 *
 * @param name the parameter's name
 * @param type what its values are
 * @param absent the value when none is given, or null if one must be
 * @param help what it is for, or null
 */
public record PipelineParam(
    String name, Type type, @Nullable Object absent, @Nullable String help) {
  public PipelineParam {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
  }

  /** What the values of a parameter are. */
  public enum Type {
    /** Any text. */
    STRING("text"),
    /** A whole number of 64 bits. */
    INT("a whole number"),
    /** A number. */
    DOUBLE("a number"),
    /** True or false. */
    BOOLEAN("true or false");

    private final String described;

    Type(String described) {
      this.described = described;
    }

    /** The type of a value, or null if no parameter has such a value. */
    static @Nullable Type of(@Nullable Object value) {
      if (value instanceof String) {
        return STRING;
      }
      if (value instanceof Long) {
        return INT;
      }
      if (value instanceof Double) {
        return DOUBLE;
      }
      return value instanceof Boolean ? BOOLEAN : null;
    }
  }

  /** The declaration of a parameter where it is more than a default. */
  @Help("A parameter of the pipeline: ${name} stands for its value.")
  record Declared(
      @Help("What its values are.") @Default("string") Type type,
      @Help("The value when none is given with --param; without it, one must be.") @Key("default")
          @Nullable Object absent,
      @Help("What it is for.") @Nullable String help) {}

  /** The value, if it is one of this parameter's type, or null. A whole number is a number. */
  @Nullable Object accept(Object value) {
    if (type == Type.DOUBLE && value instanceof Long number) {
      return number.doubleValue();
    }
    return type == Type.of(value) ? value : null;
  }

  /**
   * Reads a value given as text; throws {@link IllegalArgumentException} that says what was
   * expected.
   */
  public Object parse(String text) {
    try {
      return switch (type) {
        case STRING -> text;
        case INT -> Long.valueOf(text);
        case DOUBLE -> Double.valueOf(text);
        case BOOLEAN -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
          }
          yield Boolean.valueOf(text);
        }
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the parameter '%s' is %s, not '%s'".formatted(name, type.described, text), e);
    }
  }

  /** What a value is in words, such as {@code a whole number}. */
  String described() {
    return type.described;
  }

  @Override
  public String toString() {
    return name + ": " + Keys.of(type) + (absent == null ? "" : " = " + absent);
  }
}
