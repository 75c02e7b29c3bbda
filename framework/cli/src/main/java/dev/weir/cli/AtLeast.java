package dev.weir.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A whole number from some number on. */
abstract class AtLeast implements ITypeConverter<Integer> {
  private final int least;

  AtLeast(int least) {
    this.least = least;
  }

  @Override
  public Integer convert(String value) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw refusal(value);
    }
    throw refusal(value);
  }

  private TypeConversionException refusal(String value) {
    return new TypeConversionException(
        "'%s' is not a whole number from %d up to %d".formatted(value, least, Integer.MAX_VALUE));
  }
}
