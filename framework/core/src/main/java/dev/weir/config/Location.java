package dev.weir.config;

import java.util.Comparator;

/**
 * A place in a configuration file.
 *
 * @param file the path as the user gave it
 * @param line from 1
 * @param column from 1
 */
public record Location(String file, int line, int column) {
  /** By file, then from top to bottom. */
  static final Comparator<Location> ORDER =
      Comparator.comparing(Location::file)
          .thenComparingInt(Location::line)
          .thenComparingInt(Location::column);

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
